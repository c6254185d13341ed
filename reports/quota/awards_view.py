"""What `quota` shows of awards: who was selected for what, from when, how much, by whose word."""

from collections.abc import Mapping, Sequence

from billing.document import to_document
from metering.registry.registry import Award
from reports.quota.limits_view import DayLimits, LimitsWanted
from reports.terminal.screen import Cell, Screen
from reports.wording.limit_words import quota_text

AWARDS_SHOWN = 40
COLUMNS = (
    ("award", "협약"), ("number", "협약번호"), ("company", "기업"), ("programme", "사업"),
    ("project", "과제"), ("agreed", "협약일"), ("window", "기간"), ("size", "규모"),
    ("cap", "지원 한도"), ("referrer", "추천"),
)  # fmt: skip


def awards_of_day(limits: DayLimits, wanted: LimitsWanted) -> tuple[Award, ...]:
    """The awards that hold on a day of the month up to that of the limits, in order of their id."""
    days = [
        day for day in limits.month.calendar.month_days(limits.month.month) if day <= limits.day
    ]
    return tuple(
        award
        for award in limits.month.registry.awards
        if any(map(award.holds, days))
        and wanted.award in ("", award.award_id)
        and wanted.company in ("", award.company_id)
        and wanted.programme in ("", award.programme)
    )


def show_awards(
    screen: Screen, awards: Sequence[Award], names: Mapping[str, str], wanted: LimitsWanted
) -> None:
    """The awards that somebody asks for by name; a program is told all of them."""
    if screen.as_json:
        screen.fact("awards", to_document(awards))
        return
    if wanted == LimitsWanted() or not awards:
        return
    rows = [_row(award, names) for award in awards[:AWARDS_SHOWN]]
    rest = len(awards) - len(rows)
    note = f"나머지 {rest:,}건은 --json" if rest > 0 else ""
    spare = ("project", "agreed", "referrer", "cap", "programme", "number")
    screen.table(
        "awards", f"협약 {len(awards):,}건", COLUMNS, rows, spare=spare, right=("cap",), note=note
    )


def _row(award: Award, names: Mapping[str, str]) -> tuple[Cell, ...]:
    return (
        award.award_id,
        award.agreement_number or "-",
        names.get(award.company_id, award.company_id),
        award.programme,
        award.project_id or "모든 과제",
        str(award.agreed_on),
        f"{award.start} ~ " + (f"{award.until} 전날" if award.until else ""),
        quota_text(award.quota, award.quota_unit),
        "-" if award.cap_krw is None else f"{award.cap_krw:,}",
        award.referrer or "-",
    )
