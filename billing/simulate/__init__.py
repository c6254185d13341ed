"""Months as they stand in a row, and the same usage under other rules. It only reads.

Not here: changing anything in force (close, adjust).
Entry: `simulate.simulate`.
"""
