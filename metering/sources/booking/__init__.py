"""Bookings of test equipment: reservations, use, missed and late ones.

Not here: which of them is billed (collect).
Entry: `source.read`.
"""
