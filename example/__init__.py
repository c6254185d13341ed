"""An invented centre: its people, machines, scheduler and telemetry, generated from a seed.

Not here: anything that a real site uses.
Entry: `demo.run_demo`.
"""
