"""Owns the commit of a programme's day: budgets, the funding split, and the rows it leaves."""

from collections.abc import Mapping, Sequence
from datetime import date

from billing.carry import Carry
from billing.company_part import FeePart, owed
from billing.funding import Split
from billing.limit import Standing, limit_krw
from billing.programme import COMPANY_IN_KIND, Programme
from billing.records import Subsidy, VatBase
from billing.segment import CarryKey, Claimed, Segment


def limit_budget(
    programme: Programme, claims: Sequence[Claimed], standing: Standing, day: date
) -> list[str]:
    """Cuts a day's claims to what the tightest funding source has left of the day's budget year;
    returns the sources that have no budget for that year, which pay nothing."""
    left, without = _left(programme, standing, day)
    granted = sum(claim.granted for claim in claims)
    if all(room is None or room >= granted for room in left):
        return without
    numerators, denominator = shares = programme.shares(day)
    tightest = min(
        (room * denominator // n if n else granted, i)  # who bears no share limits nothing
        for i, (room, n) in enumerate(zip(left, numerators, strict=True))
        if room is not None
    )
    limit, name = tightest[0], programme.funding[tightest[1]].name
    stopped_by = f"budget:{programme.programme}:{name}:{day.year}"
    while True:
        limit_krw(claims, standing, limit, stopped_by)
        parts = _try_split(programme, claims, standing, shares)
        over = max(p - room for p, room in zip(parts, left, strict=True) if room is not None)
        if over <= 0:
            return without
        limit = max(min(limit, sum(claim.granted for claim in claims)) - over, 0)


def _left(
    programme: Programme, standing: Standing, day: date
) -> tuple[list[int | None], list[str]]:
    """What each source has left of the budget of the day's year; None where it has no limit, or
    no budget and no share that would need one."""
    left: list[int | None] = []
    without: list[str] = []
    shares, _ = programme.shares(day)
    for source, numerator in zip(programme.funding, shares, strict=True):
        budget = source.budget(day)
        if source.budgets is None or (budget is None and numerator == 0):
            left.append(None)
        elif budget is None:
            left.append(0)
            without.append(source.name)
        else:
            key = ("budget", programme.programme, source.name, budget.years)
            left.append(max(budget.krw - standing.used.get(key, 0), 0))
    return left, without


def _try_split(
    programme: Programme,
    claims: Sequence[Claimed],
    standing: Standing,
    shares: tuple[tuple[int, ...], int],
) -> list[int]:
    """What each source would pay, leaving the standing as it is."""
    carries: dict[CarryKey, Carry] = {}
    splits: dict[str, Split] = {}
    sums = [0] * len(programme.funding)
    for claim in claims:
        company_id = claim.row.charge.company_id
        if claim.key not in carries:
            carries[claim.key] = standing.share_of(claim.key).copy()
        if company_id not in splits:
            splits[company_id] = _split(standing, programme, company_id).copy()
        subsidy = _subsidy(claim, carries[claim.key])
        for i, part in enumerate(splits[company_id].part(subsidy, shares)):
            sums[i] += part
    return sums


def _subsidy(claim: Claimed, carry: Carry) -> int:
    """The subsidy of a claim after all limits; the company's share is what is floored."""
    exact = owed(claim.part, claim.krw, claim.quantity)
    subsidy = min(claim.krw - carry.whole(claim.krw, exact), claim.granted)
    carry.pay(exact, claim.krw - subsidy)
    return subsidy


def _split(standing: Standing, programme: Programme, company_id: str) -> Split:
    key = (programme.programme, company_id)
    if key not in standing.splits:
        standing.splits[key] = Split((0,) * len(programme.funding))
    return standing.splits[key]


def commit(
    programme: Programme, claims: Sequence[Claimed], standing: Standing, day: date
) -> list[Subsidy]:
    """Counts everything as used and returns the day's rows, one a charge, award and source. What
    the company still owes of a covered part stays open only to programmes that stack."""
    shares = programme.shares(day)
    names = [source.name for source in programme.funding]
    paid_by = dict.fromkeys(names, 0)
    rows: dict[tuple[str, str, str, str, str], Subsidy] = {}
    for claim in claims:
        subsidy = _subsidy(claim, standing.share_of(claim.key))
        split = _split(standing, programme, claim.row.charge.company_id)
        in_kind = _in_kind(claim, claim.krw - subsidy, standing)
        _use(programme, claim, subsidy, standing)
        if programme.stacking and claim.quantity:
            residue = claim.krw - subsidy - in_kind
            claim.row.segments.append(Segment(claim.quantity, residue, fresh=False))
        paid = [(n, p) for n, p in zip(names, split.part(subsidy, shares), strict=True) if p]
        for name, krw in paid:
            paid_by[name] += krw
        if not paid and claim.stopped_by:
            paid = [(names[0], 0)]  # the row that says what stopped it
        if in_kind:
            paid.append((COMPANY_IN_KIND, in_kind))
        for funding, krw in paid:
            _add(rows, programme, claim, funding, krw)
    _use_budgets(programme, paid_by, standing, day)
    return list(rows.values())


def _in_kind(claim: Claimed, company_krw: int, standing: Standing) -> int:
    """What the company brings in kind of its own part."""
    share = claim.terms.in_kind_share
    if not share[0]:
        return 0
    carry = standing.in_kind.setdefault(claim.key, Carry())
    exact = (share[0] * claim.krw, share[1])
    krw = min(carry.whole(claim.krw, exact), company_krw)
    carry.pay(exact, krw)
    return krw


def _use(programme: Programme, claim: Claimed, subsidy: int, standing: Standing) -> None:
    charge, award_id = claim.row.charge, claim.grant.award.award_id
    if claim.quota_key is not None:
        standing.use(claim.quota_key, claim.quantity * claim.quota_weight)
    elif claim.level_key is not None:
        level = standing.levels.get(claim.level_key, 0)
        standing.levels[claim.level_key] = level + claim.quantity * claim.quota_weight
    if isinstance(claim.part, FeePart):
        standing.fees[award_id] -= claim.krw - subsidy
    if subsidy:
        year = str(charge.day.year)
        standing.award_month[award_id] = standing.award_month.get(award_id, 0) + subsidy
        standing.use(("award", award_id), subsidy)
        standing.use(("company_year", programme.programme, charge.company_id, year), subsidy)


def _use_budgets(
    programme: Programme, paid_by: Mapping[str, int], standing: Standing, day: date
) -> None:
    for source in programme.funding:
        budget = source.budget(day)
        if budget is not None:
            key = ("budget", programme.programme, source.name, budget.years)
            standing.use(key, paid_by[source.name])
            assert paid_by[source.name] == 0 or standing.used[key] <= budget.krw, "never passed"
        else:
            assert source.budgets is None or paid_by[source.name] == 0, "no budget, no won"


def _add(
    rows: dict[tuple[str, str, str, str, str], Subsidy],
    programme: Programme,
    claim: Claimed,
    funding: str,
    krw: int,
) -> None:
    """One row a charge, award and source; parts of one charge are added up."""
    charge, award_id = claim.row.charge, claim.grant.award.award_id
    key = (charge.company_id, charge.project_id, charge.sku, award_id, funding)
    before = rows.get(key)
    vat_base: VatBase = "GROSS" if funding == COMPANY_IN_KIND else claim.terms.vat_base
    rows[key] = Subsidy(
        day=charge.day,
        company_id=charge.company_id,
        project_id=charge.project_id,
        sku=charge.sku,
        programme=programme.programme,
        award_id=award_id,
        funding=funding,
        subsidy_krw=krw + (before.subsidy_krw if before else 0),
        vat_base="EXEMPT" if claim.row.tax_exempt else vat_base,
        rule=claim.terms.rule,
        stopped_by=claim.stopped_by or (before.stopped_by if before else ""),
    )
