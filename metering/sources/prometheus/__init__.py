"""Prometheus servers and their kin: raw samples by remote read or JSON, hour by hour.

Not here: what a metric means (families), and text of exporters (exposition).
Entry: `source.read`.
"""
