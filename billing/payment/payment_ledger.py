"""Payments as they are kept: lists of the bank, what each payment is used for, and the postings.

It alone writes them; it only adds, and what was wrong is undone by an entry of its own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import cast

from sqlalchemy import Connection, func, insert, select

from billing.ledger.tables import (
    bank_file,
    bank_line_decision,
    payment,
    payment_posting,
    payment_use,
)
from billing.payment.bank_file import BankFile, Payment
from billing.payment.cash_application import BANK, UNMATCHED, Kind, MoneyUse, sides
from billing.payment.owed_documents import signed_krw


def keep_file(connection: Connection, file: BankFile, on: date, by: str) -> None:
    """Keep the list itself, once."""
    known = select(bank_file.c.digest).where(bank_file.c.digest == file.digest)
    if connection.execute(known).scalar() is None:
        connection.execute(
            insert(bank_file).values(
                digest=file.digest, name=file.name, account=file.account, imported_on=on,
                imported_by=by,
            )
        )  # fmt: skip


def keep_payment(connection: Connection, file: str, received: Payment) -> None:
    """Keep a payment of a list, by its digest, which nothing is matched with yet."""
    connection.execute(
        insert(payment).values(
            payment_id=received.payment_id,
            file=file,
            line=received.line,
            account=received.account,
            paid_on=received.paid_on,
            paid_at=received.paid_at,
            payer=received.payer,
            memo=received.memo,
            amount_krw=received.amount_krw,
            balance=received.balance,
            says=" ".join(received.says or ()),
        )
    )
    pair = ((BANK, received.amount_krw), (UNMATCHED, -received.amount_krw))
    post_pair(connection, f"payment/{received.payment_id}", received.paid_on, pair, received.payer)


def record_use(connection: Connection, use: MoneyUse) -> MoneyUse:
    """Record a use with its postings; the use as it is numbered."""
    last = connection.execute(select(func.max(payment_use.c.sequence))).scalar() or 0
    given = replace(use, sequence=last + 1)
    connection.execute(
        insert(payment_use).values(
            sequence=given.sequence,
            kind=use.kind,
            payment_id=use.payment_id,
            company_id=use.company_id,
            number=use.number,
            amount_krw=use.amount_krw,
            used_on=use.used_on,
            how=use.how,
            decided_by=use.by,
            reason=use.reason,
            undoes=use.undoes,
        )
    )
    memo = " ".join(part for part in (use.number, use.payment_id, use.reason) if part)
    post_pair(connection, f"use/{given.sequence:08d}", use.used_on, sides(use), memo)
    return given


def record_undone(
    connection: Connection, use: MoneyUse, on: date, by: str, reason: str
) -> MoneyUse:
    """Record that a use is taken back; the entry that does so."""
    back = replace(use, used_on=on, by=by, reason=reason, sequence=0, undoes=use.sequence)
    return record_use(connection, back)


def post_pair(
    connection: Connection, group: str, day: date, pair: Sequence[tuple[str, int]], memo: str
) -> None:
    """Add the two sides of money that moved, on its day."""
    if sum(krw for _, krw in pair):  # written out, so that `python -O` keeps it
        raise AssertionError(f"{group} does not sum to zero: {pair}")
    for seq, (account, amount_krw) in enumerate(pair, start=1):
        connection.execute(
            insert(payment_posting).values(
                group_id=group, seq=seq, day=day, account=account, amount_krw=amount_krw, memo=memo
            )
        )


def payments_of(connection: Connection) -> tuple[Payment, ...]:
    """Every payment, in order of day and id."""
    query = select(payment).order_by(payment.c.paid_on, payment.c.payment_id)
    return tuple(
        Payment(
            row.payment_id, row.account, row.paid_on, row.paid_at, row.payer, row.memo,
            row.amount_krw, row.line, row.balance or "",
            None if row.says is None else tuple(row.says.split()),
        )
        for row in connection.execute(query)
    )  # fmt: skip


def file_of(connection: Connection, payment_id: str) -> str:
    """The digest of the list that a payment was taken in of."""
    query = select(payment.c.file).where(payment.c.payment_id == payment_id)
    return str(connection.execute(query).scalar_one())


def uses_of(connection: Connection, until: date | None = None) -> tuple[MoneyUse, ...]:
    """Every use up to a day, in the order in which they were recorded."""
    query = select(payment_use).order_by(payment_use.c.sequence)
    if until is not None:
        query = query.where(payment_use.c.used_on <= until)
    return tuple(
        MoneyUse(
            cast(Kind, row.kind), row.payment_id, row.company_id, row.number, row.amount_krw,
            row.used_on, row.how, row.decided_by, row.reason, row.sequence, row.undoes,
        )
        for row in connection.execute(query)
    )  # fmt: skip


def left_of(connection: Connection, until: date | None = None) -> list[tuple[Payment, int]]:
    """The payments of which something is left by a day, and how much."""
    used: dict[str | None, int] = defaultdict(int)
    for use in uses_of(connection, until):
        used[use.payment_id] += signed_krw(use)
    moved = moved_krw(connection, until)
    left = [
        (received, there_krw(received, moved) - used[received.payment_id])
        for received in payments_of(connection)
        if until is None or received.paid_on <= until
    ]
    return [(received, krw) for received, krw in left if krw]


def moved_krw(connection: Connection, until: date | None = None) -> dict[str, int]:
    """By how much a person's decisions on lines of the bank changed payments, by a day."""
    moved: dict[str, int] = defaultdict(int)
    query = select(bank_line_decision).where(bank_line_decision.c.payment_id.is_not(None))
    if until is not None:
        query = query.where(bank_line_decision.c.decided_on <= until)
    for row in connection.execute(query):
        moved[row.payment_id] += row.moved_krw
    return moved


def there_krw(received: Payment, moved: Mapping[str, int]) -> int:
    """What of a payment the bank has not taken back."""
    return received.amount_krw + moved.get(received.payment_id, 0)


def undone(uses: Iterable[MoneyUse]) -> frozenset[int]:
    """The uses that another one undoes."""
    return frozenset(use.undoes for use in uses if use.undoes is not None)
