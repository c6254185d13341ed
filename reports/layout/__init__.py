"""Pages, tables, fonts, PDF and spreadsheets: how documents of every kind are drawn and written.

Not here: what a document says.
Entry: `pdf_pages.PdfPages`, `workbook.Workbook`, `report_table.ReportTable`.
"""
