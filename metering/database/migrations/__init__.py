"""The steps by which the database got its shape; each is written once and never edited.

Not here: the tables as they are now (database, billing/ledger).
Entry: `metering.database.connection.open_database`, which runs the steps that are missing.
"""
