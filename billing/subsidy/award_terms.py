"""Owns what an award is worth: the awards that hold, and the share that each company pays."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from billing.records import VatBase
from billing.rulebook.programme import FlatFee, Programme, ShareOfCharge, ShareOfMarket
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.award_conditions import award_findings
from billing.subsidy.company_part import CompanyPart, FeePart, MarketPart, SharePart, reduced
from billing.subsidy.eligibility import Verdict, judge, offered, undecided
from billing.subsidy.quotas import Quota, quota
from billing.subsidy.recalls import recall_findings
from metering.errors import JeongsanError
from metering.finding import Finding, Severity
from metering.registry.registry import Award, Company, Registry

Refusal = Literal["before_window", "after_window", "not_eligible", "not_in_force"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for awards alike on one day: exact shares as numerator and denominator."""

    part: CompanyPart  # what the company pays; a market price is still to be known by SKU
    in_kind_share: tuple[int, int]
    vat_base: VatBase
    rule: str


@dataclass(frozen=True, slots=True)
class AwardInForce:
    """An award together with its programme and company."""

    award: Award
    programme: Programme
    company: Company
    quota: Quota | None
    verdict: Verdict | None  # None: judged anew on each day
    registry: Registry = field(compare=False, repr=False)  # that says when projects run

    def verdict_on(self, day: date) -> Verdict:
        """The verdict that counts on a day of use."""
        return self.verdict or judge(self.programme, self.company, self.award, day)

    def judgement_on(self, day: date) -> Verdict | Refusal:
        """The verdict by which the award pays on a day, or why it pays nothing of any charge."""
        if outside := outside_window(self.award, day):
            return outside
        verdict = self.verdict_on(day)
        if verdict.clause is None:
            return "not_eligible"
        return "not_in_force" if verdict.clause.value.or_none(day) is None else verdict


def outside_window(award: Award, day: date) -> Refusal | None:
    """On which side of an award's own days a day lies; None where it is one of them."""
    if award.holds(day):
        return None
    return "before_window" if day < award.start else "after_window"


def terms(programme: Programme, verdict: Verdict, day: date) -> Terms:
    """The terms of a day for an eligible company; raises NoValueError when its clause has ended."""
    assert verdict.clause is not None, "only eligible companies have terms"
    step = verdict.clause.value.step(day)
    factor, names = reduced(programme, verdict.reductions, day)
    value = Fraction(verdict.clause.value.on(day)) * factor
    match programme.basis:
        case ShareOfCharge():
            part: CompanyPart = SharePart((value.numerator, value.denominator))
        case ShareOfMarket():
            part = MarketPart((value.numerator, value.denominator))
        case FlatFee():
            part = FeePart()  # what is left of it, the month's run knows
    in_kind = Fraction(programme.company_in_kind.on(day) if programme.company_in_kind else 0)
    return Terms(
        part=part,
        in_kind_share=(in_kind.numerator, in_kind.denominator),
        vat_base=programme.vat_base.on(day),
        rule="+".join([f"{programme.file}@{step.start}{verdict.clause.mark}", *names]),
    )


def grants(
    registry: Registry, book: RuleBook, days: Sequence[date]
) -> tuple[tuple[AwardInForce, ...], tuple[Finding, ...]]:
    """The awards that hold on any of the days, by (start, id), and what is wrong with others."""
    in_force: list[AwardInForce] = []
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
            verdict = judge(programme, company, award, judged or held[0])
        except JeongsanError as error:
            detail = f"{company.name}의 유형·규모·소재지를 알 수 없습니다({error})"
            findings.append(_finding("unknown_facts", award, detail))
            continue
        if detail := _without_fee(programme, award, registry):
            findings.append(_finding("no_fee", award, detail))
            continue
        findings += _undecided_youth(programme, award, company, judged or held[0])
        findings += _ended(programme, verdict, award, held)
        if judged is not None and not verdict.eligible:
            detail = f"{company.name}은(는) {judged}에 {programme.title}의 지원 대상이 아닙니다"
            findings.append(_finding("ineligible_award", award, detail))
            continue
        own = _quota(programme, award, len(held))
        in_force.append(
            AwardInForce(award, programme, company, own, verdict if judged else None, registry)
        )
    findings += award_findings(registry.awards, book, days)
    findings += recall_findings(registry.awards, book, days)
    return tuple(in_force), tuple(findings)


def _quota(programme: Programme, award: Award, days: int) -> Quota | None:
    """What an award may use; `days` of the month are its pool where a flat fee is for hours."""
    if award.quota is None:
        return None
    assert award.quota_unit is not None, "the registry gives every quota a unit"
    own = quota(award.quota_unit, award.quota)
    match programme.basis:
        case FlatFee(ceiling="hours") if own.span == "day":
            return replace(own, limit=own.limit * days, span="month")
        case _:
            return own


def _without_fee(programme: Programme, award: Award, registry: Registry) -> str:
    """Why a flat fee cannot be told or charged; empty where it can, or where there is none."""
    if not offered(programme.basis, award)[1]:
        size = "없음" if award.quota is None else f"{award.quota} {award.quota_unit}"
        return f"{programme.title}에 이 협약의 규모({size})에 대한 요금이 없습니다"
    own = any(project.company_id == award.company_id for project in registry.projects)
    if isinstance(programme.basis, FlatFee) and not own:
        return f"{award.company_id}에 과제가 없어 미사용 용량의 요금을 청구할 수 없습니다"
    return ""


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
