"""How a site and a draft stand: coverage, open findings, what changed, what to do next.

Not here: approving (billing/close).
Entry: `status_view.show_status`, `readiness.ready`, `approval_text.approval_text`.
"""
