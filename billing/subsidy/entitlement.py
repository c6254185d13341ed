"""Owns what one award claims on one day: its entitlement, cut by its own quota and caps."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from billing.money import share
from billing.rulebook.dated import Dated, NoValueError
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.award_terms import AwardInForce, Terms
from billing.subsidy.caps import RunningUse, limit_krw
from billing.subsidy.company_part import CompanyPart, FeePart, MarketPart, owed
from billing.subsidy.quotas import is_storage, level_key, quota_of, weight
from billing.subsidy.segment import CarryKey, Claimed, Segment, SegmentedCharge
from billing.subsidy.won_fractions import Carry
from metering.calendar import month_of, seconds_in_month


class NoPfError(NoValueError):
    """A quota in PF meets a SKU whose PF are not in pf.yaml; the message is the SKU."""


class NoSwapError(NoValueError):
    """A quota by a table of equals meets a SKU that the table, named before it, does not have."""


class NoMarketPriceError(NoValueError):
    """A share of the market price meets a SKU without one in market.yaml, which is the message."""


def claim_award(
    grant: AwardInForce,
    terms: Terms,
    rows: Sequence[SegmentedCharge],
    standing: RunningUse,
    book: RuleBook,
    day: date,
) -> list[Claimed]:
    """The award's claims on rows that are in order of project and SKU, after its own limits: use
    first, then won of the month, then won of the award."""
    parts, stacking = _market_parts(terms, rows, book, day), grant.programme.stacking
    claims = [
        _take(grant, terms, part, row, segment, standing)
        for row in rows
        for part in (parts.get(row.charge.sku, terms.part),)
        for segment in row.segments
        if segment.quantity and segment.is_open(stacking) and _pays(terms, part, segment)
    ]
    if grant.quota is not None or grant.programme.quotas:
        _limit_use(claims, grant, standing, book, day)
    _entitle(claims, standing.fees.get(grant.award.award_id, 0))
    award_id, caps = grant.award.award_id, grant.programme.caps
    month_cap = _on(caps.award_month, day)
    if month_cap is not None:
        left = month_cap - standing.award_month.get(award_id, 0)
        limit_krw(claims, left, f"cap:award_month:{award_id}")
    totals = [cap for cap in (grant.award.cap_krw, _on(caps.award, day)) if cap is not None]
    if totals:
        left = min(totals) - standing.used.get(("award", award_id), 0)
        limit_krw(claims, left, f"cap:award:{award_id}")
    return claims


def _pays(terms: Terms, part: CompanyPart, segment: Segment) -> bool:
    """Whether an award has any part in a segment: one that leaves the company all of it neither
    uses its quota nor keeps the next programme out (SETTLEMENT 37). What costs nothing uses quota
    (SETTLEMENT 2), a fee is for the capacity, and what is brought in kind is settled."""
    if isinstance(part, FeePart) or segment.krw == 0 or terms.in_kind_share[0]:
        return True
    numerator, denominator = owed(part, segment.krw, segment.quantity)
    return numerator < segment.krw * denominator


def _on(cap: Dated[int] | None, day: date) -> int | None:
    return None if cap is None else cap.or_none(day)


def _market_parts(
    terms: Terms, rows: Sequence[SegmentedCharge], book: RuleBook, day: date
) -> dict[str, MarketPart]:
    """What the company pays of each SKU by its market price; nothing for other shapes."""
    if not isinstance(terms.part, MarketPart):
        return {}
    parts, share = {}, terms.part.share
    for sku in sorted({row.charge.sku for row in rows}):
        try:
            krw = Fraction(book.market[sku].on(day)) * Fraction(*share)
        except (KeyError, NoValueError):
            raise NoMarketPriceError(sku) from None
        krw *= book.prices[sku].units_of_one(seconds_in_month(month_of(day)))
        parts[sku] = MarketPart(share, (krw.numerator, krw.denominator))
    return parts


def _take(
    grant: AwardInForce,
    terms: Terms,
    part: CompanyPart,
    row: SegmentedCharge,
    segment: Segment,
    standing: RunningUse,
) -> Claimed:
    """Takes the whole of a segment; limits give back."""
    key = (grant.award.award_id, row.charge.project_id, row.charge.sku)
    carry = standing.share_of(key)
    claim = Claimed(grant, terms, row, segment, key, carry, segment.quantity, segment.krw, part)
    segment.quantity = segment.krw = 0
    return claim


def _limit_use(
    claims: list[Claimed], grant: AwardInForce, standing: RunningUse, book: RuleBook, day: date
) -> None:
    """Cuts each kind of use to what is left of its quota."""
    kinds: dict[bool, list[Claimed]] = {}
    for claim in claims:
        kinds.setdefault(is_storage(claim.row.charge.unit), []).append(claim)
    for storage, members in kinds.items():
        quota = quota_of(grant.programme, grant.quota, storage, day)
        if quota is None:
            continue
        key = ("quota", grant.award.award_id, quota.unit)
        from_day = quota.level_day(day)
        level = None if from_day is None else level_key(grant.award, quota, from_day)
        used = standing.used.get(key, 0) if level is None else standing.level(level)
        left = quota.limit - used
        for claim in members:
            sku = claim.row.charge.sku
            try:
                claim.quota_weight = weight(quota.unit, sku, day, book)
            except (KeyError, NoValueError):
                for taken in claims:
                    taken.give_back(0, 0)
                table = quota.unit.partition(":")[2]
                raise (NoSwapError(f"{table}:{sku}") if table else NoPfError(sku)) from None
            if level is None:
                claim.quota_key = key
            else:
                claim.level_key = level
        _limit_by_quota(members, left, f"quota:{grant.award.award_id}", standing)
        if level is not None:
            standing.take(level, sum(claim.quantity * claim.quota_weight for claim in members))


def _limit_by_quota(
    claims: list[Claimed], left: int, stopped_by: str, standing: RunningUse
) -> None:
    """Cuts claims, in order of project and SKU, to what is left of a quota, shared in its units.

    The uncovered charge accumulates exactly over a month and is what is floored, so that what is
    within a quota is covered to the won (SETTLEMENT 30)."""
    needs = [claim.quantity * claim.quota_weight for claim in claims]
    if sum(needs) <= left:
        return
    for claim, units in zip(claims, share(max(left, 0), needs), strict=True):
        if claim.quota_weight:
            covered = min(units // claim.quota_weight, claim.quantity)
            if covered < claim.quantity:
                over = (claim.krw * (claim.quantity - covered), claim.quantity)
                over_krw = standing.over_quota_of(claim.key).take(claim.krw, over)
                claim.give_back(covered, claim.krw - over_krw)
                claim.stopped_by = stopped_by
                claim.over_quota = True


def _entitle(claims: list[Claimed], fee_krw: int) -> None:
    """Wants what the company's exactly accumulated part leaves of the covered charge; what is left
    of a month's fee is paid first."""
    carries: dict[CarryKey, Carry] = {}
    for claim in claims:
        if isinstance(claim.part, FeePart):
            claim.part = FeePart(min(fee_krw, claim.krw))
            fee_krw -= claim.part.left_krw
        exact = owed(claim.part, claim.krw, claim.quantity)
        if len(claim.row.segments) == 1:
            company = claim.carry.whole(claim.krw, exact)
        else:  # another part of the same charge may follow
            carry = carries.get(claim.key)
            if carry is None:
                carry = carries[claim.key] = claim.carry.copy()
            company = carry.take(claim.krw, exact)
        claim.granted = claim.krw - company
