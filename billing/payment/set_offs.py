"""What takes a document back is set against it by rule, in the books too (SETTLEMENT 40)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from billing.payment.cash_application import MoneyUse, OpenDocument
from billing.payment.owed_documents import signed_krw
from billing.payment.payment_ledger import record_undone, record_use, undone, uses_of
from billing.payment.receivables import standing

WHY = "취소 문서와 상계"


def keep_set_offs(connection: Connection, on: date, by: str) -> tuple[MoneyUse, ...]:
    """Post what is to be set off by now and is not yet; run after whatever changes what is paid or
    asked. Ageing and matching do not wait for it: they work it out of documents and payments."""
    kept_krw: dict[str, int] = defaultdict(int)
    uses = uses_of(connection)
    by_rule = [use for use in uses if use.how == "rule"]
    for use in by_rule:
        kept_krw[use.number or ""] += signed_krw(use)
    owed = standing(connection)
    recorded: list[MoneyUse] = []
    for document in owed.documents:
        more_krw = owed.set_off_krw[document.number] - kept_krw[document.number]
        if more_krw < 0:  # less than was set off: that is taken back, and what is right recorded
            gone = undone(uses)
            for use in by_rule:
                whole = use.undoes is None and use.sequence not in gone
                if use.number == document.number and whole:
                    recorded.append(record_undone(connection, use, max(on, use.used_on), by, WHY))
            more_krw = owed.set_off_krw[document.number]
        day = max(on, owed.chain_on[document.number])
        recorded += [record_use(connection, use) for use in _set_off(document, more_krw, day, by)]
    return tuple(recorded)


def _set_off(document: OpenDocument, krw: int, on: date, by: str) -> Iterator[MoneyUse]:
    if krw > 0:
        yield MoneyUse(
            "set_against", None, document.company_id, document.number, krw,
            on, "rule", by, WHY,
        )  # fmt: skip
