"""What came in, as `load` and `collect` show it: what changed in the registry, rows of sources."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from billing.adjust.stale_months import StaleMonth
from billing.rulebook.load_site import Loaded
from metering.site.load_registry import RegistryDifference
from reports.terminal.screen import Cell, Screen
from reports.wording.left_out_words import LEFT_OUT

if TYPE_CHECKING:
    from metering.collect.collect import Collected

SHOWN = 30
MOVED = {"late": "소속·장비가 바뀌는 날", "registry": "협약·기업·과제", "rule": "규칙"}
CHANGES = {"added": "추가", "changed": "변경", "removed": "삭제"}


def show_load(screen: Screen, loaded: Loaded) -> None:
    """The registry's differences, and the digests of registry and rules."""
    result = loaded.result
    columns = (("sheet", "시트"), ("key", "행"), ("change", "변경"), ("cells", "내용"))
    shown = result.differences if screen.as_json else result.differences[:SHOWN]
    rows: list[tuple[Cell, ...]] = [
        (d.sheet, d.key, d.change if screen.as_json else CHANGES[d.change], _cells(d))
        for d in shown
    ]
    title = f"등록부 변경 {len(result.differences):,}건"
    rest = len(result.differences) - len(shown)
    note = f"그 밖에 {rest:,}건이 더 있으며 모두 저장했습니다" if rest else ""
    screen.table("differences", title, columns, rows, note=note)
    if result.rewritten:
        screen.say(
            f"시작일부터 달라지는 협약 {len(result.rewritten):,}건({result.rewritten[0]} 등): 어느 "
            "날부터 바꾸려면 until로 끝내고 새 협약을 더하십시오. 발행한 달은 adjust로 정정합니다"
        )
    screen.fact("registry_digest", result.registry.digest, "등록부")
    screen.fact("rules_digest", loaded.book.digest, "규칙")


def show_moved(screen: Screen, moved: Sequence[StaleMonth]) -> None:
    """The issued months that would have to be corrected, and by what of the registry or rules."""
    if not moved and not screen.as_json:
        return
    columns = (("month", "월"), ("why", "까닭"), ("what", "무엇이"))
    rows: list[tuple[Cell, ...]] = [
        (
            stale.month,
            stale.why if screen.as_json else MOVED[stale.why],
            ", ".join(stale.what) if screen.as_json else _some(stale.what),
        )
        for stale in moved
    ]
    note = "문서는 바뀌지 않습니다. 다시 계량한 뒤 jeongsan adjust로 정정합니다"
    screen.table("moved", "달라지는 발행한 달", columns, rows, note=note)


def _some(names: Sequence[str]) -> str:
    more = f" 외 {len(names) - 5:,}건" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _cells(difference: RegistryDifference) -> str:
    """The cells of a row that was added or removed, or how those of a changed one differ."""
    match difference.change:
        case "added":
            return difference.after
        case "removed":
            return difference.before
        case "changed":
            return ", ".join(
                f"{c.column}: {c.old or '-'} → {c.new or '-'}" for c in difference.cells
            )


def show_collected(screen: Screen, results: "Sequence[Collected]") -> None:
    """What became of every row that was read, by section and kind of record."""
    columns = (
        ("section", "구역"),
        ("record", "기록"),
        ("rows", "읽은 행"),
        ("landed", "들인 행"),
        ("left_out", "뺀 행"),
        ("quarantined", "격리"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            section.section,
            record,
            count,
            section.landed(record),
            _left_out(screen, section.left_out.get(record, {})),
            section.quarantined[record],
        )
        for section in results
        for record, count in section.rows.items()
    ]
    screen.table("collected", "수집 결과", columns, rows, spare=("left_out",))


def _left_out(screen: Screen, counts: Mapping[str, int]) -> Cell:
    """What is rightly no row, by reason; the most first."""
    ordered = sorted(counts.items(), key=lambda reason: (-reason[1], reason[0]))
    if screen.as_json:
        return dict(ordered)
    return {LEFT_OUT.get(reason, reason): count for reason, count in ordered}
