"""Owns what an award is worth: whether its company is eligible, and the share it pays on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import cast

from metering.registry import Award, Company, Registry

from billing.dated import NoValueError
from billing.programme import Condition, Programme, QuotaUnit
from billing.records import VatBase
from billing.rulebook import RuleBook
from metering.finding import Finding
from metering.period import years_after

YOUTH_AGE_MAX = 39
YOUTH_FIRM_YEARS = 7


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an award's company is on the day it is judged by."""

    eligible: bool
    reductions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one award on one day: exact shares as numerator and denominator."""

    company_share: tuple[int, int]
    in_kind_share: tuple[int, int]
    vat_base: VatBase
    rule: str


@dataclass(frozen=True, slots=True)
class Grant:
    """An award together with its programme and company."""

    award: Award
    programme: Programme
    company: Company
    quota: tuple[QuotaUnit, Decimal] | None
    verdict: Verdict | None  # None: judged anew on each day

    def active(self, day: date) -> bool:
        """Whether the award's window holds the day; its end is exclusive."""
        ends = self.award.until
        return self.award.start <= day and (ends is None or day < ends)

    def verdict_on(self, day: date) -> Verdict:
        """The verdict that counts on a day of use."""
        return self.verdict or judge(self.programme, self.company, day)


def is_youth(company: Company, day: date) -> bool | None:
    """Whether a firm counts as young on a day: its mark, else a representative of 39 at most and a
    firm under seven years. None if that turns on a birthday of which only the year is known."""
    if company.youth is not None:
        return company.youth
    if company.founded_on is None or company.representative_birth_year is None:
        return False
    old = years_after(company.founded_on, YOUTH_FIRM_YEARS)
    years = day.year - company.representative_birth_year
    if day >= old or years > YOUTH_AGE_MAX + 1:
        return False
    return True if years <= YOUTH_AGE_MAX else None


def meets(condition: Condition, company: Company, day: date) -> bool:
    """Whether a company meets a condition on a day; raises JeongsanError without facts for it."""
    if condition.fact == "youth":
        return ("yes" if is_youth(company, day) else "no") in condition.values
    facts = company.on(day)
    match condition.fact:
        case "org_type":
            return facts.org_type in condition.values
        case "size":
            return facts.size in condition.values
        case "place":
            return facts.place in condition.values


def judge(programme: Programme, company: Company, day: date) -> Verdict:
    """Eligible if every condition is met; a reduction applies if any of its conditions is."""
    return Verdict(
        eligible=all(meets(condition, company, day) for condition in programme.eligible),
        reductions=tuple(
            reduction.name
            for reduction in programme.basis.reductions
            if any(meets(condition, company, day) for condition in reduction.any_of)
        ),
    )


def terms(programme: Programme, applied: tuple[str, ...], day: date) -> Terms:
    """The terms of a day; raises NoValueError when the programme has ended."""
    step = programme.basis.company_share.step(day)
    share = Fraction(programme.basis.company_share.on(day))
    names = [f"{programme.file}@{step.start}"]
    for reduction in programme.basis.reductions:
        if reduction.name in applied:
            share *= Fraction(reduction.factor.on(day))
            names.append(reduction.name)
    in_kind = Fraction(programme.company_in_kind.on(day) if programme.company_in_kind else 0)
    return Terms(
        company_share=(share.numerator, share.denominator),
        in_kind_share=(in_kind.numerator, in_kind.denominator),
        vat_base=programme.vat_base.on(day),
        rule="+".join(names),
    )


def grants(
    registry: Registry, book: RuleBook, days: Sequence[date]
) -> tuple[tuple[Grant, ...], tuple[Finding, ...]]:
    """The awards that hold on any of the days, by (start, id), and what is wrong with others."""
    found: list[Grant] = []
    findings: list[Finding] = []
    first, last = days[0], days[-1]
    for award in sorted(registry.awards, key=lambda a: (a.start, a.award_id)):
        if award.start > last or (award.until is not None and award.until <= first):
            continue
        programme = book.programme(award.programme)
        if programme is None:
            findings.append(
                _finding("unknown_programme", award, f"규칙에 없는 사업 {award.programme}입니다")
            )
            continue
        company = registry.company(award.company_id)
        grant = Grant(award, programme, company, _own_quota(award), None)
        findings += _undecided_youth(grant, _judged_day(grant) or max(first, award.start))
        judged = _judged_day(grant)
        if judged is not None:
            verdict = judge(programme, company, judged)
            grant = Grant(award, programme, company, grant.quota, verdict)
            if not verdict.eligible:
                detail = f"{company.name}은(는) {judged}에 {programme.title}의 지원 대상이 아닙니다"
                findings.append(_finding("ineligible_award", award, detail))
        found.append(grant)
        findings += _ended(grant, days)
    return tuple(found), tuple(findings)


def _judged_day(grant: Grant) -> date | None:
    match grant.programme.judged_on:
        case "announcement":
            return grant.award.announced_on or grant.award.agreed_on
        case "agreement":
            return grant.award.agreed_on
        case "day":
            return None


def _own_quota(award: Award) -> tuple[QuotaUnit, Decimal] | None:
    if award.quota is None:
        return None
    return cast(QuotaUnit, award.quota_unit), Decimal(award.quota)


def _undecided_youth(grant: Grant, day: date) -> list[Finding]:
    asked = [c for r in grant.programme.basis.reductions for c in r.any_of]
    asked += grant.programme.eligible
    if any(c.fact == "youth" for c in asked) and is_youth(grant.company, day) is None:
        born = grant.company.representative_birth_year
        detail = (
            f"{grant.company.name} 대표자({born}년생)의 만 나이가 {day}에 39세인지 알 수 없어 "
            "청년기업으로 보지 않았습니다. 등록부의 청년 표시를 채워 주십시오"
        )
        return [_finding("undecided_youth", grant.award, detail, "warn")]
    return []


def _ended(grant: Grant, days: Sequence[date]) -> list[Finding]:
    """An award may outlive its programme; the days after that are paid by the company."""
    for day in days:
        if grant.active(day):
            try:
                grant.programme.basis.company_share.on(day)
            except NoValueError:
                detail = f"{day}에는 {grant.programme.title}의 지원 비율이 없어 지원되지 않습니다"
                return [_finding("programme_not_in_force", grant.award, detail, "warn")]
    return []


def _finding(kind: str, award: Award, detail: str, severity: str = "fail") -> Finding:
    return Finding(
        severity="warn" if severity == "warn" else "fail",
        kind=kind,
        stage="draft",
        cluster="",
        day=None,
        subject=award.award_id,
        detail=f"협약 {award.award_id}: {detail}.",
    )
