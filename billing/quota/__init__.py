"""How every limit stands on any day: granted, used, left; pace, low use, idle allocations, alarms.

Not here: applying limits to a charge (subsidy).
Entry: `limits_on_day.limit_states`.
"""
