"""Tables of a site as exact DataFrames, for notebooks and spreadsheets; metered usage, added up.

Not here: counting (metering) and pricing (billing); the documents of a month (month, government).
Entry: `frames.tables`, `frames.frame`, `metered_usage.metered_usage`.
"""
