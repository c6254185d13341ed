"""CSV and Parquet tables of any origin, by the map of columns in site.toml.

Not here: tables whose form a product fixes (the other kinds).
Entry: `source.read`.
"""
