"""What `quota` and the ministry's report say of recalls: which award, why, when and by whom."""

from collections.abc import Mapping, Sequence

from billing.document import to_document
from billing.rulebook.rule_book import read_rulebook
from billing.subsidy.recalls import Recall, recalls
from metering.site.open_site import OpenSite
from reports.quota.limits_view import DayLimits, LimitsWanted
from reports.terminal.screen import Cell, Screen
from reports.wording.explanation_words import origin_text
from reports.wording.limit_words import RECALL_REASONS, quota_text

COLUMNS = (
    ("award", "협약"), ("company", "기업"), ("programme", "사업"), ("quota", "배정"),
    ("until", "회수일"), ("reason", "사유"), ("note", "확인한 내용"), ("by", "결정"),
)  # fmt: skip
NO_RULE = "규칙에 근거가 없습니다"


def recalls_of_year(
    limits: DayLimits, wanted: LimitsWanted, opened: OpenSite
) -> tuple[Recall, ...]:
    """The recalls of the year of the limits, those that are still to come among them: out of the
    registry in force, since most are decided after the month in which something was found is
    issued."""
    return tuple(
        recall
        for recall in recalls(opened.registry, read_rulebook(opened.site.rules))
        if recall.until.year == limits.day.year
        and wanted.award in ("", recall.award_id)
        and wanted.company in ("", recall.company_id)
        and wanted.programme in ("", recall.programme)
    )


def show_recalls(screen: Screen, recalled: Sequence[Recall], names: Mapping[str, str]) -> None:
    """The recalls in order of day, and by which rule."""
    if screen.as_json:
        screen.fact("recalls", to_document(recalled))
        return
    if not recalled:
        return
    rows = [_row(recall, names) for recall in recalled]
    grounds = dict.fromkeys(
        (recall.programme, recall.reason, basis_text(recall)) for recall in recalled
    )
    note = "근거: " + "; ".join(
        f"{programme} {RECALL_REASONS[reason]}: {text}" for programme, reason, text in grounds
    )
    spare = ("programme", "quota", "by", "company")
    title = f"회수한 협약 {len(recalled):,}건"
    screen.table("recalls", title, COLUMNS, rows, spare=spare, note=note)


def _row(recall: Recall, names: Mapping[str, str]) -> tuple[Cell, ...]:
    return (
        recall.award_id,
        names.get(recall.company_id, recall.company_id),
        recall.programme,
        quota_text(recall.quota, recall.quota_unit),
        str(recall.until),
        RECALL_REASONS[recall.reason],
        recall.note,
        f"{recall.decided_on} {recall.by}",
    )


def basis_text(recall: Recall) -> str:
    """By which rule, and who says so."""
    return f"{recall.rule} · {origin_text(recall.origin)}" if recall.rule else NO_RULE
