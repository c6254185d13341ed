"""Owns whether awards are as their programme's notice says: how many, how large, how long, by whom.

Nothing here changes an amount: an agreement binds both sides as it was signed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from billing.rulebook.programme import Programme
from billing.rulebook.rule_book import RuleBook
from metering.calendar import months_after
from metering.finding import Finding
from metering.registry.registry import Award


def award_findings(
    awards: Sequence[Award], book: RuleBook, days: Sequence[date]
) -> tuple[Finding, ...]:
    """What is unlike the notices among the awards that hold on any of the days."""
    held: dict[str, list[Award]] = defaultdict(list)
    for award in sorted(awards, key=lambda a: (a.start, a.award_id)):
        if any(award.holds(day) for day in days):
            held[award.programme].append(award)
    findings: list[Finding] = []
    for programme in book.programmes:
        for award in held[programme.programme]:
            findings += _of_award(programme, award)
        findings += _too_many(programme, held[programme.programme], days)
        findings += _beside(programme, held[programme.programme], days)
    return tuple(findings)


def _of_award(programme: Programme, award: Award) -> list[Finding]:
    findings = []
    conditions, name = programme.seats, f"협약 {award.award_id}"
    judged = not conditions.other_units or award.quota_unit in {s.unit for s in conditions.sizes}
    if (
        conditions.sizes
        and judged
        and not any(size.fits(award.quota_unit, award.quota) for size in conditions.sizes)
    ):
        size = "없음" if award.quota is None else f"{award.quota} {award.quota_unit}"
        detail = f"{name}: {programme.title}의 공고에 없는 규모({size})입니다."
        findings.append(Finding("warn", "award_size", "draft", "", None, award.award_id, detail))
    if award.referrer and conditions.referrers and award.referrer not in conditions.referrers:
        detail = f"{name}: {award.referrer}은(는) {programme.title}의 추천 기관이 아닙니다."
        findings.append(
            Finding("warn", "unknown_referrer", "draft", "", None, award.award_id, detail)
        )
    if conditions.months is not None:
        last = months_after(award.start, conditions.months)
        if award.until is None or award.until > last:
            detail = (
                f"{name}: {programme.title}의 지원 기간 {conditions.months}개월보다 깁니다. "
                f"{award.start}에 시작하면 {last} 전에 끝나야 합니다."
            )
            findings.append(
                Finding("warn", "award_too_long", "draft", "", None, award.award_id, detail)
            )
    ends = {months_after(award.start, months) for months in conditions.periods}
    if ends and award.until is not None and award.until not in ends:
        listed = ", ".join(str(months) for months in conditions.periods)
        detail = (
            f"{name}: {programme.title}의 지원 기간({listed}개월) 가운데 하나가 아닙니다. "
            f"시작 {award.start}, 종료 {award.until}."
        )
        findings.append(Finding("warn", "award_period", "draft", "", None, award.award_id, detail))
    return findings


def _too_many(programme: Programme, held: Sequence[Award], days: Sequence[date]) -> list[Finding]:
    """The first day on which more awards hold than the notice has."""
    if programme.seats.number is None:
        return []
    for day in days:
        number = programme.seats.number.or_none(day)
        taken = sum(award.holds(day) for award in held) if number is not None else 0
        if number is not None and taken > number:
            detail = (
                f"{programme.title}: {day}에 협약이 {taken:,}건으로 공고한 {number:,}건보다 "
                "많습니다."
            )
            return [Finding("warn", "seats_passed", "draft", "", day, programme.programme, detail)]
    return []


def _beside(programme: Programme, held: Sequence[Award], days: Sequence[date]) -> list[Finding]:
    """An award for all projects of a company beside one for a project of it: a limit that a project
    has once is then there twice, since nobody says which of the two a use is under."""
    if all(quota.per == "award" for quota in programme.quotas):
        return []
    findings = []
    for whole in (award for award in held if not award.project_id):
        for award in held:
            if award.company_id == whole.company_id and award.project_id:
                both = [day for day in days if award.holds(day) and whole.holds(day)]
                findings += [_limit_twice(programme, whole, award, both[0])] if both else []
    return findings


def _limit_twice(programme: Programme, whole: Award, award: Award, day: date) -> Finding:
    detail = (
        f"협약 {award.award_id}: {award.project_id}에 회사 전체의 협약 {whole.award_id}도 있어, "
        f"과제마다 한 번인 {programme.title}의 한도를 {day}부터 두 번 쓸 수 있습니다."
    )
    return Finding("warn", "limit_twice", "draft", "", day, award.award_id, detail)
