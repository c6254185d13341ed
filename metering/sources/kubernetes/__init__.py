"""Kubernetes by kube-state-metrics: pods as allocations, states of nodes.

Not here: asking a Prometheus server (prometheus).
Entry: `source.read`.
"""
