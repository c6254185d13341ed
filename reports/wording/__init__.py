"""How figures, dates, codes, limits, accounts, findings and reasons read in Korean, each once.

Not here: where they stand on a page (layout).
Entry: `numbers_and_dates.krw`, `labels.FUNDINGS`, `limit_words.amount_text`.
"""
