"""Owns the commit of a programme's day: budgets, the funding split, and the rows it leaves."""

from collections.abc import Mapping, Sequence
from datetime import date

from billing.records import VatBase
from billing.rulebook.programme import CENTRE, COMPANY_IN_KIND, Programme
from billing.subsidy.caps import RunningUse, limit_krw
from billing.subsidy.company_part import FeePart, owed
from billing.subsidy.funding_split import Split
from billing.subsidy.segment import CarryKey, Claimed, Segment
from billing.subsidy.won_fractions import Carry
from metering.calendar import month_last_day, month_of

Paid = tuple[int, str]  # won of one source, and what stopped it
# the fields of a Subsidy, in their order
SubsidyRow = tuple[date, str, str, str, str, str, str, int, VatBase, str, str]


def limit_budget(
    programme: Programme, claims: Sequence[Claimed], standing: RunningUse, day: date
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
        limit_krw(claims, limit, stopped_by)
        parts = _try_split(programme, claims, standing, shares)
        over = max(p - room for p, room in zip(parts, left, strict=True) if room is not None)
        if over <= 0:
            return without
        limit = max(min(limit, sum(claim.granted for claim in claims)) - over, 0)


def limit_filed(
    programme: Programme, claims: Sequence[Claimed], standing: RunningUse, day: date
) -> None:
    """Cuts a day's claims of each company to what a filed settlement has left of the month, where
    the company pays what is more (SETTLEMENT 31); where the centre does, nothing is cut."""
    if programme.programme not in standing.filed or programme.after_filing != "self_pay":
        return
    name, shares = programme.programme, programme.shares(day)
    last = month_last_day(month_of(day))
    by_company: dict[str, list[Claimed]] = {}
    for claim in claims:
        by_company.setdefault(claim.row.charge.company_id, []).append(claim)
    for company_id, members in by_company.items():
        left = [
            standing.filed_left((name, company_id, source.name), source.step_krw(last))
            for source in programme.funding
        ]
        limit = sum(left)
        while True:
            limit_krw(members, limit, f"filed:{name}:{day.year}")
            parts = _try_split(programme, members, standing, shares)
            over = max(part - room for part, room in zip(parts, left, strict=True))
            if over <= 0:
                break
            limit = max(min(limit, sum(claim.granted for claim in members)) - over, 0)


def _left(
    programme: Programme, standing: RunningUse, day: date
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
    standing: RunningUse,
    shares: tuple[tuple[int, ...], int],
) -> list[int]:
    """What each source would pay, leaving the standing as it is."""
    carries: dict[CarryKey, Carry] = {}
    splits: dict[str, Split] = {}
    sums = [0] * len(programme.funding)
    for claim in claims:
        company_id = claim.row.charge.company_id
        if claim.key not in carries:
            carries[claim.key] = claim.carry.copy()
        if company_id not in splits:
            splits[company_id] = _split(standing, programme, company_id).copy()
        subsidy = _subsidy(claim, carries[claim.key])
        for i, part in enumerate(splits[company_id].part(subsidy, shares)):
            sums[i] += part
    return sums


def _subsidy(claim: Claimed, carry: Carry) -> int:
    """The subsidy of a claim after all limits; the company's share is what is floored."""
    exact = owed(claim.part, claim.krw, claim.quantity)
    return claim.krw - carry.take(claim.krw, exact, claim.krw - claim.granted)


def _split(standing: RunningUse, programme: Programme, company_id: str) -> Split:
    key = (programme.programme, company_id)
    if key not in standing.splits:
        standing.splits[key] = Split((0,) * len(programme.funding))
    return standing.splits[key]


def commit(
    programme: Programme, claims: Sequence[Claimed], standing: RunningUse, day: date
) -> list[SubsidyRow]:
    """Counts everything as used and returns the day's rows, one a charge, award and source. What
    the company still owes of a covered part stays open only to programmes that stack."""
    shares = programme.shares(day)
    names = [source.name for source in programme.funding]
    last = month_last_day(month_of(day))
    steps = [source.step_krw(last) for source in programme.funding]
    paid_by = dict.fromkeys(names, 0)
    paid_to: dict[tuple[str, str], int] = {}
    paid: dict[str, Paid] = {}
    rows: list[SubsidyRow] = []
    before: Claimed | None = None
    for claim in claims:
        if before is not None and not claim.continues(before):
            rows += _rows(before, paid)
            paid = {}
        before = claim
        subsidy = _subsidy(claim, claim.carry)
        in_kind = _in_kind(claim, claim.krw - subsidy, standing)
        _use(claim, subsidy, standing)
        residue = claim.krw - subsidy - in_kind
        if programme.stacking and residue:  # where nothing is left, no other quota is used for it
            claim.row.segments.append(Segment(claim.quantity, residue, fresh=False))
        if subsidy:
            company_id = claim.row.charge.company_id
            payee = claim.grant.award.award_id, company_id
            paid_to[payee] = paid_to.get(payee, 0) + subsidy
            split = _split(standing, programme, company_id)
            parts = split.part(subsidy, shares)
            for name, step_krw, krw in zip(names, steps, parts, strict=True):
                key = (programme.programme, company_id, name)
                kept = standing.take_filed(key, krw, step_krw)
                if kept:
                    paid_by[name] += kept
                    _add(paid, name, kept, claim.stopped_by)
                if krw > kept:
                    _add(paid, CENTRE, krw - kept, f"filed:{programme.programme}:{day.year}")
        elif claim.stopped_by:
            _add(paid, names[0], 0, claim.stopped_by)  # the row that says what stopped it
        if in_kind:
            _add(paid, COMPANY_IN_KIND, in_kind, claim.stopped_by)
    if before is not None:
        rows += _rows(before, paid)
    _use_caps(programme, paid_to, standing, day)
    _use_budgets(programme, paid_by, standing, day)
    return rows


def _add(paid: dict[str, Paid], funding: str, krw: int, stopped_by: str) -> None:
    """Parts of one charge are added up."""
    before_krw, before = paid.get(funding, (0, ""))
    paid[funding] = before_krw + krw, stopped_by or before


def _in_kind(claim: Claimed, company_krw: int, standing: RunningUse) -> int:
    """What the company brings in kind of its own part."""
    share = claim.terms.in_kind_share
    if not share[0]:
        return 0
    carry = standing.in_kind.setdefault(claim.key, Carry())
    return carry.take(company_krw, (share[0] * claim.krw, share[1]))


def _use(claim: Claimed, subsidy: int, standing: RunningUse) -> None:
    """Counts a claim's use, and what is paid of a fee."""
    if standing.covered is not None:
        place = (*claim.key, claim.row.charge.day)
        standing.covered[place] = standing.covered.get(place, 0) + claim.quantity
    if claim.quota_key is not None:
        standing.use(claim.quota_key, claim.quantity * claim.quota_weight)
    elif claim.level_key is not None:
        level = standing.levels.get(claim.level_key, 0)
        standing.levels[claim.level_key] = level + claim.quantity * claim.quota_weight
    if isinstance(claim.part, FeePart):
        standing.fees[claim.grant.award.award_id] -= claim.krw - subsidy


def _use_caps(
    programme: Programme, paid_to: Mapping[tuple[str, str], int], standing: RunningUse, day: date
) -> None:
    year = str(day.year)
    for (award_id, company_id), krw in paid_to.items():
        standing.award_month[award_id] = standing.award_month.get(award_id, 0) + krw
        standing.use(("award", award_id), krw)
        standing.use(("company_year", programme.programme, company_id, year), krw)


def _use_budgets(
    programme: Programme, paid_by: Mapping[str, int], standing: RunningUse, day: date
) -> None:
    for source in programme.funding:
        budget = source.budget(day)
        if budget is not None:
            key = ("budget", programme.programme, source.name, budget.years)
            standing.use(key, paid_by[source.name])
            assert paid_by[source.name] == 0 or standing.used[key] <= budget.krw, "never passed"
        else:
            assert source.budgets is None or paid_by[source.name] == 0, "no budget, no won"


def _rows(claim: Claimed, paid: Mapping[str, Paid]) -> list[SubsidyRow]:
    """What an award pays of one charge, by source."""
    charge, terms, award = claim.row.charge, claim.terms, claim.grant.award
    base: VatBase = "EXEMPT" if claim.row.tax_exempt else terms.vat_base
    in_kind: VatBase = "EXEMPT" if claim.row.tax_exempt else "GROSS"
    return [
        (
            charge.day, charge.company_id, charge.project_id, charge.sku, award.programme,
            award.award_id, funding, krw, in_kind if funding == COMPANY_IN_KIND else base,
            terms.rule, stopped_by,
        )
        for funding, (krw, stopped_by) in paid.items()
    ]  # fmt: skip
