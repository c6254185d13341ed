"""From a won back to rule values, limits, hours, allocations and files.

Not here: how the answer reads (reports/explain).
Entry: `explain.explain`.
"""
