"""What a person decides about money: what a payment is for, and what becomes of a credit."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from sqlalchemy import Connection

from billing.payment.bank_line_ledger import taken_back_by_bank, waiting
from billing.payment.cash_application import MoneyUse, OpenDocument
from billing.payment.owed_documents import owed
from billing.payment.payment_ledger import (
    left_of,
    payments_of,
    record_undone,
    record_use,
    undone,
    uses_of,
)
from billing.payment.receivables import asked, credits_of, credits_out_of, dues
from billing.payment.set_offs import keep_set_offs
from metering.errors import CloseError


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided, on which day, and why; from which login and when, where that is known."""

    by: str
    on: date
    reason: str = ""
    account: str = ""
    at_ms: int | None = None

    def check(self) -> None:
        """CloseError unless somebody is named."""
        if not self.by.strip():
            raise CloseError("a decision about money needs the name of who decides: --by NAME")

    def check_reason(self, what: str) -> None:
        """CloseError unless somebody is named and says why."""
        self.check()
        if not self.reason.strip():
            raise CloseError(f"{what} needs a reason: --reason TEXT")


def pay_invoice(
    connection: Connection, payment_id: str, number: str, krw: int | None, decided: Decision
) -> MoneyUse:
    """Use a payment, or so much of it, for a document; never more than is open on either side."""
    decided.check()
    left_krw, due = _left(connection, payment_id), _due(connection, number)
    most = min(left_krw, due.open_krw)
    amount_krw = _amount(
        krw, most, f"{payment_id} has {left_krw:,}, {number} {due.open_krw:,} open"
    )
    use = MoneyUse(
        "matched", payment_id, due.company_id, number, amount_krw,
        max(decided.on, due.issued_on), "person", decided.by.strip(), decided.reason,
    )  # fmt: skip
    return record_use(connection, use)


def owe_rest(
    connection: Connection, payment_id: str, company_id: str, decided: Decision
) -> MoneyUse:
    """What is left of a payment is owed to a company."""
    decided.check()
    left_krw = _amount(None, _left(connection, payment_id), f"{payment_id} has nothing left")
    use = MoneyUse(
        "credit", payment_id, company_id, None, left_krw, decided.on, "person",
        decided.by.strip(), decided.reason,
    )  # fmt: skip
    return record_use(connection, use)


def undo(connection: Connection, payment_id: str, decided: Decision) -> tuple[MoneyUse, ...]:
    """Take back everything that a payment is used for; CloseError where money that it brought is
    refunded or set against by now."""
    decided.check_reason("taking back")
    every = uses_of(connection)
    gone = undone(every)
    own = [
        use for use in every
        if use.payment_id == payment_id and use.undoes is None and use.sequence not in gone
    ]  # fmt: skip
    if not own:
        raise CloseError(f"payment {payment_id} is used for nothing")
    backs = [replace(use, sequence=0, undoes=use.sequence) for use in own]
    uses = (*every, *backs)
    left_krw = credits_out_of(owed(asked(connection), uses), uses)
    for use in own:
        if (short_krw := left_krw.get(use.company_id, 0)) < 0:
            raise CloseError(
                f"{-short_krw:,} of what payment {payment_id} brought {use.company_id} is refunded"
                " or set against by now"
            )
    day = max(decided.on, *(use.used_on for use in own))
    by = decided.by.strip()
    taken = tuple(
        record_use(
            connection, replace(back, used_on=day, how="person", by=by, reason=decided.reason)
        )
        for back in backs
    )
    keep_set_offs(connection, day, by)
    return taken


def spend_credit(
    connection: Connection,
    company_id: str,
    kind: Literal["refund", "set_against"],
    number: str | None,
    krw: int | None,
    decided: Decision,
) -> MoneyUse:
    """Refund what is owed to a company, or set it against a document, or so much of it. What is
    owed is what it paid and is not asked for: what was taken back unpaid is no credit."""
    decided.check()
    keep_set_offs(connection, decided.on, decided.by.strip())
    balances = (credits_of(connection), credits_of(connection, decided.on))
    # now, and on the day it is booked
    owed_krw = min(balance.get(company_id, 0) for balance in balances)
    most, on = owed_krw, decided.on
    if kind == "set_against":
        due = _due(connection, number or "")
        if due.company_id != company_id:
            raise CloseError(f"{number} is of {due.company_id}, not of {company_id}")
        most, on = min(owed_krw, due.open_krw), max(on, due.issued_on)
    amount_krw = _amount(
        krw, most, f"{company_id} is owed {owed_krw:,} on {decided.on}, {most:,} can be used"
    )
    use = MoneyUse(
        kind, None, company_id, number, amount_krw, on, "person", decided.by.strip(),
        decided.reason,
    )  # fmt: skip
    return record_use(connection, use)


def undo_spent(connection: Connection, company_id: str, decided: Decision) -> MoneyUse:
    """Take back the last refund or setting against of a company that a person recorded: it is owed
    to the company again."""
    decided.check_reason("taking back")
    every = uses_of(connection)
    gone = undone(every)
    own = [
        use
        for use in every
        if use.company_id == company_id
        and (use.kind in ("refund", "set_against") and use.how == "person")
        and (use.undoes is None and use.sequence not in gone)
    ]
    if not own:
        raise CloseError(f"nothing that was owed to {company_id} is refunded or set against")
    day, by = max(decided.on, own[-1].used_on), decided.by.strip()
    back = record_undone(connection, own[-1], day, by, decided.reason)
    keep_set_offs(connection, day, by)
    return back


def _amount(asked: int | None, most: int, why: str) -> int:
    krw = most if asked is None else asked
    if not 0 < krw <= most:
        raise CloseError(f"{why}; nothing was recorded")
    return krw


def _left(connection: Connection, payment_id: str) -> int:
    if line := taken_back_by_bank(waiting(connection)).get(payment_id):
        raise CloseError(
            f"the bank takes payment {payment_id} back by its line {line.line_id};"
            f" decide that first: `jeongsan line {line.line_id}`"
        )
    left = {payment.payment_id: krw for payment, krw in left_of(connection)}
    if payment_id in left:
        return left[payment_id]
    if any(payment.payment_id == payment_id for payment in payments_of(connection)):
        return 0
    raise CloseError(f"there is no payment {payment_id}; `jeongsan ageing` lists what is unmatched")


def _due(connection: Connection, number: str) -> OpenDocument:
    for due in dues(connection):
        if due.number == number and due.taken_back:
            raise CloseError(f"{number} is taken back by another document and not owed")
        if due.number == number:
            return due
    raise CloseError(f"no document of the number {number} asks for money")
