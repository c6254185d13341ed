"""What people read: documents, spreadsheets, the terminal. Every figure comes from billing.

Not here: deciding or counting anything.
Entry: `documents.render_month`, `verify_documents.verify_month`.
"""
