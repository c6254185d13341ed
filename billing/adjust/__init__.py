"""Corrections of issued months: what wants one, looking, approving, issuing.

Not here: what a correction comes to (rerating).
Entry: `adjust.adjust`.
"""
