"""Numbers, documents, postings and payments as stored; every table of money. It only adds.

Not here: deciding amounts (month, rerating, payment).
Entry: `ledger.record_issue`.
"""
