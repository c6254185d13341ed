"""A list of the bank taken in: what is new of it, what that pays, and what a person has to see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from billing.payment.bank_file import BankFile, Payment
from billing.payment.cash_application import MoneyUse, Unmatched, match
from billing.payment.payment_ledger import keep_file, keep_payment, left_of, payments_of, record_use
from billing.payment.receivables import dues
from metering.errors import CloseError


@dataclass(frozen=True, slots=True)
class Imported:
    """What a list brought: new payments, how many were known, what all is used for and what not."""

    file: BankFile
    new: tuple[Payment, ...]
    known: int
    uses: tuple[MoneyUse, ...]
    unmatched: tuple[Unmatched, ...]


def import_file(
    connection: Connection, file: BankFile, names: Mapping[str, str], on: date, by: str
) -> Imported:
    """Keep the payments of a list that are not kept yet, and use every payment that is open for
    what it is surely for. The same list again adds nothing."""
    if not by.strip():
        raise CloseError("payments are taken in with the name of who does it: --by NAME")
    kept = {payment.payment_id for payment in payments_of(connection)}
    new = tuple(payment for payment in file.payments if payment.payment_id not in kept)
    if new:
        keep_file(connection, file, on, by.strip())
    for payment in new:
        keep_payment(connection, file, payment)
    uses, unmatched = match(left_of(connection), dues(connection), names, by.strip())
    fresh = {payment.payment_id for payment in new}
    dated = (  # money of an earlier list is matched now, not in a month that may be reported
        use if use.payment_id in fresh else replace(use, used_on=max(use.used_on, on))
        for use in uses
    )
    recorded = tuple(record_use(connection, use) for use in dated)
    return Imported(file, new, len(file.payments) - len(new), recorded, tuple(unmatched))
