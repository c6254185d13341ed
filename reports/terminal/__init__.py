"""The terminal: the screen, its tables, and what commands show of their results.

Not here: commands and their arguments (jeongsan).
Entry: `screen.Screen`.
"""
