"""How figures, dates, accounts, findings and reasons read in Korean.

Not here: where they stand on a page (layout).
Entry: `numbers_and_dates.krw` and its neighbours.
"""
