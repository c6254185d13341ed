"""Issued months computed again and compared; a month as one file that proves itself anywhere.

Not here: keeping what a month is rebuilt from (bundle).
Entry: `verify.verify`, `copy_month.copy_month`, `verify_copy.verify_file`.
"""
