"""What `verify` shows: what was compared, what is not as it was issued, and what mends that."""

from billing.verify.differences import Discrepancy
from billing.verify.verify import Verification
from metering.errors import CheckError
from reports.terminal.screen import Cell, Screen


def show_verification(screen: Screen, month: str, result: Verification) -> None:
    """What was compared and what differs; CheckError when anything does."""
    screen.fact("checked", list(result.checked), "견준 것")
    if result.other_versions:
        versions = list(result.other_versions)
        screen.fact("other_versions", versions, "만든 때와 다른 판 (이름, 그때, 지금)")
    if result.differences:
        _differences(screen, result.differences)
        raise CheckError(_summary(month, result.differences))
    screen.say(f"{month}: 다시 계산한 것과 모두 같습니다")


def _differences(screen: Screen, differences: tuple[Discrepancy, ...]) -> None:
    columns = [("place", "곳"), ("expected", "있어야 할 것"), ("found", "있는 것")]
    shown = str if screen.as_json else screen.shown
    rows: list[tuple[Cell, ...]] = [
        (shown(d.place), shown(d.expected), shown(d.found)) for d in differences
    ]
    if screen.as_json:
        columns.append(("command", ""))
        rows = [(*row, d.command or None) for row, d in zip(rows, differences, strict=True)]
    screen.table("differences", "다른 것", columns, rows)
    for command in dict.fromkeys(d.command for d in differences if d.command):
        places = sum(d.command == command for d in differences)
        screen.say(f"문서 {places:,}건을 다시 만들기: {command}")


def _summary(month: str, differences: tuple[Discrepancy, ...]) -> str:
    """How many differences there are, the first, and the commands that make all of them right."""
    count = f"{len(differences)} differences" if len(differences) > 1 else "1 difference"
    first = f"{month}: {count}, the first: {differences[0].place}"
    commands = list(dict.fromkeys(difference.command for difference in differences))
    if "" in commands:
        return f"{first}; what has no command is not as it was issued: keep it and find out why"
    return f"{first}; the documents are drawn again by: {', '.join(commands)}"
