"""What `verify` shows: what was compared, and what is not as it was issued."""

from billing.verify.verify import Verification
from metering.errors import CheckError
from reports.terminal.screen import Screen


def show_verification(screen: Screen, month: str, result: Verification) -> None:
    """What was compared and what differs; CheckError when anything does."""
    screen.fact("checked", list(result.checked), "견준 것")
    columns = (("place", "곳"), ("expected", "있어야 할 것"), ("found", "있는 것"))
    if result.other_versions:
        versions = list(result.other_versions)
        screen.fact("other_versions", versions, "만든 때와 다른 판 (이름, 그때, 지금)")
    if result.differences:
        shown = str if screen.as_json else screen.shown
        rows = [
            (shown(difference.place), shown(difference.expected), shown(difference.found))
            for difference in result.differences
        ]
        screen.table("differences", "다른 것", columns, rows)
        raise CheckError(
            f"{month}: {len(rows)} differences, the first: {result.differences[0].place}"
        )
    screen.say(f"{month}: 다시 계산한 것과 모두 같습니다")
