"""A month's invoice and usage statement for a company, and the view that they are made from.

Not here: the government's report (government), and tax XML (tax).
Entry: `build_month_view.issued_view`, `invoice_pdf.invoice_pdf`.
"""
