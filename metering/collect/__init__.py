"""Sources to the lake: each source's rows landed whole by accounting day, refused rows kept.

Not here: reading a source's form (sources), and intervals (landing).
Entry: `collect.collect`.
"""
