"""What was used: sources, landing, lake and usage, in integers of named units.

Not here: prices, programmes and money (billing), and how anything is shown (reports).
Entry: `metering.collect.collect.collect`, then `metering.usage.meter.meter`.
"""
