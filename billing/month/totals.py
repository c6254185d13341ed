"""Owns what a month comes to in few figures: dues by company, support by programme, findings."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from billing.records import Invoice
from billing.subsidy.balance import Balance
from metering.finding import Finding

Paid = Mapping[tuple[str, str], int]  # won by programme and company


@dataclass(frozen=True, slots=True)
class InvoiceSums:
    """Sums of invoices. charge_krw = support_krw + in_kind_krw + company_krw; in_kind_krw is what
    companies bring in kind; company_krw is in cash and without VAT."""

    charge_krw: int = 0
    support_krw: int = 0
    in_kind_krw: int = 0
    company_krw: int = 0
    vat_krw: int = 0

    def __add__(self, other: "InvoiceSums") -> "InvoiceSums":
        return InvoiceSums(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: "InvoiceSums") -> "InvoiceSums":
        return InvoiceSums(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def payable_krw(self) -> int:
        """What is to be paid, with VAT."""
        return self.company_krw + self.vat_krw


@dataclass(frozen=True, slots=True)
class Outcome:
    """A month under one rule book. `paid` is without what companies bring in kind."""

    month: str
    due: Mapping[str, InvoiceSums]  # by company
    paid: Paid
    balance: Balance
    findings: tuple[Finding, ...]


def outcome(
    month: str, invoices: Iterable[Invoice], balance: Balance, findings: Iterable[Finding]
) -> Outcome:
    """The sums of a month's invoices."""
    due: dict[str, InvoiceSums] = {}
    paid: dict[tuple[str, str], int] = {}
    for invoice in invoices:
        in_kind = 0
        for part in (part for line in invoice.lines for part in line.parts):
            if part.in_kind:
                in_kind += part.subsidy_krw
            else:
                key = (part.programme, invoice.company_id)
                paid[key] = paid.get(key, 0) + part.subsidy_krw
        support = invoice.subsidy_krw - in_kind
        sums = InvoiceSums(
            invoice.charge_krw, support, in_kind, invoice.company_krw, invoice.vat_krw
        )
        due[invoice.company_id] = due.get(invoice.company_id, InvoiceSums()) + sums
    totals = Outcome(month, due, paid, balance, tuple(findings))
    prove(totals)
    return totals


def prove(totals: Outcome) -> None:
    """Our own promises: a month's sums tie, of each company and of all programmes."""
    for due in totals.due.values():
        assert due.charge_krw == due.support_krw + due.in_kind_krw + due.company_krw, "wholly paid"
    paid = sum(totals.paid.values())
    assert paid == sum(due.support_krw for due in totals.due.values()), "support is of programmes"
