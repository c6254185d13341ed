"""What a person decides of a line of the bank that was not taken in; each can be taken back."""

from sqlalchemy import Connection

from billing.document import digest_of
from billing.payment.bank_file import Payment
from billing.payment.bank_line_ledger import (
    BankLine,
    LineDecision,
    Verdict,
    is_open,
    keep_line,
    last_decisions,
    lines_of,
    record_decision,
)
from billing.payment.cash_application import BANK, UNMATCHED
from billing.payment.matches_and_credits import Decision, undo
from billing.payment.payment_ledger import (
    file_of,
    keep_payment,
    left_of,
    moved_krw,
    payments_of,
    post_pair,
    there_krw,
)
from metering.database.audit_trail import Who, keep
from metering.errors import CloseError


def drop(connection: Connection, line_id: str, decided: Decision) -> LineDecision:
    """The line is nothing: it says what is known, or what was entered otherwise. So is a payment
    that was taken in of a list that is not the centre's, or wrong: its money goes, and the same row
    of another list is known. CloseError while it is used."""
    if line_id not in {line.line_id for line in lines_of(connection)}:
        for row in payments_of(connection):
            if row.payment_id == line_id:
                return _drop_payment(connection, row, decided)
    line = _open(connection, line_id, decided)
    return _record(connection, line, "dropped", None, 0, decided)


def _drop_payment(connection: Connection, row: Payment, decided: Decision) -> LineDecision:
    decided.check_reason("a decision about a line of the bank")
    name, krw = row.payment_id, row.amount_krw
    if _left(connection, name) < krw:
        raise CloseError(f"payment {name} is used; `jeongsan match {name} --undo` first")
    line = BankLine(
        name, file_of(connection, name), "", row.line, "doubtful", "was taken in by mistake",
        " ".join((str(row.paid_on), row.payer, row.memo)), row.account, row,
    )  # fmt: skip
    keep_line(connection, line)
    return _record(connection, line, "dropped", name, -krw, decided)


def take_in(connection: Connection, line_id: str, decided: Decision) -> LineDecision:
    """The line is money of its own: it becomes a payment."""
    line = _open(connection, line_id, decided)
    if line.kind != "doubtful" or line.moved is None:
        raise CloseError(f"line {line_id} is no payment that came in; nothing was recorded")
    krw = 0
    if any(payment.payment_id == line_id for payment in payments_of(connection)):
        krw = line.moved.amount_krw  # that was taken in before, and that taken back
    else:
        keep_payment(connection, line.file, line.moved)
    return _record(connection, line, "taken_in", line_id, krw, decided)


def take_back(
    connection: Connection, line_id: str, payment_id: str | None, decided: Decision
) -> LineDecision:
    """The bank took the money of a payment back: what it was used for is taken back too, and the
    money is gone. CloseError where what it brought is refunded or set against by now."""
    line = _open(connection, line_id, decided)
    if line.kind != "reversal" or line.moved is None:
        raise CloseError(f"line {line_id} takes no money back; nothing was recorded")
    named = payment_id or line.payment_id
    if named is None:
        raise CloseError(f"say which payment line {line_id} takes back; `jeongsan ageing` has them")
    krw = line.moved.amount_krw
    if (there := _there(connection, named)) < krw:
        raise CloseError(f"payment {named} has {there:,}, line {line_id} takes back {krw:,}")
    if _left(connection, named) < krw:
        undo(connection, named, decided)
    return _record(connection, line, "taken_back", named, -krw, decided)


def reopen(connection: Connection, line_id: str, decided: Decision) -> LineDecision:
    """Take a decision back: the line waits again, and money is where it was."""
    decided.check_reason("taking back")
    line, last = _line(connection, line_id), last_decisions(connection).get(line_id)
    if last is None or last.kind == "reopened":
        raise CloseError(f"nobody has decided line {line_id}")
    krw = -last.moved_krw
    if last.kind == "dropped" and krw:  # it was a payment, and is one again
        return _record(connection, line, "taken_in", line_id, krw, decided)
    if last.kind == "taken_in" and line.moved is not None:
        krw = -line.moved.amount_krw
        if _left(connection, line_id) + krw:
            raise CloseError(f"payment {line_id} is used; `jeongsan match {line_id} --undo` first")
    return _record(connection, line, "reopened", last.payment_id, krw, decided)


def _record(
    connection: Connection,
    line: BankLine,
    kind: Verdict,
    payment_id: str | None,
    krw: int,
    decided: Decision,
) -> LineDecision:
    last = last_decisions(connection).get(line.line_id)
    days = (decided.on, *((last.on,) if last else ()))
    days += (line.moved.paid_on,) if line.moved else ()
    given = record_decision(
        connection,
        LineDecision(
            line.line_id, kind, payment_id, krw, max(days), decided.by.strip(),
            decided.reason.strip(),
        ),
    )  # fmt: skip
    who = Who(given.by, decided.at_ms, decided.account)
    subject = f"{given.line_id} {given.kind}"
    keep(connection, "line", who, subject=subject, reason=given.reason, digest=digest_of(given))
    if krw:
        memo = " ".join((payment_id or "", given.reason)).strip()
        pair = ((BANK, krw), (UNMATCHED, -krw))
        post_pair(connection, f"line/{given.sequence:08d}", given.on, pair, memo)
    return given


def _open(connection: Connection, line_id: str, decided: Decision) -> BankLine:
    decided.check_reason("a decision about a line of the bank")
    line, decisions = _line(connection, line_id), last_decisions(connection)
    if not is_open(line, decisions):
        last = decisions[line_id]
        raise CloseError(
            f"line {line_id} was decided by {last.by} on {last.on} ({last.kind}); --undo first"
        )
    return line


def _line(connection: Connection, line_id: str) -> BankLine:
    for line in lines_of(connection):
        if line.line_id == line_id:
            return line
    raise CloseError(f"there is no line {line_id}; `jeongsan ageing` lists those that wait")


def _there(connection: Connection, payment_id: str) -> int:
    moved = moved_krw(connection)
    for payment in payments_of(connection):
        if payment.payment_id == payment_id:
            return there_krw(payment, moved)
    raise CloseError(f"there is no payment {payment_id}")


def _left(connection: Connection, payment_id: str) -> int:
    left = {payment.payment_id: krw for payment, krw in left_of(connection)}
    return left.get(payment_id, 0)
