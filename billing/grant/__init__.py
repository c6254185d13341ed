"""A programme's budget year settled with the state, by funding source; money received and returned.

Not here: what the programme paid day by day (subsidy).
Entry: `settlement_ledger.settlement`.
"""
