"""What each document asks once what takes it back is set against it, and what of it is open."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billing.payment.cash_application import MoneyUse, OpenDocument


@dataclass(frozen=True, slots=True)
class PayableDocument:
    """What a document asks of a company, or gives back where it is negative.

    chain: company, tax class and month, which its documents sum to the truth of. amends: the number
    that it points at, where it is amended; takes_back: whether it is the negative of a document.
    """

    issuer: str
    number: str
    company_id: str
    company: str
    issued_on: date
    due_on: date
    payable_krw: int
    chain: tuple[str, ...] = ()
    amends: str | None = None
    takes_back: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """Documents that ask for money with what of it is open, and by number what is to be given back
    of each that was paid, what of it is neither paid nor open (set off by rule), and the day of the
    newest document of its chain."""

    documents: tuple[OpenDocument, ...]
    overpaid_krw: Mapping[str, int]
    set_off_krw: Mapping[str, int]
    chain_on: Mapping[str, date]


def owed(payable: Iterable[PayableDocument], uses: Iterable[MoneyUse]) -> Owed:
    """What is open of every document, by number (SETTLEMENT 40).

    What takes back (a negative, a difference that lowers) is set against the document that it
    points at; what is more than that asks, against the newest others of its chain. Only what was
    paid of a document beyond what it still asks is to be given back.
    """
    paid_krw = paid(uses)
    chains: dict[tuple[str, ...], list[PayableDocument]] = defaultdict(list)
    for document in payable:
        chains[document.chain or (document.issuer, document.number)].append(document)
    documents: list[OpenDocument] = []
    overpaid: dict[str, int] = {}
    set_off: dict[str, int] = {}
    chain_on: dict[str, date] = {}
    for chain in chains.values():
        asks, posted_krw = _asked_krw(chain)
        for document in chain:
            number = document.number
            if number not in asks or document.payable_krw <= 0:
                continue
            rest = asks[number] - paid_krw.get(number, 0)
            if rest < 0:
                overpaid[number] = -rest
            chain_on[number] = max(other.issued_on for other in chain)
            set_off[number] = posted_krw[number] - paid_krw.get(number, 0) - max(rest, 0)
            documents.append(
                OpenDocument(
                    document.issuer, number, document.company_id, document.company,
                    document.issued_on, document.due_on, document.payable_krw, max(rest, 0),
                    document.payable_krw - asks[number],
                )
            )  # fmt: skip
    documents.sort(key=lambda document: (document.number, document.issuer))
    return Owed(tuple(documents), overpaid, set_off, chain_on)


def paid(uses: Iterable[MoneyUse]) -> dict[str, int]:
    """The won that were used for each document, by payments and by credits that a person set
    against it; what is set off by rule is no money."""
    sums: dict[str, int] = defaultdict(int)
    for use in uses:
        if use.number is not None and use.how != "rule":
            sums[use.number] += signed_krw(use)
    return sums


def signed_krw(use: MoneyUse) -> int:
    """The amount of a use, negative where it undoes one."""
    return use.amount_krw if use.undoes is None else -use.amount_krw


def _asked_krw(chain: Sequence[PayableDocument]) -> tuple[dict[str, int], dict[str, int]]:
    """What each document that stands for itself asks, never less than nothing; and what the ledger
    says of it, to which what takes back is a debt of its own."""
    by_number = {document.number: document for document in chain}
    sums: dict[str, int] = defaultdict(int)
    posted_krw: dict[str, int] = defaultdict(int)
    for document in chain:
        root = _root(document, by_number)
        sums[root.number] += document.payable_krw
        posted_krw[root.number] += max(document.payable_krw, 0)
    over_krw = -sum(krw for krw in sums.values() if krw < 0)
    for number in sorted(sums, key=lambda number: _newest(by_number[number]), reverse=True):
        taken = min(max(sums[number], 0), over_krw)
        over_krw -= taken
        sums[number] = max(sums[number], 0) - taken
    return sums, posted_krw


def _root(document: PayableDocument, by_number: Mapping[str, PayableDocument]) -> PayableDocument:
    """The document that one is about: itself, or what it takes back or lowers."""
    seen = {document.number}
    while document.takes_back or document.payable_krw < 0:
        before = by_number.get(document.amends or "")
        if before is None or before.number in seen:
            return document
        seen.add(before.number)
        document = before
    return document


def _newest(document: PayableDocument) -> tuple[date, str]:
    return document.issued_on, document.number
