"""How figures, dates, codes, limits, accounts, findings, reasons and messages read in Korean, each
once.

Not here: where they stand on a page (layout), the catalogue of messages (messages).
Entry: `numbers_and_dates.krw`, `labels.FUNDINGS`, `limit_words.amount_text`, `shown_text.korean`.
"""
