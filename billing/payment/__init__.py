"""The bank's list, what it pays, what a person decides, what is open, overdue or owed back.

Not here: what is owed in the first place (month, ledger).
Entry: `import_payments.import_file`.
"""
