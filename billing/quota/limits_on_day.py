"""Owns how every limit stands on a day: granted, used and left, of any closed or open month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from billing.rulebook.dated import Dated
from billing.rulebook.programme import Programme
from billing.simulate.months_as_they_stand import ChainMonth
from billing.subsidy.award_terms import AwardInForce, grants
from billing.subsidy.caps import RunningUse
from billing.subsidy.quotas import level_key, quota_of
from billing.subsidy.subsidise import MonthRun

Kind = Literal["quota", "level", "award_month", "award", "company_year", "budget", "programme"]


@dataclass(frozen=True, slots=True)
class LimitState:
    """A limit on a day. granted and used are in whole units: of the quota (subsidy/quotas.py) or
    won; granted is None where nothing limits. `level`: a quota of each day alone; `programme`: all
    that a programme paid in the year, whoever funds it."""

    kind: Kind
    programme: str
    award_id: str
    company_id: str
    project_id: str
    funding: str
    period: str  # the month, year or years that it is counted over; '' for the whole award
    unit: str
    granted: int | None
    used: int
    source: str  # who grants it: an agreement or a rule's file and day

    @property
    def name(self) -> str:
        """The same name for the same limit on every day."""
        parts = (self.kind, self.programme, self.award_id, self.company_id, self.funding)
        return ":".join(part for part in (*parts, self.period, self.unit) if part)

    @property
    def left(self) -> int | None:
        """What is left; a limit lowered below what was used has nothing left."""
        return None if self.granted is None else max(self.granted - self.used, 0)

    def reached(self, percent: int) -> bool:
        """Whether so many percent of it are used."""
        return self.granted is not None and self.used * 100 >= self.granted * percent


def limits_on(month: ChainMonth, day: date) -> tuple[LimitState, ...]:
    """Every limit at the end of a day of the month."""
    in_force, standing = standing_on(month, day)
    return limit_states(month, in_force, standing, day)


def standing_on(month: ChainMonth, day: date) -> tuple[tuple[AwardInForce, ...], RunningUse]:
    """The month's grants, and everything that has been used by the end of a day."""
    in_force, _ = grants(month.registry, month.book, month.calendar.month_days(month.month))
    run = MonthRun(month.book, in_force, RunningUse.opening(month.opening, month.filed))
    run.advance(charge for charge in month.charges if charge.day <= day)
    return in_force, run.standing


def limit_states(
    month: ChainMonth, in_force: Sequence[AwardInForce], standing: RunningUse, day: date
) -> tuple[LimitState, ...]:
    """The limits of a standing: of awards, then of companies, then of programmes."""
    states: list[LimitState] = []
    for grant in in_force:
        states += _of_award(month.month, grant, standing, day)
    states += _of_companies(in_force, standing.used, day)
    for programme in month.book.programmes:
        states += _of_programme(programme, standing.used, day)
    return tuple(states)


def _of_award(
    month: str, grant: AwardInForce, standing: RunningUse, day: date
) -> Iterable[LimitState]:
    award, programme = grant.award, grant.programme
    agreed = award.agreement_number or award.award_id

    def state(
        kind: Kind, period: str, unit: str, granted: int | None, used: int, source: str
    ) -> LimitState:
        return LimitState(
            kind, programme.programme, award.award_id, award.company_id, award.project_id, "",
            period, unit, granted, used, source,
        )  # fmt: skip

    for storage in (False, True):
        quota = quota_of(programme, grant.quota, storage, day)
        if quota is None:
            continue
        rules = [rule.amount for rule in programme.quotas if rule.unit == quota.unit]
        source = agreed if quota is grant.quota or not rules else _place(rules[0], day)
        from_day = quota.level_day(day)
        if from_day is not None:
            used = standing.levels.get(level_key(award, quota, from_day), 0)
            period = month if quota.span == "month" else ""
            yield state("level", period, quota.unit, quota.limit, used, source)
        else:
            used = standing.used.get(("quota", award.award_id, quota.unit), 0)
            yield state("quota", "", quota.unit, quota.limit, used, source)
    monthly = programme.caps.award_month
    if monthly is not None and (cap := monthly.or_none(day)) is not None:
        used = standing.award_month.get(award.award_id, 0)
        yield state("award_month", month, "krw", cap, used, _place(monthly, day))
    own = programme.caps.award
    ruled = own.or_none(day) if own is not None else None
    totals = [(award.cap_krw, agreed)] if award.cap_krw is not None else []
    if own is not None and ruled is not None:
        totals.append((ruled, _place(own, day)))
    granted, source = min(totals) if totals else (None, "")
    spent = standing.used.get(("award", award.award_id), 0)
    yield state("award", "", "krw", granted, spent, source)


def _of_companies(
    in_force: Sequence[AwardInForce], used: Mapping[tuple[str, ...], int], day: date
) -> Iterable[LimitState]:
    year, seen = str(day.year), set()
    for grant in in_force:
        programme, company_id = grant.programme, grant.company.company_id
        if (programme.programme, company_id) in seen:
            continue
        seen.add((programme.programme, company_id))
        cap = programme.caps.company_year
        granted = cap.or_none(day) if cap is not None else None
        source = _place(cap, day) if cap is not None and granted is not None else ""
        spent = used.get(("company_year", programme.programme, company_id, year), 0)
        yield LimitState(
            "company_year", programme.programme, "", company_id, "", "", year, "krw", granted,
            spent, source,
        )  # fmt: skip


def _of_programme(
    programme: Programme, used: Mapping[tuple[str, ...], int], day: date
) -> Iterable[LimitState]:
    name, year = programme.programme, str(day.year)
    for source in programme.funding:
        budget = source.budget(day)
        if budget is not None:
            spent = used.get(("budget", name, source.name, budget.years), 0)
            yield LimitState(
                "budget", name, "", "", "", source.name, budget.years, "krw", budget.krw, spent,
                programme.file,
            )  # fmt: skip
    paid = sum(
        krw for key, krw in used.items() if key[:2] == ("company_year", name) and key[3] == year
    )
    yield LimitState("programme", name, "", "", "", "", year, "krw", None, paid, "")


def _place(dated: Dated[Any], day: date) -> str:
    return f"{dated.file}@{dated.step(day).start}"
