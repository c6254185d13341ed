"""Owns what an award is worth: the awards that hold, and the share that each company pays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.eligibility import Verdict, judge, undecided
from billing.programme import Programme, QuotaUnit
from billing.quota import Quota, quota
from billing.records import VatBase
from billing.rulebook import RuleBook
from metering.errors import JeongsanError
from metering.finding import Finding, Severity
from metering.registry import Award, Company, Registry


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
    quota: Quota | None
    verdict: Verdict | None  # None: judged anew on each day

    def verdict_on(self, day: date) -> Verdict:
        """The verdict that counts on a day of use."""
        return self.verdict or judge(self.programme, self.company, day)


def terms(programme: Programme, verdict: Verdict, day: date) -> Terms:
    """The terms of a day for an eligible company; raises NoValueError when its clause has ended."""
    assert verdict.clause is not None, "only eligible companies have terms"
    step = verdict.clause.value.step(day)
    factor, names = reduced(programme, verdict.reductions, day)
    share = Fraction(verdict.clause.value.on(day)) * factor
    in_kind = Fraction(programme.company_in_kind.on(day) if programme.company_in_kind else 0)
    return Terms(
        company_share=(share.numerator, share.denominator),
        in_kind_share=(in_kind.numerator, in_kind.denominator),
        vat_base=programme.vat_base.on(day),
        rule="+".join([f"{programme.file}@{step.start}{verdict.clause.mark}", *names]),
    )


def reduced(
    programme: Programme, applied: tuple[str, ...], day: date
) -> tuple[Fraction, list[str]]:
    """What is left of the company's share after its reductions, and their names: all of them
    multiplied, or the best alone (the first of equal ones)."""
    factors = {
        reduction.name: Fraction(reduction.factor.on(day))
        for reduction in programme.reductions
        if reduction.name in applied
    }
    match programme.combine:
        case "multiply":
            names = list(factors)
        case "best":
            names = sorted(factors, key=lambda name: factors[name])[:1]
    left = Fraction(1)
    for name in names:
        left *= factors[name]
    return left, names


def grants(
    registry: Registry, book: RuleBook, days: Sequence[date]
) -> tuple[tuple[Grant, ...], tuple[Finding, ...]]:
    """The awards that hold on any of the days, by (start, id), and what is wrong with others."""
    found: list[Grant] = []
    findings: list[Finding] = []
    for award in sorted(registry.awards, key=lambda a: (a.start, a.award_id)):
        held = [day for day in days if award.holds(day)]
        if not held:
            continue
        programme = book.programme(award.programme)
        if programme is None:
            detail = f"규칙에 없는 사업 {award.programme}입니다"
            findings.append(_finding("unknown_programme", award, detail))
            continue
        company = registry.company(award.company_id)
        judged = _judged_day(programme, award)
        try:
            verdict = judge(programme, company, judged or held[0])
        except JeongsanError as error:
            detail = f"{company.name}의 유형·규모·소재지를 알 수 없습니다({error})"
            findings.append(_finding("unknown_facts", award, detail))
            continue
        findings += _undecided_youth(programme, award, company, judged or held[0])
        findings += _ended(programme, verdict, award, held)
        if judged is not None and not verdict.eligible:
            detail = f"{company.name}은(는) {judged}에 {programme.title}의 지원 대상이 아닙니다"
            findings.append(_finding("ineligible_award", award, detail))
            continue
        own = None if award.quota is None else quota(_unit(award), award.quota)
        found.append(Grant(award, programme, company, own, verdict if judged else None))
    return tuple(found), tuple(findings)


def _unit(award: Award) -> QuotaUnit:
    assert award.quota_unit is not None, "the registry gives every quota a unit"
    return award.quota_unit


def _judged_day(programme: Programme, award: Award) -> date | None:
    """The day that eligibility is judged on; None where each day of use is judged by itself."""
    match programme.judged_on:
        case "announcement":
            return award.announced_on or award.agreed_on
        case "agreement":
            return award.agreed_on
        case "day":
            return None


def _undecided_youth(
    programme: Programme, award: Award, company: Company, day: date
) -> list[Finding]:
    if not undecided(programme, company, day):
        return []
    detail = (
        f"{company.name} 대표자({company.representative_birth_year}년생)가 {day}에 만 39세인지 "
        "알 수 없어 청년기업으로 보지 않았습니다. 등록부에 청년 표시를 채워 주십시오"
    )
    return [_finding("undecided_youth", award, detail, "warn")]


def _ended(
    programme: Programme, verdict: Verdict, award: Award, held: Sequence[date]
) -> list[Finding]:
    """An award may outlive its programme; the days after that are paid by the company."""
    value = verdict.clause.value if verdict.clause else None
    for day in held:
        if not (programme.in_force(day) if value is None else value.or_none(day) is not None):
            detail = f"{day}에는 {programme.title}의 지원 비율이 없어 지원되지 않습니다"
            return [_finding("programme_not_in_force", award, detail, "warn")]
    return []


def _finding(kind: str, award: Award, detail: str, severity: Severity = "fail") -> Finding:
    return Finding(
        severity=severity,
        kind=kind,
        stage="draft",
        cluster="",
        day=None,
        subject=award.award_id,
        detail=f"협약 {award.award_id}: {detail}.",
    )
