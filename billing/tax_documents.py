"""The tax documents of a month: its tax invoices, and the amendments of them, as issued."""

from dataclasses import dataclass
from datetime import date

from billing import ledger
from billing.adjustment_ledger import amendments_of
from billing.amendment import Amendment, original
from billing.issued import next_step
from metering.errors import CloseError
from metering.opened import OpenSite
from metering.period import tax_invoice_deadline


@dataclass(frozen=True, slots=True)
class TaxDocuments:
    """A month's tax documents by number, and the last day to issue its originals."""

    month: str
    deadline: date
    documents: tuple[Amendment, ...]

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
    """Those of an issued month; CloseError if it is not issued. What is not taxed has no tax
    invoice, and so no document here."""
    with opened.database.read() as connection:
        state = ledger.month_state(connection, month)
        if state.state != "issued":
            raise CloseError(f"{month} is {state.state}; {next_step(state)}")
        every = (
            *(original(one) for one in ledger.invoices_of(connection, month)),
            *amendments_of(connection, [month]),
        )
    taxed = [one for one in every if one.invoice.kind == "tax"]
    ordered = sorted(taxed, key=lambda one: one.invoice.number or "")
    deadline = tax_invoice_deadline(month, opened.site.holidays)
    return TaxDocuments(month, deadline, tuple(ordered))
