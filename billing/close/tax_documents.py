"""The tax documents of a month as issued: its tax invoices (세금계산서), the invoices of its exempt
supplies (계산서), and the amendments of both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from billing.close.issued_month import IssuedMonth, issued_month
from billing.ledger.amendments import Amendment, Key, original
from metering.calendar import tax_invoice_deadline
from metering.settings.site_toml import Issuer
from metering.site.open_site import OpenSite


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
            document.invoice.number or ""
            for document in self.documents
            if document.adjustment == 0
            and document.invoice.issued_on
            and document.invoice.issued_on > self.deadline
        )


def tax_documents(opened: OpenSite, month: str) -> TaxDocuments:
    """Those of an issued month; CloseError if it is not issued."""
    deadline = tax_invoice_deadline(month, opened.site.holidays)
    return replace(taxed(issued_month(opened, month)), deadline=deadline)


def taxed(issued: IssuedMonth) -> TaxDocuments:
    """Those of a month, out of its bundles alone. A supply that nobody pays for has none."""
    issuers = {0: issued.inputs.issuer}
    issuers |= {sequence: after.inputs.issuer for sequence, after in issued.revised}
    every = (*map(original, issued.invoices), *issued.amendments)
    taxable = [document for document in every if document.invoice.kind == "tax"]
    ordered = sorted((*taxable, *exempt(every)), key=lambda document: document.invoice.number or "")
    return TaxDocuments(issued.month, issued.deadline, tuple(ordered), issuers)


def exempt(documents: Iterable[Amendment]) -> list[Amendment]:
    """Those that stand for a 계산서, in the order of issue: of an exempt supply, with an amount
    that the company pays (assumed, as support of an exempt supply is no part of its price). The
    first one of a chain is new even where it corrects a statement of a supply that was free."""
    amendments: list[Amendment] = []
    begun: set[Key] = set()
    for document in documents:
        if document.invoice.tax_class != "exempt" or document.invoice.company_krw == 0:
            continue
        first = document.step == "new" or document.key not in begun
        begun.add(document.key)
        none = {"reason": None, "amends": None, "original_written_on": None}
        amendments.append(replace(document, **none) if first else document)  # type: ignore[arg-type]
    return amendments
