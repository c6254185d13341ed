"""A site as a whole: a new one written, its registry loaded, an existing one opened.

Not here: what site.toml may say (settings), and rules and prices (billing/rulebook).
Entry: `open_site.open_site`.
"""
