"""The records of a correction: differences by cause, amended documents, claims restated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from billing.records import Invoice, Settled, TaxClass
from billing.rulebook.amendment_reasons import Kind, Reason

Step = Literal["new", "negative", "right", "difference"]
Key = tuple[str, TaxClass, str]  # company, tax class, month: what one chain of documents is about

# What a cause may be by a word of the person who corrects, since no store knows whether a price was
# mistyped or agreed anew.
SAID: Mapping[Kind, tuple[Kind, ...]] = {
    "registry": ("contract_ended",),
    "usage": ("double_issue",),
    "price": ("agreed_price",),
}


@dataclass(frozen=True, slots=True)
class AmountDifference:
    """What one cause changes of a company's month and tax class, in won."""

    month: str
    company_id: str
    tax_class: TaxClass
    cause: Kind
    charge_krw: int
    subsidy_krw: int
    company_krw: int
    vat_krw: int


@dataclass(frozen=True, slots=True)
class Amendment:
    """A document that an adjustment makes: the sum of a chain of documents is what is due.

    reason: 수정사유, None for a new document and for statements that are no 계산서. amends and
    original_written_on are of the document that it points at.
    """

    invoice: Invoice
    step: Step
    reason: int | None
    amends: str | None
    original_written_on: date | None
    adjustment: int
    causes: tuple[Kind, ...]

    @property
    def key(self) -> Key:
        """What it is about."""
        return (self.invoice.company_id, self.invoice.tax_class, self.invoice.month)


@dataclass(frozen=True, slots=True)
class ClaimRestatement:
    """What an adjustment changes of a claim: the claim is its original and all of these."""

    month: str
    programme: str
    funding: str
    company_id: str
    settled: Settled
    difference_krw: int


@dataclass(frozen=True, slots=True)
class Stage:
    """What one reason makes of a company's chains: the whole truth of each after it, or nothing.
    `reasons` are all that the rules have, by code: one may stand in for another."""

    reason: Reason
    causes: tuple[Kind, ...]
    company_id: str
    invoices: Mapping[Key, Invoice]
    reasons: Mapping[int, Reason] = field(default_factory=dict)


def original(invoice: Invoice) -> Amendment:
    """An invoice of the close, as the first document of its chain."""
    return Amendment(invoice, "new", None, None, None, 0, ())
