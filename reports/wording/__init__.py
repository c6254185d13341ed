"""How figures, dates, codes, limits, accounts, findings, reasons and messages read in Korean, each
once.

Not here: where they stand on a page (layout), what messages say (messages, english).
Entry: `numbers_and_dates.krw`, `labels.FUNDINGS`, `limit_words.amount_text`, `shown_text.korean`.
"""
