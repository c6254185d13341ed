"""The one database: its connection, metering's tables in it, findings and decisions about them.

Not here: tables of money (billing/ledger), and rows by the million (lake).
Entry: `connection.open_database`.
"""
