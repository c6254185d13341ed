"""Electronic tax invoices: VAT by line, the structure of the standard, signed so that it holds."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from billing.close.tax_documents import TaxDocuments, tax_documents
from billing.ledger.amendments import Amendment, original
from billing.rulebook.tax import vat_of_lines
from metering.errors import CloseError, JeongsanError, Mistakes
from metering.settings.site_toml import Issuer
from metering.site.open_site import OpenSite
from reports.documents import render_month, verify_month
from reports.tax.drafts import as_drafted
from reports.tax.invoice_xml import tax_xml
from reports.tax.kec_structure import NAMESPACE, check_structure
from reports.tax.signature import (
    TEST_CERTIFICATE,
    TEST_KEY,
    Signer,
    check_signature,
    own_test_signer,
    read_signer,
    sign,
)
from reports.tax.view import TaxWanted, show_tax, signer_of, write_tax
from reports.terminal.screen import Screen
from tests.builders.report_month import BASE, COMPANY, invoice, line, part
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

NUMBER = "T2025-000123"


def taxed(*lines: Any, **changed: Any) -> Amendment:
    """An issued tax invoice as the first document of its chain."""
    given = lines or (line("P-001", "gpu.h100", "10"), line("P-002", "gpu.a100", "3"))
    return original(invoice(*given, number=NUMBER, **changed))


def values(content: bytes, *path: str) -> list[str]:
    """The texts of an element, by its path below the root."""
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path)
    return [one.text or "" for one in etree.fromstring(content).iterfind(steps)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a test key, made once: keys take time to make."""
    made = tmp_path_factory.mktemp("key")
    own_test_signer(made)
    return made


@pytest.fixture(scope="module")
def other_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with another one."""
    made = tmp_path_factory.mktemp("other")
    own_test_signer(made)
    return made


@pytest.fixture
def signer(folder: Path) -> Signer:
    return own_test_signer(folder)


@pytest.mark.parametrize(
    ("vat_krw", "taxable_krw", "parts"),
    [
        (100, [1005], [100]),
        (1, [5, 5], [1, 0]),
        (2, [5, 5, 5], [1, 1, 0]),
        (10, [33, 33, 39], [3, 3, 4]),
        (-1, [-5, -5], [-1, 0]),
        (0, [3, 4], [0, 0]),
        (9, [190, -100], [19, -10]),
        (1, [5, -5], [1, 0]),
        (-1, [5, -9, 4], [0, -1, 0]),
    ],
)
def test_vat_is_shared_over_lines_without_loss(
    vat_krw: int, taxable_krw: list[int], parts: list[int]
) -> None:
    assert vat_of_lines(vat_krw, taxable_krw) == parts


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=20), st.integers(-(10**9), 10**9)
)
def test_any_vat_is_wholly_shared(taxable_krw: list[int], vat_krw: int) -> None:
    parts = vat_of_lines(vat_krw, taxable_krw)
    assert sum(parts) == vat_krw
    if sum(taxable_krw):
        back = vat_of_lines(-vat_krw, [-krw for krw in taxable_krw])
        assert back == [-part for part in parts]


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_no_line_is_more_than_a_won_from_its_own_vat(taxable_krw: list[int]) -> None:
    for krw, part_krw in zip(
        taxable_krw, vat_of_lines(sum(taxable_krw) // 10, taxable_krw), strict=True
    ):
        assert abs(10 * part_krw - krw) < 20


def test_a_tax_invoice_says_what_the_invoice_says() -> None:
    document = taxed()
    content = tax_xml(document, Issuer("990-80-12346", "n", "r", "a", "t", "i", "정산팀", "a@b.c"))
    made = document.invoice
    head, parties = ("TaxInvoiceDocument",), "TaxInvoiceTradeSettlement"
    assert values(content, "ExchangedDocument", "ID") == [NUMBER]
    assert values(content, *head, "TypeCode") == ["0101"]
    assert values(content, *head, "IssueDateTime") == ["20251031"]
    assert values(content, *head, "PurposeCode") == ["02"]
    assert values(content, parties, "InvoicerParty", "ID") == ["9908012346"]
    contact = (parties, "InvoicerParty", "DefinedContact")
    assert values(content, *contact, "DepartmentNameText") == ["정산팀"]
    assert values(content, *contact, "URICommunication") == ["a@b.c"]
    assert values(content, parties, "InvoiceeParty", "NameText") == ["(주)무등에이아이"]
    sums = (parties, "SpecifiedMonetarySummation")
    assert values(content, *sums, "ChargeTotalAmount") == [str(made.taxable_krw)] == ["67800"]
    assert values(content, *sums, "TaxTotalAmount") == [str(made.vat_krw)] == ["6780"]
    assert values(content, *sums, "GrandTotalAmount") == [str(made.payable_krw)] == ["74580"]
    item = "TaxInvoiceTradeLineItem"
    assert values(content, item, "InvoiceAmount") == ["60000", "7800"]
    assert values(content, item, "TotalTax", "CalculatedAmount") == ["6000", "780"]
    assert values(content, item, "SequenceNumeric") == ["1", "2"]
    assert tax_xml(document, None) == tax_xml(document, None)


def test_no_approval_number_and_no_time_of_sending_is_made_up() -> None:
    content = tax_xml(taxed())
    for name in (b"IssueID", b"OriginalIssueID", b"AmendmentStatusCode"):
        assert name not in content
    assert values(content, "ExchangedDocument", "IssueDateTime") == []


def test_support_that_is_taxed_is_told_apart_from_what_is_payable() -> None:
    """SETTLEMENT 18: support of 1 M at 100 % under GROSS still owes 100,000 of VAT."""
    full = line("P-001", "gpu.a100", "400", part(BASE, 1_040_000, "GROSS"))
    document = taxed(full)
    assert document.invoice.payable_krw == document.invoice.vat_krw == 104_000
    content = tax_xml(document)
    settlement = "TaxInvoiceTradeSettlement"
    assert values(content, settlement, "SpecifiedPaymentMeans", "PaidAmount") == []
    sums = (settlement, "SpecifiedMonetarySummation")
    assert values(content, *sums, "GrandTotalAmount") == ["1144000"]
    assert values(content, "TaxInvoiceDocument", "DescriptionText")[1] == (
        "공급가액에 지원금 1,040,000원이 들어 있음. 받을 돈 104,000원"
    )


def test_an_amended_document_names_its_reason_and_its_original() -> None:
    document = replace(
        taxed(), reason=2, amends="T2025-000001", original_written_on=date(2025, 10, 31)
    )
    content = tax_xml(document)
    assert values(content, "TaxInvoiceDocument", "TypeCode") == ["0201"]
    assert values(content, "TaxInvoiceDocument", "AmendmentStatusCode") == ["02"]
    assert values(content, "TaxInvoiceDocument", "DescriptionText")[1] == (
        "당초 작성일 2025. 10. 31.(금), 당초 문서 T2025-000001"
    )


@pytest.mark.parametrize(("count", "last"), [(98, "98"), (99, "99"), (100, "99"), (250, "99")])
def test_no_document_has_more_lines_than_it_may(count: int, last: str) -> None:
    lines = [line(f"P-{at:03d}", "gpu.h100", "1", taxable_krw=at + 5) for at in range(count)]
    document = taxed(*lines)
    content = tax_xml(document)
    item = "TaxInvoiceTradeLineItem"
    assert values(content, item, "SequenceNumeric")[-1] == last
    amounts = [int(one) for one in values(content, item, "InvoiceAmount")]
    assert sum(amounts) == document.invoice.taxable_krw
    vat = [int(one) for one in values(content, item, "TotalTax", "CalculatedAmount")]
    assert sum(vat) == document.invoice.vat_krw
    if count > 99:
        assert values(content, item, "NameText")[-1] == f"NVIDIA H100 80GB 외 {count - 99}건"


def test_text_from_outside_stays_text() -> None:
    named = replace(COMPANY, name='<IssueID>1</IssueID> & "나쁜"', representative="]]>")
    content = tax_xml(taxed(line("P-1", "gpu.h100", "1", project_name="x" * 200), company=named))
    party = ("TaxInvoiceTradeSettlement", "InvoiceeParty")
    assert values(content, *party, "NameText") == [named.name]
    assert len(values(content, "TaxInvoiceTradeLineItem", "InformationText")[0]) == 60


def test_what_is_missing_or_too_long_of_a_party_is_told_at_once() -> None:
    wrong = replace(COMPANY, business_number="124-81-00999", name="가" * 71, representative="")
    with pytest.raises(Mistakes) as refused:
        tax_xml(taxed(company=wrong))
    party = f"{NUMBER} TaxInvoice/TaxInvoiceTradeSettlement/InvoiceeParty"
    assert [one.place for one in refused.value.mistakes] == [
        f"{party}/NameText", f"{party}/SpecifiedPerson/NameText",
    ]  # fmt: skip
    with pytest.raises(Mistakes, match="1248100999: its check digit is wrong"):
        tax_xml(taxed(company=replace(COMPANY, business_number="124-81-00999")))
    assert tax_xml(taxed(company=replace(COMPANY, name="가" * 70)))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<PurposeCode>02<", "<PurposeCode>03<", "'03' is not of the form"),
        ("<PurposeCode>02</PurposeCode>", "", "PurposeCode is missing"),
        ("<IssueDateTime>20251031<", "<IssueDateTime>20251331<", "'20251331' is not"),
        ("<TypeCode>0101</TypeCode>", "<TypeCode>0101</TypeCode><Odd/>", "Odd does not belong"),
        ("<ChargeTotalAmount>67800<", "<ChargeTotalAmount>67801<", "do not add up to the supply"),
        ("<CalculatedAmount>780<", "<CalculatedAmount>781<", "tax does not add up to 6,780"),
        ("<GrandTotalAmount>74580<", "<GrandTotalAmount>74579<", "is not supply value and tax"),
        ("<SequenceNumeric>2<", "<SequenceNumeric>3<", "are not numbered from 1"),
        ("</TaxInvoice>", "", "is no XML"),
        ("<InvoiceAmount>60000<", "<InvoiceAmount>060000<", "'060000' is not of the form"),
    ],
)
def test_a_document_that_is_not_made_so_is_refused(old: str, new: str, told: str) -> None:
    content = tax_xml(taxed())
    broken = content.decode().replace(old, new)
    assert broken != content.decode()
    with pytest.raises(Mistakes, match=told):
        check_structure(broken.encode(), "t.xml")
    check_structure(content, "t.xml")


def test_a_file_that_pulls_in_others_is_not_followed() -> None:
    evil = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><TaxInvoice>&x;</TaxInvoice>'
    with pytest.raises(Mistakes, match=r"is TaxInvoice|is not|does not belong|missing"):
        check_structure(evil, "evil.xml")


def test_a_signature_holds_for_its_document_and_gives_the_same_bytes(signer: Signer) -> None:
    content = tax_xml(taxed())
    signed = sign(content, signer)
    assert sign(content, signer) == signed
    assert b"74580" in check_signature(signed, signer.certificate)
    check_structure(signed, "signed")


@pytest.mark.parametrize(
    ("old", "new"), [(b"74580", b"74581"), (b"<PurposeCode>02", b"<PurposeCode>01")]
)
def test_a_changed_byte_breaks_the_signature(signer: Signer, old: bytes, new: bytes) -> None:
    signed = sign(tax_xml(taxed()), signer).replace(old, new)
    with pytest.raises(JeongsanError, match="the signature does not hold"):
        check_signature(signed, signer.certificate)


def test_another_key_does_not_hold_and_no_signature_is_none(
    signer: Signer, other_folder: Path
) -> None:
    signed = sign(tax_xml(taxed()), own_test_signer(other_folder))
    with pytest.raises(JeongsanError, match="the signature does not hold"):
        check_signature(signed, signer.certificate)
    with pytest.raises(JeongsanError, match="the signature does not hold"):
        check_signature(tax_xml(taxed()), signer.certificate)


def test_keys_that_do_not_belong_together_or_do_not_open_are_named(
    folder: Path, other_folder: Path
) -> None:
    key, certificate = folder / TEST_KEY, folder / TEST_CERTIFICATE
    assert key.stat().st_mode & 0o077 == 0
    assert read_signer(key, certificate, "").is_test
    with pytest.raises(JeongsanError, match="has no TAX_PASSWORD"):
        read_signer(key, certificate, "TAX_PASSWORD", {})
    with pytest.raises(JeongsanError, match="is no private key in PEM that can be opened"):
        read_signer(key, certificate, "TAX_PASSWORD", {"TAX_PASSWORD": "x"})
    with pytest.raises(JeongsanError, match="is no private key in PEM"):
        read_signer(certificate, certificate, "")
    with pytest.raises(JeongsanError, match="is no certificate in PEM"):
        read_signer(key, key, "")
    with pytest.raises(JeongsanError, match="is not the certificate of"):
        read_signer(key, other_folder / TEST_CERTIFICATE, "")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> OpenSite:
    """A site with two months, of which October was corrected by late use."""
    opened = closed(tmp_path_factory.mktemp("tax") / "site")
    late = (hours("A-1", 6, f"{OCT}-05"), hours("B-1", 10, f"{OCT}-06"))
    put(opened, OCT, late)
    assert corrected(opened) is not None
    return opened


def test_the_documents_of_a_month_are_its_originals_and_their_amendments(made: OpenSite) -> None:
    tax = tax_documents(made, OCT)
    assert {one.adjustment for one in tax.documents} == {0, 1}
    assert {one.reason for one in tax.documents if one.adjustment} == {1}
    assert tax.deadline == date(2025, 11, 10)
    for one in tax.documents:
        content = tax_xml(one)
        code = "0101" if one.reason is None else "0201"
        assert values(content, "TaxInvoiceDocument", "TypeCode") == [code]
    with pytest.raises(CloseError, match="2030-01 is open"):
        tax_documents(made, "2030-01")


def test_what_is_issued_after_its_last_day_is_named(made: OpenSite) -> None:
    """January 5 is long after November 10; an amendment has a last day of its own."""
    tax = tax_documents(made, OCT)
    originals = [one.invoice.number for one in tax.documents if one.adjustment == 0]
    assert list(tax.late) == originals
    for on, late in ((date(2025, 11, 10), 0), (date(2025, 11, 11), 1)):
        document = original(invoice(line("P-1", "gpu.h100", "1"), number=NUMBER, issued_on=on))
        assert len(TaxDocuments(OCT, tax.deadline, (document,)).late) == late
    assert tax.deadline < LATER


def test_a_month_is_written_signed_and_the_same_again(
    made: OpenSite, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = OpenSite(replace(made.site, directory=folder), made.database, made.lake)
    wanted = TaxWanted(OCT, tmp_path / "out", None, None, "", test_key=True)
    signer = signer_of(opened, wanted)
    assert signer is not None
    first = write_tax(opened, wanted, signer)
    content = {path: path.read_bytes() for path in first.paths}
    assert len(content) == len(first.tax.documents) > 2
    for one in content.values():
        check_signature(one, signer.certificate)
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


def test_tax_invoices_that_lie_in_the_site_are_verified_less_their_signatures(
    made: OpenSite, folder: Path, tmp_path: Path
) -> None:
    site = replace(made.site, directory=folder, documents=tmp_path)
    opened = OpenSite(site, made.database, made.lake)
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
    made: OpenSite, tmp_path: Path
) -> None:
    moved = replace(made.site, issuer=replace(made.site.issuer, contact="new@example.org"))
    wanted = TaxWanted(OCT, tmp_path, None, None, "", test_key=False)
    written = write_tax(OpenSite(moved, made.database, made.lake), wanted, None)
    assert all(b"new@example.org" not in path.read_bytes() for path in written.paths)


def exempt(*lines: Any, **changed: Any) -> Amendment:
    """An issued invoice of an exempt supply."""
    given = lines or (line("P-001", "gpu.a100", "3", part(BASE, 1_800), taxable_krw=0),)
    sums = {"tax_class": "exempt", "kind": "statement", "number": "S2025-000007"}
    return original(invoice(*given, **(sums | changed)))


def test_an_exempt_supply_has_a_document_of_its_own_kind_without_tax() -> None:
    """Support of an exempt supply is no part of its supply value: 7,800 less 1,800."""
    document = exempt()
    content = tax_xml(document)
    assert values(content, "TaxInvoiceDocument", "TypeCode") == ["0301"]
    assert values(content, "TaxInvoiceDocument", "AmendmentStatusCode") == []
    assert values(content, "TaxInvoiceDocument", "IssueID") == []
    sums = ("TaxInvoiceTradeSettlement", "SpecifiedMonetarySummation")
    assert values(content, *sums, "ChargeTotalAmount") == ["6000"]
    assert values(content, *sums, "TaxTotalAmount") == ["0"]
    assert values(content, *sums, "GrandTotalAmount") == [str(document.invoice.payable_krw)]
    item = "TaxInvoiceTradeLineItem"
    assert values(content, item, "InvoiceAmount") == ["6000"]
    assert values(content, item, "TotalTax", "CalculatedAmount") == ["0"]
    amended = replace(document, reason=1, amends="S2025-000001", original_written_on=date.max)
    assert values(tax_xml(amended), "TaxInvoiceDocument", "TypeCode") == ["0401"]
    assert values(tax_xml(amended), "TaxInvoiceDocument", "AmendmentStatusCode") == ["01"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<TypeCode>0301<", "<TypeCode>0401<", "is of kind 0401, without a reason"),
        ("<CalculatedAmount>0<", "<CalculatedAmount>1<", "tax does not add up to 0"),
        ("<PurposeCode>", "<AmendmentStatusCode>01</AmendmentStatusCode><PurposeCode>", "0301, wi"),
    ],
)
def test_an_exempt_document_that_is_not_made_so_is_refused(old: str, new: str, told: str) -> None:
    broken = tax_xml(exempt()).decode().replace(old, new)
    with pytest.raises(Mistakes, match=told):
        check_structure(broken.encode(), "t.xml")


def test_an_exempt_document_with_tax_is_refused() -> None:
    taxed_one = tax_xml(taxed()).decode().replace("<TypeCode>0101<", "<TypeCode>0301<")
    with pytest.raises(Mistakes, match="is of kind 0301, exempt, and has tax"):
        check_structure(taxed_one.encode(), "t.xml")


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
    assert told(tax_documents(opened, OCT)) == [("S2026-000001", None, None, 6_000)]
    put(opened, OCT, [hours("A-1", 4, f"{OCT}-05"), hours("B-1", 1, f"{OCT}-06")])
    assert corrected(opened) is not None  # late use: a pair of code 1
    store_registry(opened, replace(held, awards=held.awards[:1]))
    as_if_metered(opened)
    assert corrected(opened) is not None  # the award taken back: B pays, for the first time
    assert told(tax_documents(opened, OCT)) == [
        ("S2026-000001", None, None, 6_000),
        ("S2026-000003", 1, "S2026-000001", -6_000),
        ("S2026-000004", 1, "S2026-000001", 12_000),
        ("S2026-000005", None, None, 6_000),
    ]
    signed = OpenSite(replace(opened.site, directory=folder), opened.database, opened.lake)
    wanted = TaxWanted(OCT, tmp_path / "out", None, None, "", test_key=True)
    written = write_tax(signed, wanted, signer_of(signed, wanted))
    contents = [path.read_bytes() for path in written.paths]
    kinds = [values(one, "TaxInvoiceDocument", "TypeCode") for one in contents]
    assert kinds == [["0301"], ["0401"], ["0401"], ["0301"]]
    for one in contents:
        check_signature(one, own_test_signer(folder).certificate)
        assert b"IssueID" not in one
    opened.database.close()


def told(tax: TaxDocuments) -> list[tuple[object, ...]]:
    return [
        (one.invoice.number, one.reason, one.amends, one.invoice.supply_krw)
        for one in tax.documents
    ]
