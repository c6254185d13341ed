"""Vendor families: how metrics and labels of a kind of exporter become samples, as YAML says.

Not here: getting the metrics (prometheus, exposition).
Entry: `family.family`.
"""
