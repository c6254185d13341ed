"""What `quota` shows of awards: who was selected for what, from when, how much, by whose word."""

from collections.abc import Mapping, Sequence

from billing.document import to_document
from metering.registry.registry import Award
from reports.quota.limits_view import LimitsBoard, LimitsWanted
from reports.terminal.screen import Cell, Screen
from reports.wording.explanation_words import UNITS

AWARDS_SHOWN = 40
COLUMNS = (
    ("award", "협약"), ("number", "협약번호"), ("company", "기업"), ("programme", "사업"),
    ("project", "과제"), ("agreed", "협약일"), ("window", "기간"), ("size", "규모"),
    ("cap", "지원 한도"), ("referrer", "추천"),
)  # fmt: skip


def awards_of_board(found: LimitsBoard, wanted: LimitsWanted) -> tuple[Award, ...]:
    """The awards that hold on a day of the board's month up to its own, in order of their id."""
    days = [day for day in found.month.calendar.month_days(found.month.month) if day <= found.day]
    return tuple(
        one
        for one in found.month.registry.awards
        if any(map(one.holds, days))
        and wanted.award in ("", one.award_id)
        and wanted.company in ("", one.company_id)
        and wanted.programme in ("", one.programme)
    )


def show_awards(
    screen: Screen, found: Sequence[Award], names: Mapping[str, str], wanted: LimitsWanted
) -> None:
    """The awards that somebody asks for by name; a program is told all of them."""
    if screen.as_json:
        screen.fact("awards", to_document(found))
        return
    if wanted == LimitsWanted() or not found:
        return
    rows = [_row(one, names) for one in found[:AWARDS_SHOWN]]
    rest = len(found) - len(rows)
    note = f"나머지 {rest:,}건은 --json" if rest > 0 else ""
    spare = ("project", "agreed", "referrer", "cap", "programme", "number")
    screen.table(
        "awards", f"협약 {len(found):,}건", COLUMNS, rows, spare=spare, right=("cap",), note=note
    )


def _row(one: Award, names: Mapping[str, str]) -> tuple[Cell, ...]:
    size = "-" if one.quota is None else f"{one.quota:,} {UNITS.get(one.quota_unit or '', '')}"
    return (
        one.award_id,
        one.agreement_number or "-",
        names.get(one.company_id, one.company_id),
        one.programme,
        one.project_id or "모든 과제",
        str(one.agreed_on),
        f"{one.start} ~ " + (f"{one.until} 전날" if one.until else ""),
        size,
        "-" if one.cap_krw is None else f"{one.cap_krw:,}",
        one.referrer or "-",
    )
