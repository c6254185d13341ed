"""Pages, tables, fonts, PDF and spreadsheets: how documents of every kind are drawn and written.

Not here: what a document says.
Entry: `page.Paper`, `workbook.Book`, `report_table.Grid`.
"""
