"""Reports to the state: a month's operation, and the settlement of a programme's budget year.

Not here: what the settlement comes to (billing/grant).
Entry: `monthly_report.government_report`, `settlement_view.write_settlement`.
"""
