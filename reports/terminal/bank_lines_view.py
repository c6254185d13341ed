"""Lines of the bank that wait for a person, and what a person decided of one."""

from collections.abc import Sequence
from typing import Final

from billing.payment.bank_line_ledger import BankLine, LineDecision
from reports.terminal.screen import Cell, Screen

LINE_KINDS: Final = {
    "reversal": "입금 취소",
    "odd": "읽을 수 없음",
    "doubtful": "이미 들인 것일 수 있음",
}
VERDICTS: Final = {
    "dropped": "들이지 않음",
    "taken_back": "은행이 취소한 입금",
    "taken_in": "입금으로 들임",
    "reopened": "결정을 되돌림",
}


def show_lines(screen: Screen, lines: Sequence[BankLine]) -> None:
    """The lines that wait, with why they were not taken in and what they are about."""
    rows: list[tuple[Cell, ...]] = [
        (
            line.line_id,
            f"{line.file_name}:{line.line}",
            line.kind if screen.as_json else LINE_KINDS[line.kind],
            line.reason if screen.as_json else screen.shown(line.reason),
            line.text,
        )
        for line in lines
    ]
    columns = (
        ("line_id", "줄"),
        ("place", "곳"),
        ("kind", "종류"),
        ("reason", "까닭"),
        ("text", "내용"),
    )
    note = "결정: jeongsan line 줄 --take-back | --take-in | --drop --by 이름 --reason 까닭"
    title = "들이지 않은 줄"
    screen.table("untaken_lines", title, columns, rows, spare=("text",), note=note if rows else "")


def show_decision(screen: Screen, decision: LineDecision) -> None:
    """What was decided, and by how much a payment changed."""
    screen.fact("line_id", decision.line_id, "줄")
    said = decision.kind if screen.as_json else VERDICTS[decision.kind]
    screen.fact("decision", said, "결정")
    if decision.payment_id is not None:
        screen.fact("payment_id", decision.payment_id, "입금")
        screen.fact("moved_krw", decision.moved_krw, "입금의 변동 (원)")
    screen.fact("by", decision.by, "결정한 사람")
    screen.fact("on", str(decision.on), "결정일")
