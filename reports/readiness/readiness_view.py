"""What the terminal shows of a draft before its approval: what moved, what is on no invoice."""

from collections.abc import Sequence

from billing.close.unbilled import Why
from reports.readiness.readiness import WHY, DraftReadiness, hours
from reports.readiness.redraft_view import show_redraft
from reports.terminal.screen import Cell, Screen

SHOWN = 10
MOVED = (
    ("company", "기업"),
    ("before_krw", "지난달"),
    ("now_krw", "이번 달"),
    ("more_krw", "차이"),
)
UNBILLED = (("who", "대상"), ("why", "이유"), ("device_hours", "장비시간"))
WITHOUT = (("company", "기업"), ("why", "이유"), ("device_hours", "장비시간"))


def show_readiness(screen: Screen, ready: DraftReadiness) -> None:
    """The largest of each; in JSON all of it. Nothing stands where there is nothing to tell."""
    steps = ready.steps or ()

    def words(why: Why) -> str:
        return why if screen.as_json else WHY[why]

    show_redraft(screen, ready.redraft)
    _table(
        screen, "moved", "지난달보다 크게 달라진 청구 (단위: 원)", MOVED,
        [(s.company, s.before_krw, s.now_krw, s.more_krw) for s in steps],
    )  # fmt: skip
    _table(
        screen, "unbilled", "청구되지 않은 장비 시간", UNBILLED,
        [(time.who, words(time.why), hours(time.held_us)) for time in ready.unbilled],
    )  # fmt: skip
    _table(
        screen, "without_invoice", "청구서가 없는 기업", WITHOUT,
        [(company.name, words(company.why), hours(company.held_us)) for company in ready.without],
    )  # fmt: skip


def _table(
    screen: Screen,
    name: str,
    title: str,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[tuple[Cell, ...]],
) -> None:
    if not rows and not screen.as_json:
        return
    shown = rows if screen.as_json else rows[:SHOWN]
    rest = len(rows) - len(shown)
    note = f"그 밖에 {rest:,}건 (모두 보려면 --json)" if rest else ""
    right = [key for key, _ in columns if key == "device_hours"]
    screen.table(name, title, columns, shown, note=note, right=right)
