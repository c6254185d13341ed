"""The tax documents of a month: which there are, written, signed, verified, corrected."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.close.tax_documents import TaxDocuments, tax_documents
from billing.ledger.amendments import original
from metering.errors import CloseError
from metering.site.open_site import OpenSite
from reports.documents import render_month
from reports.tax.drafts import as_drafted
from reports.tax.invoice_xml import tax_xml
from reports.tax.signature import (
    check_signature,
    own_test_signer,
)
from reports.tax.view import TaxWanted, show_tax, signer_of, write_tax
from reports.terminal.screen import Screen
from reports.verify_documents import verify_month
from tests.builders.report_month import invoice, line
from tests.builders.rules_and_usage import award, book, price, programme, registry
from tests.builders.sites.adjust_site import (
    LATER,
    OCT,
    close,
    closed,
    corrected,
    hours,
    make_site,
    put,
    write_rules,
)
from tests.builders.sites.close_site import as_if_metered, store_registry
from tests.reports.tax.tax_documents import NUMBER, values


@pytest.fixture(scope="module")
def adjusted(tmp_path_factory: pytest.TempPathFactory) -> OpenSite:
    """A site with two months, of which October was corrected by late use."""
    opened = closed(tmp_path_factory.mktemp("tax") / "site")
    late = (hours("A-1", 6, f"{OCT}-05"), hours("B-1", 10, f"{OCT}-06"))
    put(opened, OCT, late)
    assert corrected(opened) is not None
    return opened


def test_the_documents_of_a_month_are_its_originals_and_their_amendments(
    adjusted: OpenSite,
) -> None:
    tax = tax_documents(adjusted, OCT)
    assert {document.adjustment for document in tax.documents} == {0, 1}
    assert {document.reason for document in tax.documents if document.adjustment} == {1}
    assert tax.deadline == date(2025, 11, 10)
    for document in tax.documents:
        content = tax_xml(document)
        code = "0101" if document.reason is None else "0201"
        assert values(content, "TaxInvoiceDocument", "TypeCode") == [code]
    with pytest.raises(CloseError, match="2030-01 is open"):
        tax_documents(adjusted, "2030-01")


def test_what_is_issued_after_its_last_day_is_named(adjusted: OpenSite) -> None:
    """January 5 is long after November 10; an amendment has a last day of its own."""
    tax = tax_documents(adjusted, OCT)
    originals = [document.invoice.number for document in tax.documents if document.adjustment == 0]
    assert list(tax.late) == originals
    for on, late in ((date(2025, 11, 10), 0), (date(2025, 11, 11), 1)):
        document = original(invoice(line("P-1", "gpu.h100", "1"), number=NUMBER, issued_on=on))
        assert len(TaxDocuments(OCT, tax.deadline, (document,)).late) == late
    assert tax.deadline < LATER


def test_a_month_is_written_signed_and_the_same_again(
    adjusted: OpenSite, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = OpenSite(replace(adjusted.site, directory=folder), adjusted.database, adjusted.lake)
    wanted = TaxWanted(OCT, tmp_path / "out", None, None, "", test_key=True)
    signer = signer_of(opened, wanted)
    assert signer is not None
    first = write_tax(opened, wanted, signer)
    content = {path: path.read_bytes() for path in first.paths}
    assert len(content) == len(first.tax.documents) > 2
    for document in content.values():
        check_signature(document, signer.certificate)
    again = write_tax(opened, wanted, signer_of(opened, wanted))
    assert {path: path.read_bytes() for path in again.paths} == content
    show_tax(Screen(), again)
    said = capsys.readouterr().out
    for text in (
        "승인번호가 없는 초안",
        "시험용 키",
        "발급 기한 2025-11-10",
        "기한 뒤에 발행한 것",
    ):
        assert text in said
    bare = TaxWanted(OCT, tmp_path / "bare", None, None, "", test_key=False)
    unsigned = write_tax(opened, bare, signer_of(opened, bare))
    assert all(b"Signature" not in path.read_bytes() for path in unsigned.paths)


@pytest.mark.breadth
def test_tax_invoices_that_lie_in_the_site_are_verified_less_their_signatures(
    adjusted: OpenSite, folder: Path, tmp_path: Path
) -> None:
    site = replace(adjusted.site, directory=folder, documents=tmp_path)
    opened = OpenSite(site, adjusted.database, adjusted.lake)
    render_month(opened, OCT)
    assert verify_month(opened, OCT).differences == ()  # nobody has asked for any yet
    for test_key in (False, True):
        wanted = TaxWanted(OCT, None, None, None, "", test_key)
        written = write_tax(opened, wanted, signer_of(opened, wanted))
        assert verify_month(opened, OCT).differences == ()
    for at, path in enumerate(written.paths):
        content, drafted = path.read_bytes(), as_drafted(path)
        for where in range(at * 41, len(content), 433):
            path.write_bytes(content[:where] + bytes([content[where] ^ 1]) + content[where + 1 :])
            assert as_drafted(path) != drafted, where
        if path != written.paths[-1]:
            path.write_bytes(content)
    (named,) = verify_month(opened, OCT).differences
    assert named.place == str(path)
    path.unlink()
    (lost,) = verify_month(opened, OCT).differences
    assert (lost.place, lost.found) == (str(path), "missing")


def test_a_tax_invoice_says_who_issues_it_as_that_was_known_then(
    adjusted: OpenSite, tmp_path: Path
) -> None:
    moved = replace(adjusted.site, issuer=replace(adjusted.site.issuer, contact="new@example.org"))
    wanted = TaxWanted(OCT, tmp_path, None, None, "", test_key=False)
    written = write_tax(OpenSite(moved, adjusted.database, adjusted.lake), wanted, None)
    assert all(b"new@example.org" not in path.read_bytes() for path in written.paths)


@pytest.mark.breadth
def test_an_exempt_month_is_issued_corrected_and_signed(folder: Path, tmp_path: Path) -> None:
    """A pays half of its exempt hours; B's are free until its award turns out to be none."""
    rules = book(
        programme("P", "0.5"), programme("F", "0"), price("gpu.h100", "6000", tax="exempt")
    )
    held = registry([award("WA", "P", "A"), award("WB", "F", "B")])
    root = tmp_path / "site"
    opened = make_site(root, held=held)
    write_rules(root, rules.texts)
    put(opened, OCT, [hours("A-1", 2, f"{OCT}-05"), hours("B-1", 1, f"{OCT}-06")])
    close(opened, OCT)
    assert issued_rows(tax_documents(opened, OCT)) == [("S2026-000001", None, None, 6_000)]
    put(opened, OCT, [hours("A-1", 4, f"{OCT}-05"), hours("B-1", 1, f"{OCT}-06")])
    assert corrected(opened) is not None  # late use: a pair of code 1
    store_registry(opened, replace(held, awards=held.awards[:1]))
    as_if_metered(opened)
    assert corrected(opened) is not None  # the award taken back: B pays, for the first time
    assert issued_rows(tax_documents(opened, OCT)) == [
        ("S2026-000001", None, None, 6_000),
        ("S2026-000003", 1, "S2026-000001", -6_000),
        ("S2026-000004", 1, "S2026-000001", 12_000),
        ("S2026-000005", None, None, 6_000),
    ]
    signed = OpenSite(replace(opened.site, directory=folder), opened.database, opened.lake)
    wanted = TaxWanted(OCT, tmp_path / "out", None, None, "", test_key=True)
    written = write_tax(signed, wanted, signer_of(signed, wanted))
    contents = [path.read_bytes() for path in written.paths]
    kinds = [values(content, "TaxInvoiceDocument", "TypeCode") for content in contents]
    assert kinds == [["0301"], ["0401"], ["0401"], ["0301"]]
    for content in contents:
        check_signature(content, own_test_signer(folder).certificate)
        assert b"IssueID" not in content
    opened.database.close()


def issued_rows(tax: TaxDocuments) -> list[tuple[object, ...]]:
    return [
        (document.invoice.number, document.reason, document.amends, document.invoice.supply_krw)
        for document in tax.documents
    ]
