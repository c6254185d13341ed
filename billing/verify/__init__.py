"""Issued months computed again and compared; a month as one file that proves itself anywhere.

Not here: keeping what a month is rebuilt from (bundle).
Entry: `verify.verify`, `portable_copy.verify_file`.
"""
