"""Slurm: accounting by sacct as text or JSON, node events, totals of sreport.

Not here: merging runs with those in force (collect).
Entry: `source.read`.
"""
