"""Broken partitions made anew beside a site: out of samples, sources and what lies whole.

Not here: what issued months are proved by, and what is put back (billing/verify).
Entry: `scratch_site.scratch_site`, then `make_anew.make_anew`.
"""
