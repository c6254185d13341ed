"""Owns why an award paid less than a charge, or nothing: its limits, its window, its programme."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from billing.explain.explanation import LimitHit, Reason, Unpaid
from billing.quota.limits_on_day import LimitState, limit_states
from billing.records import Charge, Subsidy
from billing.simulate.months_as_they_stand import ChainMonth
from billing.subsidy.award_terms import grants, outside_window
from billing.subsidy.caps import RunningUse
from billing.subsidy.quotas import is_storage
from billing.subsidy.subsidise import MonthRun
from metering.errors import JeongsanError
from metering.registry.registry import Award


def stops_of(
    month: ChainMonth, award: Award, charges: Sequence[Charge], paid: Sequence[Subsidy]
) -> tuple[LimitHit, ...]:
    """The limits that cut an award, in the order in which they did."""
    cut: dict[str, list[date]] = defaultdict(list)
    for subsidy in sorted(paid, key=lambda subsidy: subsidy.day):
        if subsidy.stopped_by:
            cut[subsidy.stopped_by].append(subsidy.day)
    limit_hits = []
    for stopped_by, days in cut.items():
        state = _before(month, award, stopped_by, days[0], charges[0].unit)
        limit_hits.append(
            LimitHit(
                stopped_by=stopped_by,
                first=days[0],
                last=days[-1],
                days=len(set(days)),
                unit=state.unit if state else "",
                granted=state.granted if state else None,
                left=state.left if state else None,
                source=state.source if state else "",
            )
        )
    return tuple(limit_hits)


def _before(
    month: ChainMonth, award: Award, stopped_by: str, day: date, usage_unit: str
) -> LimitState | None:
    """How a limit stood when the day began. The month is run up to there once more, so that it is
    the very state that the day's claims met; None for a limit of a shape not told here."""
    in_force, _ = grants(month.registry, month.book, month.calendar.month_days(month.month))
    run = MonthRun(month.book, in_force, RunningUse.opening(month.opening, month.filed))
    run.advance(charge for charge in month.charges if charge.day < day)
    for state in limit_states(month, in_force, run.standing, day):
        if state.kind in ("quota", "level") and (state.unit == "gb") != is_storage(usage_unit):
            continue
        if stop_name(state, day) == stopped_by and state.programme == award.programme:
            return state
    return None


def stop_name(state: LimitState, day: date) -> str:
    """What a subsidy row says where this limit cut it (billing/records.py)."""
    match state.kind:
        case "quota" | "level":
            return f"quota:{state.award_id}"
        case "award_month" | "award":
            return f"cap:{state.kind}:{state.award_id}"
        case "company_year":
            return f"cap:company_year:{state.company_id}"
        case "budget":
            return f"budget:{state.programme}:{state.funding}:{day.year}"
        case "programme":
            return ""


def unpaid_of(
    month: ChainMonth, award: Award, charges: Sequence[Charge], paid: Sequence[Subsidy]
) -> tuple[Unpaid, ...]:
    """The days of which an award has no row at all, by reason."""
    touched = {subsidy.day for subsidy in paid}
    missed: dict[Reason, list[Charge]] = defaultdict(list)
    for charge in charges:
        if charge.day not in touched:
            missed[reason(month, award, charge)].append(charge)
    return tuple(
        Unpaid(why, rows[0].day, rows[-1].day, len(rows), sum(row.charge_krw for row in rows))
        for why, rows in missed.items()
    )


def reason(month: ChainMonth, award: Award, charge: Charge) -> Reason:
    """Why an award paid nothing of a charge that no limit cut."""
    day = charge.day
    programme = month.book.programme(award.programme)
    if charge.unit == "krw":
        return "unused_capacity"
    if outside := outside_window(award, day):
        return outside
    if not month.registry.runs(charge.project_id, day):
        return "outside_project"
    if programme is None:
        return "unknown_programme"
    if not programme.covers(charge.sku):
        return "not_covered"
    of_day, _ = grants(month.registry, month.book, [day])
    in_force = next((grant for grant in of_day if grant.award.award_id == award.award_id), None)
    if in_force is None:
        return "not_eligible"
    try:
        judgement = in_force.judgement_on(day)  # as the day's claim asked it
    except JeongsanError:
        return "not_eligible"  # the month's own finding says which fact is missing
    return judgement if isinstance(judgement, str) else "nothing_left"
