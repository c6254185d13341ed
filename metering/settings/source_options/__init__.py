"""What each kind of source may say of itself in site.toml, one module a kind.

Not here: sections and the rest of site.toml (settings), and reading a source (sources).
Entry: `kinds.READERS`; what comes of it is `source_config.SourceConfig`.
"""
