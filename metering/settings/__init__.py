"""What a site says of itself in site.toml, read strictly, every mistake with its line.

Not here: who owns what and when (registry), and reading any source (sources).
Entry: `site_toml.read_site`.
"""
