"""A month's tax invoices as drafts in XML: made out of its bundles, and compared with files."""

from collections.abc import Iterator
from pathlib import Path

from billing.amendment import Amendment
from billing.issued import IssuedMonth
from billing.tax_documents import taxed
from metering.errors import JeongsanError
from metering.site import Issuer
from reports.naming import Document, safe_name
from reports.tax_sign import without_signature
from reports.tax_xml import tax_xml

FOLDER = "tax"


def tax_draft(one: Amendment, issuer: Issuer) -> Document:
    """A tax document without a signature; Mistakes where it cannot be made as the standard has
    it."""
    name = safe_name(f"{one.invoice.number}_{one.invoice.company.name}")
    return Document(f"{FOLDER}/{name}.xml", tax_xml(one, issuer))


def tax_drafts(issued: IssuedMonth) -> Iterator[Document]:
    """Those of a month that can be made: `jeongsan tax` says what is wrong with any other."""
    tax = taxed(issued)
    for one in tax.documents:
        try:
            yield tax_draft(one, tax.issuers[one.adjustment])
        except JeongsanError:
            continue


def as_drafted(path: Path) -> bytes | None:
    """What was signed of a file, or all of it where nobody signed; None where it is not there, and
    a damaged file as it lies there."""
    if not path.is_file():
        return None
    content = path.read_bytes()
    return without_signature(content) or content
