"""The structure of an electronic tax document, as public sources show it, and a check against it.

The standard's schema file is not public; order, presence and forms here are of published samples
and programs. What is a draft's, and what only sending gives, is told apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from metering.business_number import business_number_flaw
from metering.errors import Mistake, Mistakes

NAMESPACE: Final = (
    "urn:kr:or:kec:standard:Tax:ReusableAggregateBusinessInformationEntitySchemaModule:1:0"
)
SCHEMA: Final = "http://www.kec.or.kr/standard/Tax/TaxInvoiceSchemaModule_1.0.xsd"
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
LINES_MAX: Final = 99  # assumed: what the interfaces of providers take
AMENDED: Final = frozenset({"02", "04"})  # the first two digits of a kind of document
EXEMPT: Final = frozenset({"03", "04"})


@dataclass(frozen=True, slots=True)
class Element:
    """An element: how often it may stand, the form of its text, or the parts it is made of."""

    name: str
    least: int = 1
    most: int = 1
    form: str = ""
    parts: tuple["Element", ...] = ()


def _text(most: int) -> str:
    return rf"\S(?:.{{0,{most - 2}}}\S)?"


DAY = r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
WON = r"0|-?[1-9]\d{0,17}"
PERSON = Element("SpecifiedPerson", parts=(Element("NameText", form=_text(30)),))
ADDRESS = Element("SpecifiedAddress", least=0, parts=(Element("LineOneText", form=_text(150)),))
CONTACT = (
    Element("DepartmentNameText", least=0, form=_text(40)),
    Element("PersonNameText", least=0, form=_text(30)),
    Element("TelephoneCommunication", least=0, form=_text(20)),
    Element("URICommunication", least=0, form=r"[^@\s]+@[^@\s]+"),
)


def _party(name: str, organisation: Element, *contacts: str) -> Element:
    return Element(name, parts=(
        Element("ID", form=r"\d{10}"),
        Element("TypeCode", form=_text(40)),
        Element("NameText", form=_text(70)),
        Element("ClassificationCode", form=_text(40)),
        organisation,
        PERSON,
        *(Element(contact, least=0, parts=CONTACT) for contact in contacts),
        ADDRESS,
    ))  # fmt: skip


BRANCH = Element("TaxRegistrationID", least=0, form=r"\d{4}")
STRUCTURE: Final = Element("TaxInvoice", parts=(
    Element("ExchangedDocument", parts=(
        Element("ID", form=r"[0-9A-Za-z-]{1,24}"),
        Element("IssueDateTime", least=0, form=DAY + r"\d{6}"),  # of sending
    )),
    Element("TaxInvoiceDocument", parts=(
        Element("IssueID", least=0, form=r"\d{24}"),  # 승인번호, which a draft does not have
        Element("TypeCode", form=r"0[1-4]0[1-5]"),
        Element("DescriptionText", least=0, most=3, form=_text(150)),
        Element("IssueDateTime", form=DAY),
        Element("AmendmentStatusCode", least=0, form=r"0[1-6]"),
        Element("PurposeCode", form=r"0[12]"),
        Element("OriginalIssueID", least=0, form=r"\d{24}"),
    )),
    Element("TaxInvoiceTradeSettlement", parts=(
        _party("InvoicerParty", Element("SpecifiedOrganization", least=0, parts=(BRANCH,)),
               "DefinedContact"),
        _party("InvoiceeParty", Element("SpecifiedOrganization", parts=(
            BRANCH, Element("BusinessTypeCode", form=r"0[1-3]"),
        )), "PrimaryDefinedContact", "SecondaryDefinedContact"),
        Element("SpecifiedPaymentMeans", least=0, most=4, parts=(
            Element("TypeCode", form=r"[1-4]0"),
            Element("PaidAmount", form=WON),
        )),
        Element("SpecifiedMonetarySummation", parts=(
            Element("ChargeTotalAmount", form=WON),
            Element("TaxTotalAmount", form=WON),
            Element("GrandTotalAmount", form=WON),
        )),
    )),
    Element("TaxInvoiceTradeLineItem", most=LINES_MAX, parts=(
        Element("SequenceNumeric", form=r"[1-9]\d?"),
        Element("DescriptionText", least=0, form=_text(100)),
        Element("InvoiceAmount", form=WON),
        Element("ChargeableUnitQuantity", least=0, form=r"-?\d{1,10}(?:\.\d{1,2})?"),
        Element("InformationText", least=0, form=_text(60)),
        Element("NameText", least=0, form=_text(100)),
        Element("PurchaseExpiryDateTime", form=DAY),
        Element("TotalTax", least=0, parts=(Element("CalculatedAmount", form=WON),)),
        Element("UnitPrice", least=0, parts=(
            Element("UnitAmount", form=r"-?\d{1,12}(?:\.\d{1,2})?"),
        )),
    )),
))  # fmt: skip


def check_structure(content: bytes, place: str) -> None:
    """Mistakes, all at once, where a document is not made as the standard has it, or its amounts
    do not add up."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Mistakes([Mistake(place, f"is no XML: {error}")]) from error
    mistakes = list(_check(root, STRUCTURE, f"{place} TaxInvoice"))
    mistakes = mistakes or list(_sums(root, place))
    if mistakes:
        raise Mistakes(mistakes)


def _name(element: etree._Element) -> str:
    """The name of an element of the standard; that of a foreign one with its namespace."""
    return str(element.tag).removeprefix(f"{{{NAMESPACE}}}")


def _check(element: etree._Element, part: Element, path: str) -> Iterator[Mistake]:
    if _name(element) != part.name:
        yield Mistake(path, f"is {_name(element)}, not {part.name}")
        return
    own = [child for child in element if not str(child.tag).startswith(f"{{{SIGNATURE}}}")]
    if not part.parts:
        text = element.text or ""
        if own or not re.fullmatch(part.form, text):
            yield Mistake(path, f"{text!r} is not of the form {part.form}")
        return
    left = list(own)
    for wanted in part.parts:
        count = 0
        while left and _name(left[0]) == wanted.name and count < wanted.most:
            count += 1
            place = f"{path}/{wanted.name}" + (f"[{count}]" if wanted.most > 1 else "")
            yield from _check(left.pop(0), wanted, place)
        if count < wanted.least:
            yield Mistake(path, f"{wanted.name} is missing")
    for odd in left:
        yield Mistake(path, f"{_name(odd)} does not belong here, or not so often")


def _sums(root: etree._Element, place: str) -> Iterator[Mistake]:
    def won(path: str) -> list[int]:
        steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
        return [int(element.text or "0") for element in root.iterfind(steps)]

    head = f"{{{NAMESPACE}}}TaxInvoiceDocument/{{{NAMESPACE}}}"
    kind = root.findtext(f"{head}TypeCode") or ""
    amended = root.find(f"{head}AmendmentStatusCode") is not None
    if amended and kind[:2] not in AMENDED:
        yield Mistake(place, f"is of kind {kind}, with a reason")
    if not amended and kind[:2] in AMENDED:
        yield Mistake(place, f"is of kind {kind}, without a reason")
    settlement = "TaxInvoiceTradeSettlement"
    summed = f"{settlement}/SpecifiedMonetarySummation"
    charge, tax = won(f"{summed}/ChargeTotalAmount"), won(f"{summed}/TaxTotalAmount")
    lines = "TaxInvoiceTradeLineItem"
    if sum(won(f"{lines}/InvoiceAmount")) != charge[0]:
        yield Mistake(place, f"its lines do not add up to the supply value {charge[0]:,}")
    if sum(won(f"{lines}/TotalTax/CalculatedAmount")) != tax[0]:
        yield Mistake(place, f"its lines' tax does not add up to {tax[0]:,}")
    if kind[:2] in EXEMPT and any((tax[0], *won(f"{lines}/TotalTax/CalculatedAmount"))):
        yield Mistake(place, f"is of kind {kind}, exempt, and has tax")
    if charge[0] + tax[0] != won(f"{summed}/GrandTotalAmount")[0]:
        yield Mistake(place, "its total is not supply value and tax")
    if won(f"{lines}/SequenceNumeric") != list(range(1, len(won(f"{lines}/SequenceNumeric")) + 1)):
        yield Mistake(place, "its lines are not numbered from 1")
    for party in ("InvoicerParty", "InvoiceeParty"):
        for element in root.iterfind(
            f"{{{NAMESPACE}}}{settlement}/{{{NAMESPACE}}}{party}/{{{NAMESPACE}}}ID"
        ):
            if flaw := business_number_flaw(element.text or ""):
                yield Mistake(place, f"{party} has the number {element.text}: {flaw}")
