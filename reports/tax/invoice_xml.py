"""A tax invoice (세금계산서), or an invoice without tax (계산서), as draft XML of the standard
(KEC), without what only the tax office and a registered provider give: no approval number
(승인번호), no time of transmission."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from lxml import etree

from billing.ledger.amendments import Amendment
from billing.records import Invoice, InvoiceLine, Party, TaxClass
from billing.rulebook.tax import vat_of_lines
from metering.business_number import business_number_digits
from metering.settings.site_toml import Issuer
from reports.tax.kec_structure import LINES_MAX, NAMESPACE, SCHEMA, check_structure
from reports.wording.numbers_and_dates import date_text, krw

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
# Kinds of documents by tax class: an original and an amended one, taxed at the usual rate and
# exempt. Two public programs and a published sample agree on them; the tax office's list is not
# public, so they are assumed.
KINDS: Final[Mapping[TaxClass, tuple[str, str]]] = {
    "taxable": ("0101", "0201"),
    "exempt": ("0301", "0401"),
}
ASKED = "02"  # 청구: issued before payment (01 is 영수, a receipt)
ON_CREDIT = "40"  # 외상미수금
FIRM = "01"  # the buyer is named by a business number
# Letters that a text may have, assumed: the list of the tax office is not public. Names of lines
# and remarks are cut to them; what is too long of a party is refused.
LINE_NAME, LINE_FORM, LINE_REMARK, REMARK = 100, 60, 100, 150


def tax_xml(document: Amendment, issuer: Issuer | None = None) -> bytes:
    """The draft of a tax document or of an amended one, checked against its structure. `issuer`
    gives the contact of who sends it."""
    invoice = document.invoice
    root = etree.Element(f"{{{NAMESPACE}}}TaxInvoice", nsmap={None: NAMESPACE, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    _put(_put(root, "ExchangedDocument"), "ID", invoice.number or "")
    _document(_put(root, "TaxInvoiceDocument"), document)
    settlement = _put(root, "TaxInvoiceTradeSettlement")
    contact = (issuer.department, issuer.contact) if issuer else ("", "")
    _party(_put(settlement, "InvoicerParty"), invoice.issuer, None, contact)
    _party(_put(settlement, "InvoiceeParty"), invoice.company, FIRM, ("", ""))
    total_krw = invoice.supply_krw + invoice.vat_krw
    if total_krw == invoice.payable_krw:
        means = _put(settlement, "SpecifiedPaymentMeans")
        _put(means, "TypeCode", ON_CREDIT)
        _put(means, "PaidAmount", str(total_krw))
    sums = _put(settlement, "SpecifiedMonetarySummation")
    _put(sums, "ChargeTotalAmount", str(invoice.supply_krw))
    _put(sums, "TaxTotalAmount", str(invoice.vat_krw))
    _put(sums, "GrandTotalAmount", str(total_krw))
    _lines(root, invoice)
    etree.indent(root, "  ")
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"
    check_structure(content, invoice.number or "draft")
    return content


def _put(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text
    return element


def _document(at: etree._Element, document: Amendment) -> None:
    invoice = document.invoice
    _put(at, "TypeCode", KINDS[invoice.tax_class][document.reason is not None])
    for remark in _remarks(document):
        _put(at, "DescriptionText", _cut(remark, REMARK))
    _put(at, "IssueDateTime", _day(invoice.written_on))
    if document.reason is not None:
        _put(at, "AmendmentStatusCode", f"{document.reason:02d}")
    _put(at, "PurposeCode", ASKED)


def _remarks(document: Amendment) -> list[str]:
    """What the document has to say beside its amounts: 비고."""
    invoice = document.invoice
    remarks = [f"{invoice.month} 이용분 {invoice.number}"]
    if document.reason is not None and document.original_written_on is not None:
        day = date_text(document.original_written_on)
        remarks.append(f"당초 작성일 {day}, 당초 문서 {document.amends or '-'}")
    if invoice.supply_krw + invoice.vat_krw != invoice.payable_krw:
        borne = krw(invoice.taxable_krw - invoice.company_krw)
        remarks.append(
            f"공급가액에 지원금 {borne}원이 들어 있음. 받을 돈 {krw(invoice.payable_krw)}원"
        )
    return remarks


def _party(at: etree._Element, party: Party, kind: str | None, contact: tuple[str, str]) -> None:
    _put(at, "ID", business_number_digits(party.business_number))
    _put(at, "TypeCode", party.business_type)
    _put(at, "NameText", party.name)
    _put(at, "ClassificationCode", party.business_item)
    if kind is not None:
        _put(_put(at, "SpecifiedOrganization"), "BusinessTypeCode", kind)
    _put(_put(at, "SpecifiedPerson"), "NameText", party.representative)
    department, address = contact
    if department or address:
        named = _put(at, "DefinedContact")
        if department:
            _put(named, "DepartmentNameText", department)
        if address:
            mail = "@" in address
            _put(named, "URICommunication" if mail else "TelephoneCommunication", address)
    _put(_put(at, "SpecifiedAddress"), "LineOneText", party.address)


def _lines(root: etree._Element, invoice: Invoice) -> None:
    """Every line with a supply value. Beyond the most that a document may have, the rest is one."""

    def supply_krw(line: InvoiceLine) -> int:
        return line.taxable_krw if invoice.tax_class == "taxable" else line.company_krw

    taxed = [line for line in invoice.lines if supply_krw(line)] or list(invoice.lines[:1])
    vat = vat_of_lines(invoice.vat_krw, [supply_krw(line) for line in taxed])
    own = taxed if len(taxed) <= LINES_MAX else taxed[: LINES_MAX - 1]
    for number, (line, vat_krw) in enumerate(zip(own, vat, strict=False), start=1):
        form = f"{line.project_id} {line.project_name}"
        words = (line.sku_title, form, _line_remark(line))
        _line(root, number, words, (supply_krw(line), vat_krw), invoice.written_on)
    rest = taxed[len(own) :]
    if rest:
        amounts = (sum(map(supply_krw, rest)), sum(vat[len(own) :]))
        words = (f"{rest[0].sku_title} 외 {len(rest) - 1}건", "", "명세는 청구서에 있음")
        _line(root, LINES_MAX, words, amounts, invoice.written_on)


def _line(
    root: etree._Element, number: int, words: Sequence[str], amounts: tuple[int, int], day: date
) -> None:
    name, form, remark = words
    at = _put(root, "TaxInvoiceTradeLineItem")
    _put(at, "SequenceNumeric", str(number))
    if remark:
        _put(at, "DescriptionText", _cut(remark, LINE_REMARK))
    _put(at, "InvoiceAmount", str(amounts[0]))
    if form:
        _put(at, "InformationText", _cut(form, LINE_FORM))
    _put(at, "NameText", _cut(name, LINE_NAME))
    _put(at, "PurchaseExpiryDateTime", _day(day))
    _put(_put(at, "TotalTax"), "CalculatedAmount", str(amounts[1]))


def _line_remark(line: InvoiceLine) -> str:
    """Why the amount is not price times quantity; '' where nobody else pays."""
    support_krw = line.charge_krw - line.company_krw
    if not support_krw:
        return ""
    return f"정가 {krw(line.charge_krw)}원, 지원 {krw(support_krw)}원"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"
