"""An issued month rated again: causes of each difference, amended documents. Pure.

Not here: reading what is known now, and issuing a correction (adjust).
Entry: `correction.correct`.
"""
