"""Owns what one award claims on one day: its entitlement, cut by its own quota and caps."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from billing.award import Grant, Terms
from billing.dated import Dated, NoValueError
from billing.limit import Standing, limit_krw
from billing.money import share
from billing.quota import Quota, quota_of, weight
from billing.rulebook import RuleBook
from billing.segment import CarryKey, Claimed, Row, Segment


class NoPfError(NoValueError):
    """A quota in PF-hours meets a SKU whose PF are not in pf.yaml; the message is the SKU."""


def claim_award(
    grant: Grant, terms: Terms, rows: Sequence[Row], standing: Standing, book: RuleBook, day: date
) -> list[Claimed]:
    """The award's claims on rows that are in order of project and SKU, after its own limits: use
    first, then won of the month, then won of the award."""
    claims = [
        _take(grant, terms, row, segment)
        for row in rows
        for segment in row.segments
        if segment.quantity and segment.is_open(grant.programme.stacking)
    ]
    _limit_use(claims, grant, standing, book, day)
    _entitle(claims, standing)
    award_id, caps = grant.award.award_id, grant.programme.caps
    month_cap = _on(caps.award_month, day)
    if month_cap is not None:
        left = month_cap - standing.award_month.get(award_id, 0)
        limit_krw(claims, standing, left, f"cap:award_month:{award_id}")
    totals = [cap for cap in (grant.award.cap_krw, _on(caps.award, day)) if cap is not None]
    if totals:
        left = min(totals) - standing.used.get(("award", award_id), 0)
        limit_krw(claims, standing, left, f"cap:award:{award_id}")
    return claims


def _on(cap: Dated[int] | None, day: date) -> int | None:
    return None if cap is None else cap.or_none(day)


def _take(grant: Grant, terms: Terms, row: Row, segment: Segment) -> Claimed:
    """Takes the whole of a segment; limits give back."""
    claim = Claimed(grant, terms, row, segment, segment.quantity, segment.krw)
    segment.quantity = segment.krw = 0
    return claim


def _limit_use(
    claims: list[Claimed], grant: Grant, standing: Standing, book: RuleBook, day: date
) -> None:
    """Cuts each kind of use to what is left of its quota."""
    groups: dict[Quota, list[Claimed]] = defaultdict(list)
    for claim in claims:
        quota = quota_of(grant.programme, grant.quota, claim.row.charge.unit, day)
        if quota is not None:
            groups[quota].append(claim)
    for quota, members in groups.items():
        key = ("quota", grant.award.award_id, quota.unit)
        left = quota.limit - standing.used.get(key, 0)  # a daily level is never counted as used
        for claim in members:
            sku = claim.row.charge.sku
            try:
                claim.quota_weight = weight(quota.unit, sku, day, book.pf)
            except (KeyError, NoValueError):
                for taken in claims:
                    taken.give_back(0, 0)
                raise NoPfError(sku) from None
            claim.quota_key = None if quota.daily else key
        _limit_by_quota(members, left, f"quota:{grant.award.award_id}")


def _limit_by_quota(claims: list[Claimed], left: int, stopped_by: str) -> None:
    """Cuts claims, in order of project and SKU, to what is left of a quota, shared in its units."""
    needs = [claim.quantity * claim.quota_weight for claim in claims]
    if sum(needs) <= left:
        return
    for claim, units in zip(claims, share(max(left, 0), needs), strict=True):
        if claim.quota_weight:
            covered = min(units // claim.quota_weight, claim.quantity)
            if covered < claim.quantity:
                claim.give_back(covered, claim.krw * covered // claim.quantity)
                claim.stopped_by = stopped_by


def _entitle(claims: list[Claimed], standing: Standing) -> None:
    """Wants what the company's exactly accumulated share leaves of the covered charge."""
    before: dict[CarryKey, tuple[int, int]] = {}
    for claim in claims:
        carry = standing.share_of(claim.key)
        krw, paid = before.get(claim.key, (0, 0))
        company = carry.whole(krw + claim.krw, claim.terms.company_share) - paid
        before[claim.key] = krw + claim.krw, paid + company
        claim.granted = claim.krw - company
