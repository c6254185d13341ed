"""Owns flat fees: what an award owes for a month, and what of it no use pays (SETTLEMENT 12)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from billing.records import Charge
from billing.rulebook.programme import FlatFee
from billing.subsidy.award_terms import AwardInForce
from billing.subsidy.caps import RunningUse
from billing.subsidy.company_part import reduced
from metering.calendar import days_of_month
from metering.registry.registry import Registry


def days_in_force(grant: AwardInForce, month: str) -> list[date]:
    """The days of a month on which a fee runs: the award holds, and the company has a fee."""
    days = []
    for day in days_of_month(month):
        if grant.award.holds(day):
            clause = grant.verdict_on(day).clause
            if clause is not None and clause.value.or_none(day) is not None:
                days.append(day)
    return days


def month_fee(grant: AwardInForce, month: str) -> int:
    """The fee of a month: prorated by days in force over days of the month, floored once."""
    exact = Fraction(0)
    for day in days_in_force(grant, month):
        verdict = grant.verdict_on(day)
        assert verdict.clause is not None, "a fee is in force for an eligible company"
        factor, _ = reduced(grant.programme, verdict.reductions, day)
        exact += verdict.units * Fraction(verdict.clause.value.on(day)) * factor
    exact /= len(days_of_month(month))
    return exact.numerator // exact.denominator


def fee_left(grant: AwardInForce, standing: RunningUse, month: str) -> int:
    """What is still to pay of the month's fee."""
    award_id = grant.award.award_id
    if award_id not in standing.fees:
        standing.fees[award_id] = month_fee(grant, month)
    return standing.fees[award_id]


def unused(
    in_force: Iterable[AwardInForce], standing: RunningUse, registry: Registry, month: str
) -> tuple[Charge, ...]:
    """What fees are above the use that they cover, as charges of unused capacity on the last day in
    force; an award for every project of a company is charged to the first of them."""
    charges: dict[tuple[date, str, str], Charge] = {}
    for grant in in_force:
        basis, award = grant.programme.basis, grant.award
        if not isinstance(basis, FlatFee):
            continue
        left_krw = fee_left(grant, standing, month)
        if not left_krw:
            continue
        own = sorted(p.project_id for p in registry.projects if p.company_id == award.company_id)
        day = days_in_force(grant, month)[-1]
        key = (day, award.project_id or own[0], basis.unused_sku)
        total_krw = left_krw + (charges[key].charge_krw if key in charges else 0)
        charges[key] = Charge(
            day=day,
            company_id=award.company_id,
            project_id=award.project_id or own[0],
            sku=basis.unused_sku,
            quantity=total_krw,
            unit="krw",
            price_krw=Decimal(1),
            charge_krw=total_krw,
            rule=f"{grant.programme.file}@{month}",
        )
    return tuple(charges[key] for key in sorted(charges))
