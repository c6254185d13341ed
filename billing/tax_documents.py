"""The tax documents of a month: its tax invoices, and the amendments of them, as issued."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from billing.amendment import Amendment, original
from billing.issued import IssuedMonth, issued_month
from metering.opened import OpenSite
from metering.period import tax_invoice_deadline
from metering.site import Issuer


@dataclass(frozen=True, slots=True)
class TaxDocuments:
    """A month's tax documents by number, and the last day to issue its originals."""

    month: str
    deadline: date
    documents: tuple[Amendment, ...]
    issuers: Mapping[int, Issuer] = field(default_factory=dict)  # as known then, by adjustment

    @property
    def late(self) -> tuple[str, ...]:
        """The originals that were issued after that day."""
        return tuple(
            one.invoice.number or ""
            for one in self.documents
            if one.adjustment == 0
            and one.invoice.issued_on
            and one.invoice.issued_on > self.deadline
        )


def tax_documents(opened: OpenSite, month: str) -> TaxDocuments:
    """Those of an issued month; CloseError if it is not issued."""
    deadline = tax_invoice_deadline(month, opened.site.holidays)
    return replace(taxed(issued_month(opened, month)), deadline=deadline)


def taxed(issued: IssuedMonth) -> TaxDocuments:
    """Those of a month, out of its bundles alone. What is not taxed has no tax invoice."""
    issuers = {0: issued.inputs.issuer}
    issuers |= {sequence: after.inputs.issuer for sequence, after in issued.revised}
    every = (*map(original, issued.invoices), *issued.amendments)
    found = [one for one in every if one.invoice.kind == "tax"]
    ordered = sorted(found, key=lambda one: one.invoice.number or "")
    return TaxDocuments(issued.month, issued.deadline, tuple(ordered), issuers)
