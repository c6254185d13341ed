"""A list of the bank taken in: what is new of it, what that pays, and what a person has to see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from billing.payment.bank_file import BankFile, Payment
from billing.payment.bank_line_ledger import (
    BankLine,
    keep_line,
    lines_of,
    taken_back_by_bank,
    waiting,
)
from billing.payment.cash_application import MoneyUse, Unmatched, match
from billing.payment.company_names import CalledName
from billing.payment.known_rows import named, recognise
from billing.payment.payment_ledger import keep_file, keep_payment, left_of, payments_of, record_use
from billing.payment.receivables import dues
from billing.payment.set_offs import keep_set_offs
from billing.payment.untaken_lines import untaken
from metering.errors import CloseError


@dataclass(frozen=True, slots=True)
class Imported:
    """What a list brought: new payments, how many were known (and of these, how many of a list that
    had other columns), the lines of it that wait for a person, what all is used for and what not.
    """

    file: BankFile
    new: tuple[Payment, ...]
    known: int
    otherwise: int
    lines: tuple[BankLine, ...]
    uses: tuple[MoneyUse, ...]
    unmatched: tuple[Unmatched, ...]


def import_file(
    connection: Connection, file: BankFile, names: Iterable[CalledName], on: date, by: str
) -> Imported:
    """Keep the payments of a list that are not kept yet, and use every payment that is open for
    what it is surely for. The same rows again add nothing, whatever other columns they have. What
    may be a payment that is kept, what the bank takes back and what cannot be read is kept for a
    person to decide; a payment that the bank takes back is used for nothing until then."""
    if not by.strip():
        raise CloseError("payments are taken in with the name of who does it: --by NAME")
    keep_set_offs(connection, on, by.strip())
    kept, lines = payments_of(connection), lines_of(connection)
    doubtful = [line.moved for line in lines if line.kind == "doubtful" and line.moved]
    known_names = {row.payment_id for row in kept}
    rows = (*kept, *(row for row in doubtful if row.payment_id not in known_names))
    rec = recognise(file.payments, rows)
    new = named(rec.new, {*known_names, *(line.line_id for line in lines)})
    waits = untaken(file, replace(rec, new=new), lines, (*kept, *new))
    if new or waits.new:
        keep_file(connection, file, on, by.strip())
    for payment in new:
        keep_payment(connection, file.digest, payment)
    for line in waits.new:
        keep_line(connection, line)
    uses, unmatched = _use(connection, names, {row.payment_id for row in new}, on, by.strip())
    own = {*waits.known, *(line.line_id for line in waits.new)}
    own |= {row.payment_id for row in rec.known.values()}
    shown = tuple(line for line in waiting(connection) if line.line_id in own)
    otherwise = sum(_otherwise(row, rec.known) for row in file.payments)
    known = sum(row.payment_id in known_names for row in rec.known.values())
    return Imported(file, new, known, otherwise, shown, uses, unmatched)


def _use(
    connection: Connection, names: Iterable[CalledName], fresh: set[str], on: date, by: str
) -> tuple[tuple[MoneyUse, ...], tuple[Unmatched, ...]]:
    """Use what is open for what it is surely for."""
    gone = taken_back_by_bank(waiting(connection))
    left = left_of(connection)
    there = [row for row in left if row[0].payment_id not in gone]
    uses, unmatched = match(there, dues(connection), names, by)
    dated = (  # money of an earlier list is matched now, not in a month that may be reported
        use if use.payment_id in fresh else replace(use, used_on=max(use.used_on, on))
        for use in uses
    )
    recorded = tuple(record_use(connection, use) for use in dated)
    unsure = [Unmatched(row, krw, ()) for row, krw in left if row.payment_id in gone]
    return recorded, (*unmatched, *unsure)


def _otherwise(row: Payment, known: Mapping[int, Payment]) -> bool:
    """Whether a known row stood in another list with other columns or words."""
    kept = known.get(row.line)
    return kept is not None and (kept.paid_at, kept.payer, kept.memo, kept.balance) != (
        row.paid_at, row.payer, row.memo, row.balance,
    )  # fmt: skip
