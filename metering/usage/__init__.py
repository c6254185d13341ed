"""The lake to usage: queries of a day, what it was made from, evidence, checks.

Not here: collecting (collect), and what usage costs (billing).
Entry: `meter.meter`.
"""
