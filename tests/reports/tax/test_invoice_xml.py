"""Electronic tax invoices as XML: what they say, VAT by line, the structure of the standard."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rulebook.tax import vat_of_lines
from metering.errors import Mistakes
from metering.settings.site_toml import Issuer
from reports.tax.invoice_xml import tax_xml
from reports.tax.kec_structure import check_structure
from tests.builders.report_month import BASE, COMPANY, line, part
from tests.reports.tax.tax_documents import NUMBER, exempt, taxed, values


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
    bill = document.invoice
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
    assert values(content, *sums, "ChargeTotalAmount") == [str(bill.taxable_krw)] == ["67800"]
    assert values(content, *sums, "TaxTotalAmount") == [str(bill.vat_krw)] == ["6780"]
    assert values(content, *sums, "GrandTotalAmount") == [str(bill.payable_krw)] == ["74580"]
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
    amounts = [int(amount) for amount in values(content, item, "InvoiceAmount")]
    assert sum(amounts) == document.invoice.taxable_krw
    vat = [int(amount) for amount in values(content, item, "TotalTax", "CalculatedAmount")]
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
    assert [mistake.place for mistake in refused.value.mistakes] == [
        f"{party}/NameText", f"{party}/SpecifiedPerson/NameText",
    ]  # fmt: skip
    with pytest.raises(Mistakes, match="1248100999: ten digits, the last one checked"):
        tax_xml(taxed(company=replace(COMPANY, business_number="124-81-00999")))
    assert tax_xml(taxed(company=replace(COMPANY, name="가" * 70)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
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
def test_a_document_that_is_not_made_so_is_refused(old: str, new: str, message: str) -> None:
    content = tax_xml(taxed())
    broken = content.decode().replace(old, new)
    assert broken != content.decode()
    with pytest.raises(Mistakes, match=message):
        check_structure(broken.encode(), "t.xml")
    check_structure(content, "t.xml")


def test_a_file_that_pulls_in_others_is_not_followed() -> None:
    evil = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><TaxInvoice>&x;</TaxInvoice>'
    with pytest.raises(Mistakes, match=r"is TaxInvoice|is not|does not belong|missing"):
        check_structure(evil, "evil.xml")


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
    ("old", "new", "message"),
    [
        ("<TypeCode>0301<", "<TypeCode>0401<", "is of kind 0401, without a reason"),
        ("<CalculatedAmount>0<", "<CalculatedAmount>1<", "tax does not add up to 0"),
        ("<PurposeCode>", "<AmendmentStatusCode>01</AmendmentStatusCode><PurposeCode>", "0301, wi"),
    ],
)
def test_an_exempt_document_that_is_not_made_so_is_refused(
    old: str, new: str, message: str
) -> None:
    broken = tax_xml(exempt()).decode().replace(old, new)
    with pytest.raises(Mistakes, match=message):
        check_structure(broken.encode(), "t.xml")


def test_an_exempt_document_with_tax_is_refused() -> None:
    taxed_one = tax_xml(taxed()).decode().replace("<TypeCode>0101<", "<TypeCode>0301<")
    with pytest.raises(Mistakes, match="is of kind 0301, exempt, and has tax"):
        check_structure(taxed_one.encode(), "t.xml")
