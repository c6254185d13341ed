"""Owns recalls: awards that a person ended for low use, or for use beside their purpose.

A recall is recorded with the award's end in the registry, as what a utilisation test proposes is.
No amount follows from it but by that end, which holds from the day that the person writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.rulebook.dated import Origin
from billing.rulebook.rule_book import RuleBook
from metering.finding import Finding
from metering.registry.records import RecallReason
from metering.registry.registry import Award, Registry


@dataclass(frozen=True, slots=True)
class Recall:
    """A recalled award. until: the first day without it; by: who decided it, on decided_on; note:
    what was found. rule: the programme's file, '' where its rules name no such recall."""

    award_id: str
    programme: str
    company_id: str
    project_id: str
    quota: Decimal | None
    quota_unit: str | None
    reason: RecallReason
    until: date
    decided_on: date
    by: str
    note: str
    rule: str
    origin: Origin


def recalls(registry: Registry, book: RuleBook) -> tuple[Recall, ...]:
    """The recalled awards, in order of the day."""
    recalled = [_recall(award, book) for award in registry.awards if award.recalled_for is not None]
    return tuple(sorted(recalled, key=lambda recall: (recall.until, recall.award_id)))


def _recall(award: Award, book: RuleBook) -> Recall:
    assert award.recalled_for is not None, "asked of recalled awards only"
    assert award.until is not None, "the registry lets no recall be without an end"
    assert award.recalled_on is not None, "nor without the day on which it was decided"
    rule = _rule(award, book)
    return Recall(
        award_id=award.award_id,
        programme=award.programme,
        company_id=award.company_id,
        project_id=award.project_id,
        quota=award.quota,
        quota_unit=award.quota_unit,
        reason=award.recalled_for,
        until=award.until,
        decided_on=award.recalled_on,
        by=award.recalled_by,
        note=award.recall_note,
        rule="" if rule is None else rule[0],
        origin=Origin() if rule is None else rule[1],
    )


def _rule(award: Award, book: RuleBook) -> tuple[str, Origin] | None:
    """The rule by which an award may be recalled for its reason on the day it was decided, with who
    says so; None where its programme has no such rule on that day."""
    programme = book.programme(award.programme)
    day = award.recalled_on
    if programme is None or day is None:
        return None
    if award.recalled_for == "low_use":
        test = programme.utilisation
        if test is None or test.below.or_none(day) is None:
            return None
        step = test.below.step(day)
        return f"{programme.file}@{step.start}", step.origin
    other = programme.other_use
    kinds = None if other is None else other.recalled_for.or_none(day)
    if other is None or kinds is None or award.recalled_for not in kinds:
        return None
    place = other.recalled_for.step(day)
    return f"{programme.file}@{place.start}", place.origin


def recall_findings(
    awards: Sequence[Award], book: RuleBook, days: Sequence[date]
) -> tuple[Finding, ...]:
    """The recalls for which the programme has no rule, of awards that hold on any of the days. They
    hold, as a person decided them."""
    return tuple(
        Finding(
            severity="warn",
            kind="recall_without_rule",
            stage="draft",
            cluster="",
            day=None,
            subject=award.award_id,
            detail=(
                f"협약 {award.award_id}: {award.programme}의 규칙에는 {award.recalled_on}에 이 사유"
                f"({award.recalled_for})로 회수하는 근거가 없습니다. 회수는 그대로 적용됩니다."
            ),
        )
        for award in awards
        if award.recalled_for is not None
        and any(map(award.holds, days))
        and _rule(award, book) is None
    )
