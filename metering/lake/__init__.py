"""Rows by the million: partitions under manifests, held to contracts, on disk or in a bucket.

Not here: what the rows mean (landing, usage), and which tables a person decides in (database).
Entry: `lake.Lake`; what changes partitions is `change.Change`.
"""
