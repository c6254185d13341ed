"""Samples to intervals: what each sample vouches for, derived shard by shard.

Not here: reading sources (sources), and usage by owner (usage).
Entry: `land.land_samples`.
"""
