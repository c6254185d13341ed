"""What `quota` and the ministry's report say of recalls: which award, why, when and by whom."""

from collections.abc import Mapping, Sequence

from billing.document import to_document
from billing.rulebook.rule_book import read_rulebook
from billing.subsidy.recalls import Recall, recalls
from metering.site.open_site import OpenSite
from reports.quota.limits_view import LimitsBoard, LimitsWanted
from reports.terminal.screen import Cell, Screen
from reports.wording.explanation_words import UNITS, origin_text

REASONS = {"low_use": "이용률 미달", "commercial": "상업 목적 사용", "other_use": "목적외 사용"}
COLUMNS = (
    ("award", "협약"), ("company", "기업"), ("programme", "사업"), ("quota", "배정"),
    ("until", "회수일"), ("reason", "사유"), ("note", "확인한 내용"), ("by", "결정"),
)  # fmt: skip
NO_RULE = "규칙에 근거가 없습니다"


def recalls_of_board(
    found: LimitsBoard, wanted: LimitsWanted, opened: OpenSite
) -> tuple[Recall, ...]:
    """The recalls of the board's year, those that are still to come among them: out of the registry
    in force, since most are decided after the month in which something was found is issued."""
    return tuple(
        one
        for one in recalls(opened.registry, read_rulebook(opened.site.rules))
        if one.until.year == found.day.year
        and wanted.award in ("", one.award_id)
        and wanted.company in ("", one.company_id)
        and wanted.programme in ("", one.programme)
    )


def show_recalls(screen: Screen, found: Sequence[Recall], names: Mapping[str, str]) -> None:
    """The recalls in order of day, and by which rule."""
    if screen.as_json:
        screen.fact("recalls", to_document(found))
        return
    if not found:
        return
    rows = [_row(one, names) for one in found]
    grounds = dict.fromkeys((one.programme, one.reason, ground(one)) for one in found)
    note = "근거: " + "; ".join(
        f"{programme} {REASONS[reason]}: {text}" for programme, reason, text in grounds
    )
    spare = ("programme", "quota", "by", "company")
    screen.table("recalls", f"회수한 협약 {len(found):,}건", COLUMNS, rows, spare=spare, note=note)


def _row(one: Recall, names: Mapping[str, str]) -> tuple[Cell, ...]:
    return (
        one.award_id,
        names.get(one.company_id, one.company_id),
        one.programme,
        granted(one),
        str(one.until),
        REASONS[one.reason],
        one.note,
        f"{one.decided_on} {one.by}",
    )


def granted(one: Recall) -> str:
    """What the award granted, and others may have now: 8 장."""
    if one.quota is None or one.quota_unit is None:
        return "-"
    return f"{one.quota:,} {UNITS.get(one.quota_unit, one.quota_unit)}"


def ground(one: Recall) -> str:
    """By which rule, and who says so."""
    return f"{one.rule} · {origin_text(one.origin)}" if one.rule else NO_RULE
