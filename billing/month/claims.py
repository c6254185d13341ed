"""Owns what funders are asked for: a month's subsidies as claims."""

from collections import defaultdict
from collections.abc import Iterable

from billing.records import Claim, Subsidy
from billing.rulebook.rule_book import RuleBook


def claims(subsidies: Iterable[Subsidy], book: RuleBook, month: str) -> tuple[Claim, ...]:
    """What each funding source of a programme bears for each company's month. VAT is never part
    of it; only what is `claimed` or `advanced` is anybody else's money."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for s in subsidies:
        sums[s.programme, s.funding, s.company_id] += s.subsidy_krw
    of_funders: list[Claim] = []
    for (name, funding, company_id), krw in sorted(sums.items()):
        programme = book.programme(name)
        assert programme is not None, "a subsidy names a programme of its rule book"
        if krw:
            settled = programme.settled(funding)
            of_funders.append(Claim(month, name, funding, company_id, settled, krw))
    return tuple(of_funders)
