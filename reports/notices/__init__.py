"""Telling people: what is written to whom, and the mail server and webhook that it goes through.

Not here: which limits have reached a mark (billing/quota) and how that reads (reports/quota).
Entry: `run_notices.tell`, `send_notice.send_mail`, `send_notice.post`.
"""
