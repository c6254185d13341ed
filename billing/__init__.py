"""What usage costs and who pays: rules, subsidies, documents, ledger, corrections, in whole won.

Not here: counting (metering), and how it is shown (reports). No float and no clock.
Entry: `billing.month.pure_month.compute_month`, which all paths to an amount go through.
"""
