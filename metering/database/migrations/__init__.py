"""The steps by which the database got its shape; each is written once and never edited.

Not here: the tables as they are now (database, billing/ledger).
Entry: `connection.open_database` runs those in `versions` that are missing.
"""
