"""The close of a month: draft, decide, approve, issue; what is on no invoice; issued months back.

Not here: amounts (month), and corrections of issued months (adjust).
Entry: `draft_month.draft`, `decide_together.decide`, `approve_month.approve`, `issue_month.issue`.
"""
