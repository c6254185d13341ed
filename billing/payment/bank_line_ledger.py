"""Lines of the bank that were not taken in, kept until a person decides. It alone writes them; it
only adds."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, cast

from sqlalchemy import Connection, Row, func, insert, select

from billing.ledger.tables import bank_file, bank_line, bank_line_decision
from billing.payment.bank_file import LineKind, Payment

Verdict = Literal["dropped", "taken_back", "taken_in", "reopened"]


@dataclass(frozen=True, slots=True)
class BankLine:
    """A line that a person has to see. moved: as it was read, named by the line's id; None where it
    could not be. payment_id: what it takes back, or may be."""

    line_id: str
    file: str  # digest of its list
    file_name: str
    line: int
    kind: LineKind
    reason: str
    text: str
    account: str
    moved: Payment | None = None
    payment_id: str | None = None


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What a person decided of a line; moved_krw is by how much a payment changed."""

    line_id: str
    kind: Verdict
    payment_id: str | None
    moved_krw: int
    on: date
    by: str
    reason: str
    sequence: int = 0


def keep_line(connection: Connection, line: BankLine) -> None:
    """Keep a line of a list that is kept."""
    moved = line.moved
    read = {} if moved is None else {
        "paid_on": moved.paid_on,
        "paid_at": moved.paid_at,
        "payer": moved.payer,
        "memo": moved.memo,
        "amount_krw": moved.amount_krw,
        "balance": moved.balance,
        "says": " ".join(moved.says or ()),
    }  # fmt: skip
    connection.execute(
        insert(bank_line).values(
            line_id=line.line_id, file=line.file, line=line.line, kind=line.kind,
            reason=line.reason, text=line.text, account=line.account, payment_id=line.payment_id,
            **read,
        )
    )  # fmt: skip


def record_decision(connection: Connection, decision: LineDecision) -> LineDecision:
    """Record a decision; as it is numbered."""
    last = connection.execute(select(func.max(bank_line_decision.c.sequence))).scalar() or 0
    given = replace(decision, sequence=last + 1)
    connection.execute(
        insert(bank_line_decision).values(
            sequence=given.sequence, line_id=given.line_id, kind=given.kind,
            payment_id=given.payment_id, moved_krw=given.moved_krw, decided_on=given.on,
            decided_by=given.by, reason=given.reason,
        )
    )  # fmt: skip
    return given


def lines_of(connection: Connection, until: date | None = None) -> tuple[BankLine, ...]:
    """Every line that was kept by a day, in the order of lists and lines."""
    query = select(bank_line, bank_file.c.name).join(
        bank_file, bank_file.c.digest == bank_line.c.file
    )
    if until is not None:
        query = query.where(bank_file.c.imported_on <= until)
    order = (bank_file.c.imported_on, bank_file.c.name, bank_line.c.line, bank_line.c.line_id)
    return tuple(_line(row) for row in connection.execute(query.order_by(*order)))


def _line(row: Row[tuple[object, ...]]) -> BankLine:
    moved = None
    if row.amount_krw is not None:
        moved = Payment(
            row.line_id, row.account, row.paid_on, row.paid_at, row.payer, row.memo,
            row.amount_krw, row.line, row.balance, tuple(row.says.split()),
        )  # fmt: skip
    return BankLine(
        row.line_id, row.file, row.name, row.line, cast(LineKind, row.kind), row.reason, row.text,
        row.account, moved, row.payment_id,
    )  # fmt: skip


def last_decisions(connection: Connection, until: date | None = None) -> dict[str, LineDecision]:
    """The last decision of each line that has any, by a day."""
    return {decision.line_id: decision for decision in line_decisions(connection, until)}


def line_decisions(connection: Connection, until: date | None = None) -> list[LineDecision]:
    """Every decision, in order, by a day."""
    query = select(bank_line_decision).order_by(bank_line_decision.c.sequence)
    if until is not None:
        query = query.where(bank_line_decision.c.decided_on <= until)
    return [
        LineDecision(
            row.line_id, cast(Verdict, row.kind), row.payment_id, row.moved_krw, row.decided_on,
            row.decided_by, row.reason, row.sequence,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def waiting(connection: Connection, until: date | None = None) -> tuple[BankLine, ...]:
    """The lines that nobody has decided by a day."""
    decided = last_decisions(connection, until)
    return tuple(line for line in lines_of(connection, until) if is_open(line, decided))


def is_open(line: BankLine, decided: dict[str, LineDecision]) -> bool:
    """Whether a line waits for a person."""
    last = decided.get(line.line_id)
    return last is None or last.kind == "reopened"


def taken_back_by_bank(lines: Iterable[BankLine]) -> dict[str, BankLine]:
    """The payments that waiting lines of the bank take back, with the line."""
    return {
        line.payment_id: line
        for line in lines
        if line.kind == "reversal" and line.payment_id is not None
    }
