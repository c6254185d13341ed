"""A month's tax invoices as drafts in XML: made out of its bundles, and compared with files."""

from collections.abc import Iterator
from pathlib import Path

from billing.close.issued_month import IssuedMonth
from billing.close.tax_documents import taxed
from billing.ledger.amendments import Amendment
from metering.errors import JeongsanError
from metering.settings.site_toml import Issuer
from reports.layout.file_names import Document, safe_name
from reports.tax.invoice_xml import tax_xml
from reports.tax.signature import without_signature

FOLDER = "tax"


def tax_draft(document: Amendment, issuer: Issuer) -> Document:
    """A tax document without a signature; Mistakes where it cannot be made as the standard has
    it."""
    name = safe_name(f"{document.invoice.number}_{document.invoice.company.name}")
    return Document(f"{FOLDER}/{name}.xml", tax_xml(document, issuer))


def tax_drafts(issued: IssuedMonth) -> Iterator[Document]:
    """Those of a month that can be made: `jeongsan tax` says what is wrong with any other."""
    tax = taxed(issued)
    for document in tax.documents:
        try:
            yield tax_draft(document, tax.issuers[document.adjustment])
        except JeongsanError:
            continue


def as_drafted(path: Path) -> bytes | None:
    """What was signed of a file, or all of it where nobody signed; None where it is not there, and
    a damaged file as it lies there."""
    if not path.is_file():
        return None
    content = path.read_bytes()
    return without_signature(content) or content
