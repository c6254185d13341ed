"""The pure month: charges, subsidies, invoices and claims, from plain values alone.

Not here: reading a month's inputs (draft), and issuing (close).
Entry: `pure_month.compute_month`.
"""
