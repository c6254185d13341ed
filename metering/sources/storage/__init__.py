"""Storage: quotas, buckets and pools of Lustre, GPFS and Ceph, each level held until the next.

Not here: prices of storage (billing).
Entry: `source.read`.
"""
