"""What all kinds of source share: batches, exact numbers, files, web requests, row schemas.

Not here: anything that one kind alone knows.
Entry: `batch.Batch`, which every kind gives.
"""
