"""Pages, tables, fonts, PDF, spreadsheets and CSV: how documents are drawn and written to files.

Not here: what a document says (month, government, tax), nor how its words read (wording).
Entry: `pdf_pages.PdfPages`, `workbook.Workbook`, `report_table.ReportTable`, `csv_file.csv_bytes`.
"""
