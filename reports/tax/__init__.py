"""Electronic tax invoices as draft XML of the standard: structure, signature, files.

Not here: which documents are taxed (billing/close).
Entry: `drafts.tax_drafts`, `view.write_tax`.
"""
