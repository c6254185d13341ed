"""Every price, programme and tax rule as dated values, each with who says so; read strictly.

Not here: applying them (subsidy, month).
Entry: `rule_book.read_rulebook`.
"""
