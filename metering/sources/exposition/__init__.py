"""Prometheus text of exporters, out of files or asked of the exporters themselves.

Not here: what a metric means (families), and a server's stored samples (prometheus).
Entry: `source.read`.
"""
