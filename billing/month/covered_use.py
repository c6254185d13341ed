"""Owns what awards covered in a month that was rated before: how much of which SKU on which day.

Subsidies are in won, so the month is rated again from what it was made from; what that says of a
charge holds where it comes to the same won."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billing.records import Charge, Subsidy
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.award_terms import grants
from billing.subsidy.balance import Balance
from billing.subsidy.caps import CoveredKey, RunningUse
from billing.subsidy.quotas import is_storage
from billing.subsidy.subsidise import MonthRun
from metering.registry.registry import Registry

OFF_KRW = 2  # so much a rounding may be off, by an earlier version or a company rated alone
Use = tuple[str, date, bool]


@dataclass(frozen=True, slots=True)
class CoveredUse:
    """`of`: quantity by SKU, day and whether it is storage, of each award; `unknown`: awards of
    which that is not known."""

    of: Mapping[str, Mapping[Use, int]]
    unknown: frozenset[str]


def covered_use(
    charges: Sequence[Charge],
    subsidies: Sequence[Subsidy],
    book: RuleBook,
    registry: Registry,
    opening: Balance,
    days: Sequence[date],
) -> CoveredUse:
    """What every award covered of a month's charges, given the subsidies that stand for them."""
    in_force, _ = grants(registry, book, days)
    standing = RunningUse.opening(opening)
    standing.covered = {}
    again = _paid(MonthRun(book, in_force, standing).advance(charges))
    stands = _paid(subsidies)
    stopped = {_key(row) for row in subsidies if row.stopped_by}
    payers: dict[tuple[str, str, date], set[str]] = defaultdict(set)
    for row in subsidies:
        payers[row.project_id, row.sku, row.day].add(row.award_id)
    quantities = {(c.project_id, c.sku, c.day): c.quantity for c in charges}
    stored = {c.sku for c in charges if is_storage(c.unit)}
    covered: dict[str, dict[Use, int]] = defaultdict(lambda: defaultdict(int))
    unknown = set()
    for key in sorted({*standing.covered, *stands}):
        award_id, project_id, sku, day = key
        off = abs(stands.get(key, 0) - again.get(key, 0))
        if off <= OFF_KRW:
            quantity = standing.covered.get(key, 0)
        elif key not in stopped and payers[project_id, sku, day] <= {award_id}:
            quantity = quantities[project_id, sku, day] if key in stands else 0
        else:
            unknown.add(award_id)
            continue
        covered[award_id][sku, day, sku in stored] += quantity
    return CoveredUse(covered, frozenset(unknown))


def _key(row: Subsidy) -> CoveredKey:
    return row.award_id, row.project_id, row.sku, row.day


def _paid(subsidies: Iterable[Subsidy]) -> Mapping[CoveredKey, int]:
    sums: dict[CoveredKey, int] = defaultdict(int)
    for row in subsidies:
        sums[_key(row)] += row.subsidy_krw
    return sums
