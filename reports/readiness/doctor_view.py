"""What `doctor` shows of the checks of a site: one table, and what has to be done first."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from metering.errors import CheckError
from reports.readiness.doctor import SiteCheck, State
from reports.terminal.screen import Cell, Screen

STATES: Mapping[State, str] = MappingProxyType(
    {"ok": "좋음", "warning": "주의", "wrong": "잘못", "not_tried": "해 보지 않음"}
)
COLUMNS = (("what", "무엇"), ("state", "상태"), ("seen", "본 것"), ("to_do", "할 일"))


def show_checks(screen: Screen, checks: Sequence[SiteCheck]) -> None:
    """Every check in its order; CheckError where one is wrong."""
    rows: list[tuple[Cell, ...]] = [
        (
            check.what,
            check.state if screen.as_json else STATES[check.state],
            check.seen,
            check.to_do or None,
        )
        for check in checks
    ]
    counts = {state: sum(check.state == state for check in checks) for state in STATES}
    words = ", ".join(f"{STATES[state]} {count:,}" for state, count in counts.items() if count)
    screen.table("checks", "사이트 점검", COLUMNS, rows, note=words)
    if screen.as_json:
        screen.fact("counts", counts)
    wrong = [check.what for check in checks if check.state == "wrong"]
    if wrong:
        first = ", ".join(dict.fromkeys(wrong))
        raise CheckError(f"{len(wrong)} of {len(checks)} checks are wrong ({first}): mend them")
