"""Months of a centre that is drawn from a seed, lived by the commands while everything fails.

What is true is known apart from the program: `centre`. `plan` draws what goes wrong, `telling` what
sources say of it, `hazards` what befalls a command, `servers` the ones that fail; `story` lives the
months and `judge` holds what came out to what is true. A seed alone: `python -m tests.simulator 7`.

Not here: years that only plain values live (tests/property), kills of one act (tests/crash).
Entry: story.live, which gives what the judge has against a seed.
"""
