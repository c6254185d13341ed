"""Kubernetes: pods out of kube-state-metrics and resource claims as allocations, states of nodes.

Not here: asking a Prometheus server (prometheus).
Entry: `source.read`.
"""
