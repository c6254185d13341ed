"""What is different from a month's last draft, by company and cause."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from billing.close.draft_history import DraftCause, Moved, Redraft, redraft
from metering.errors import JeongsanError
from metering.site.open_site import OpenSite
from reports.terminal.screen import Cell, Screen

SHOWN = 30
DRAFT_CAUSES: dict[DraftCause, str] = {
    "registry": "등록부",
    "usage": "사용량",
    "price": "단가",
    "rule": "규칙",
    "correction": "앞 달의 정정",
    "program": "프로그램",
}
COLUMNS = (
    ("company", "기업"),
    ("cause", "원인"),
    ("charge_krw", "정가"),
    ("subsidy_krw", "지원"),
    ("company_krw", "자부담"),
    ("vat_krw", "부가세"),
)


@dataclass(frozen=True, slots=True)
class RedraftRow:
    """What a cause changes of a company, taxable and exempt together."""

    company_id: str
    company: str
    cause: DraftCause
    krw: tuple[int, int, int, int]  # charge, support, self-pay, VAT


def redraft_rows(moved: Iterable[Moved]) -> tuple[RedraftRow, ...]:
    """The companies whose amounts moved most first; each company's causes stay together, in the
    order in which they were attributed."""
    sums: dict[tuple[str, DraftCause], tuple[int, int, int, int]] = {}
    size: dict[str, int] = defaultdict(int)
    names: dict[str, str] = {}
    for change in moved:
        key = (change.company_id, change.cause)
        old = sums.get(key, (0, 0, 0, 0))
        more = (change.charge_krw, change.subsidy_krw, change.company_krw, change.vat_krw)
        sums[key] = (old[0] + more[0], old[1] + more[1], old[2] + more[2], old[3] + more[3])
        size[change.company_id] += max(abs(krw) for krw in more)
        names[change.company_id] = change.company
    order = list(DRAFT_CAUSES)
    keys = sorted(sums, key=lambda key: (-size[key[0]], key[0], order.index(key[1])))
    return tuple(RedraftRow(key[0], names[key[0]], key[1], sums[key]) for key in keys)


def last_change(opened: OpenSite, month: str) -> Redraft | str | None:
    """The difference from the draft before, None where there was none; a sentence where it cannot
    be told, which is no reason to be without a draft."""
    try:
        return redraft(opened, month)
    except JeongsanError as error:
        return f"지난 초안과 견주지 못했습니다: {error}"


def show_redraft(screen: Screen, change: Redraft | str | None) -> None:
    """The table of differences; nothing where a month has but one draft."""
    if isinstance(change, str):
        screen.say(change)
        return
    if change is None:
        return
    every = redraft_rows(change.moved)
    shown = every if screen.as_json else every[:SHOWN]
    table: list[tuple[Cell, ...]] = [
        (row.company, row.cause if screen.as_json else DRAFT_CAUSES[row.cause], *row.krw)
        for row in shown
    ]
    rest = every[len(shown) :]
    note = f"그 밖에 {len(rest):,}줄, 자부담 합계 {sum(o.krw[2] for o in rest):,}원" if rest else ""
    title = f"지난 초안({change.before[:12]})과 달라진 것 (단위: 원)"
    screen.table("redraft", title, COLUMNS, table, note=note, spare=("vat_krw",))
