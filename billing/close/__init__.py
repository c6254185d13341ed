"""The close of a month: draft, approve, issue; what is on no invoice; issued months read back.

Not here: amounts (month), and corrections of issued months (adjust).
Entry: `draft_month.draft`, `approve_month.approve`, `issue_month.issue`.
"""
