"""The terminal: the screen and its tables, and what commands show of invoices, corrections, books.

Not here: commands and their arguments (jeongsan); views of what has a folder of its own.
Entry: `screen.Screen`.
"""
