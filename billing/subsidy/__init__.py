"""What programmes pay of a day's charges: eligibility, entitlement, limits, order, funding.

Not here: the months in which days follow one another (month), and showing limits (quota).
Entry: `subsidise.subsidise`.
"""
