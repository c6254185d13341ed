"""What a payment is used for: which invoices it pays, what of it is owed back, and the postings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from billing.payment.bank_file import Payment
from billing.payment.company_names import CalledName, CompanyNames
from billing.payment.memo_numbers import has_doubtful_number, numbers_of

Kind = Literal["matched", "credit", "refund", "set_against"]
BANK, UNMATCHED = "bank", "unmatched"


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document that a company has to pay, and what of it is not paid; taken_krw of it was taken
    back by other documents and is not owed (SETTLEMENT 40)."""

    issuer: str
    number: str
    company_id: str
    company: str
    issued_on: date
    due_on: date
    payable_krw: int
    open_krw: int
    taken_krw: int = 0

    @property
    def taken_back(self) -> bool:
        """Whether nothing of it is owed, paid or not."""
        return self.taken_krw == self.payable_krw


@dataclass(frozen=True, slots=True)
class MoneyUse:
    """What some money is used for; `sequence` is given when it is recorded.

    matched: a payment pays an invoice. credit: what is left of it is owed to the company. refund
    and set_against: what becomes of such a credit, by a person's choice (SETTLEMENT 28); what a
    document takes back is set against it by rule (SETTLEMENT 40). One that `undoes` another takes
    its amounts back.
    """

    kind: Kind
    payment_id: str | None
    company_id: str
    number: str | None
    amount_krw: int
    used_on: date
    how: str  # number, payer, person, or rule
    by: str
    reason: str = ""
    sequence: int = 0
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Unmatched:
    """What is left of a payment, and the companies that its payer may be."""

    payment: Payment
    left_krw: int
    companies: tuple[str, ...]


def sides(use: MoneyUse) -> tuple[tuple[str, int], tuple[str, int]]:
    """The two postings of a use: account and won, debit positive."""
    receivable = f"receivable:company:{use.company_id}"
    payable = f"payable:company:{use.company_id}"
    match use.kind:
        case "matched":
            debit, credit = UNMATCHED, receivable
        case "credit":
            debit, credit = UNMATCHED, payable
        case "refund":
            debit, credit = payable, BANK
        case "set_against":
            debit, credit = payable, receivable
    krw = use.amount_krw if use.undoes is None else -use.amount_krw
    return (debit, krw), (credit, -krw)


def match(
    payments: Iterable[tuple[Payment, int]],
    dues: Sequence[OpenDocument],
    names: Iterable[CalledName],
    by: str,
) -> tuple[list[MoneyUse], list[Unmatched]]:
    """What each payment, of which so much is left, is surely for.

    A payment that names documents pays them, the earliest due first; what is left over is owed to
    their company, if it is one. A payment whose payer is one company by a name of its day, and
    whose amount is that of a document (the earliest due of equal ones) or of all that is open,
    pays that. Anything else is left to a person: also a number that is no document's, that is
    taken back, that only looks like one, or that is another company's than the payer.
    """
    ordered = sorted(dues, key=lambda due: (due.due_on, due.number))
    open_krw = {due.number: due.open_krw for due in ordered}
    printed = (CalledName(due.company_id, due.company) for due in ordered)
    companies = CompanyNames.of(names, printed)
    uses: list[MoneyUse] = []
    rest: list[Unmatched] = []
    for payment, left_krw in sorted(payments, key=_order):
        named = _named(payment)
        of_payer = companies.bearers(payment.payer, payment.paid_on)
        wanted = [due for due in ordered if due.number in named]
        how = "number"
        payers = frozenset(of_payer) or companies.resembled(payment.payer, payment.paid_on)
        if _doubted(payment, named, wanted, payers):
            owners = {due.company_id for due in wanted}
            rest.append(Unmatched(payment, left_krw, tuple(sorted({*owners, *of_payer}))))
            continue
        if not wanted and len(of_payer) == 1:
            how = "payer"
            own = [due for due in ordered if due.company_id == of_payer[0]]
            wanted = _of_amount(own, open_krw, left_krw)
        for due in wanted:
            krw = min(left_krw, open_krw[due.number])
            if krw:
                open_krw[due.number] -= krw
                left_krw -= krw
                on = max(payment.paid_on, due.issued_on)
                own_use = (payment.payment_id, due.company_id, due.number, krw, on, how, by)
                uses.append(MoneyUse("matched", *own_use))
        owners = {due.company_id for due in wanted}
        if left_krw and len(owners) == 1:
            on = max(payment.paid_on, *(due.issued_on for due in wanted))
            over = (payment.payment_id, owners.pop(), None, left_krw, on, how, by)
            uses.append(MoneyUse("credit", *over))
        elif left_krw:
            rest.append(Unmatched(payment, left_krw, tuple(sorted(owners or of_payer))))
    return uses, rest


def _named(payment: Payment) -> list[str]:
    return numbers_of((payment.payer, payment.memo))


def _doubted(
    payment: Payment, named: Sequence[str], wanted: Sequence[OpenDocument], payers: frozenset[str]
) -> bool:
    """Whether what a payment says of its documents is for a person: numbers that nothing is owed
    on, what only looks like one, or a payer that is called as another company."""
    if any(map(has_doubtful_number, (payment.payer, payment.memo))):
        return True
    if len(wanted) < len(named) or any(due.taken_back for due in wanted):
        return True
    return bool(payers) and not {due.company_id for due in wanted} <= payers


def _order(left: tuple[Payment, int]) -> tuple[bool, date, str]:
    """Those that name documents first: what they leave open is what others can be for."""
    payment, _ = left
    return not _named(payment), payment.paid_on, payment.payment_id


def _of_amount(
    own: Sequence[OpenDocument], open_krw: Mapping[str, int], krw: int
) -> list[OpenDocument]:
    """The earliest document of just this amount, or all of them where they add up to it."""
    unpaid = [due for due in own if open_krw[due.number]]
    for due in unpaid:
        if open_krw[due.number] == krw:
            return [due]
    return unpaid if sum(open_krw[due.number] for due in unpaid) == krw else []
