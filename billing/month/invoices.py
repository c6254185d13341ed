"""Owns what companies are asked for: a month's charges and subsidies as invoices."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from billing.records import (
    Charge,
    Invoice,
    InvoiceLine,
    Party,
    ProgrammePart,
    Subsidy,
    TaxClass,
    VatBase,
)
from billing.rulebook.programme import COMPANY_IN_KIND
from billing.rulebook.rule_book import RuleBook
from billing.rulebook.tax import DueRule
from metering.calendar import Calendar, month_last_day, next_month
from metering.registry.registry import Registry

LineKey = tuple[str, TaxClass, str, str]  # company, tax class, project, SKU
PartKey = tuple[str, VatBase, bool]  # programme, VAT base, brought in kind by the company


def invoice(
    charges: Iterable[Charge],
    subsidies: Iterable[Subsidy],
    book: RuleBook,
    registry: Registry,
    issuer: Party,
    month: str,
    calendar: Calendar,
    usage_digest: str,
) -> tuple[Invoice, ...]:
    """One invoice an issuer, company, month and tax class, in order of company and tax class;
    taxable and exempt never share one (SETTLEMENT 20)."""
    of_line: dict[LineKey, list[Charge]] = defaultdict(list)
    classes: dict[tuple[str, date], TaxClass] = {}
    for charge in charges:
        tax_class = classes.get((charge.sku, charge.day))
        if tax_class is None:
            tax_class = book.prices[charge.sku].tax_class.on(charge.day)
            classes[charge.sku, charge.day] = tax_class
        key = (charge.company_id, tax_class, charge.project_id, charge.sku)
        of_line[key].append(charge)
    parts: dict[LineKey, dict[PartKey, int]] = defaultdict(dict)
    for s in subsidies:
        of_key = parts[s.company_id, classes[s.sku, s.day], s.project_id, s.sku]
        part = (s.programme, s.vat_base, s.funding == COMPANY_IN_KIND)
        of_key[part] = of_key.get(part, 0) + s.subsidy_krw
    lines: dict[tuple[str, TaxClass], list[InvoiceLine]] = defaultdict(list)
    for key in sorted(of_line):
        line = _line(key, of_line[key], parts.get(key, {}), book, registry)
        lines[key[0], key[1]].append(line)
    return tuple(
        _invoice(key, tuple(of_class), book, registry, issuer, month, calendar, usage_digest)
        for key, of_class in sorted(lines.items())
    )


def _line(
    key: LineKey,
    charges: list[Charge],
    parts: Mapping[PartKey, int],
    book: RuleBook,
    registry: Registry,
) -> InvoiceLine:
    """One project and SKU; its parts in the order in which programmes are applied."""
    _, tax_class, project_id, sku = key
    titles = {p.programme: p.title for p in book.programmes}
    order = {p.programme: i for i, p in enumerate(book.programmes)}
    printed = tuple(
        ProgrammePart(name, titles[name], krw, vat_base, in_kind)
        for (name, vat_base, in_kind), krw in sorted(
            parts.items(), key=lambda part: (order[part[0][0]], part[0][2], part[0][1])
        )
        if krw
    )
    charge_krw = sum(charge.charge_krw for charge in charges)
    company_krw = charge_krw - sum(part.subsidy_krw for part in printed)
    gross_krw = sum(part.subsidy_krw for part in printed if part.vat_base == "GROSS")
    charges = sorted(charges, key=lambda charge: charge.day)
    return InvoiceLine(
        project_id=project_id,
        project_name=registry.project(project_id).name,
        sku=sku,
        sku_title=book.prices[sku].title,
        quantity=sum(charge.quantity for charge in charges),
        unit=charges[0].unit,
        prices_krw=tuple(dict.fromkeys(charge.price_krw for charge in charges)),
        price_unit=book.prices[sku].unit,
        charge_krw=charge_krw,
        parts=printed,
        company_krw=company_krw,
        taxable_krw=company_krw + gross_krw if tax_class == "taxable" else 0,
    )


def _invoice(
    key: tuple[str, TaxClass],
    lines: tuple[InvoiceLine, ...],
    book: RuleBook,
    registry: Registry,
    issuer: Party,
    month: str,
    calendar: Calendar,
    usage_digest: str,
) -> Invoice:
    company_id, tax_class = key
    written_on = month_last_day(month)
    charge_krw = sum(line.charge_krw for line in lines)
    company_krw = sum(line.company_krw for line in lines)
    taxable_krw = sum(line.taxable_krw for line in lines)
    vat_krw = book.tax.vat_krw(taxable_krw, written_on)
    payable_krw = company_krw + vat_krw
    return Invoice(
        month=month,
        company_id=company_id,
        tax_class=tax_class,
        kind="tax" if taxable_krw else "statement",
        issuer=issuer,
        company=party(registry, company_id, written_on),
        number=None,
        issued_on=None,
        written_on=written_on,
        due_on=due_day(book.tax.due.on(written_on), month, calendar) if payable_krw else None,
        lines=lines,
        charge_krw=charge_krw,
        subsidy_krw=charge_krw - company_krw,
        company_krw=company_krw,
        taxable_krw=taxable_krw,
        vat_krw=vat_krw,
        payable_krw=payable_krw,
        rules_digest=book.digest,
        usage_digest=usage_digest,
    )


def party(registry: Registry, company_id: str, day: date) -> Party:
    """A company as printed on an invoice of a day."""
    company = registry.company(company_id).printed_on(day)
    return Party(
        business_number=company.business_number,
        name=company.name,
        representative=company.representative,
        address=company.address,
        business_type=company.business_type,
        business_item=company.business_item,
    )


def due_day(rule: DueRule, month: str, calendar: Calendar) -> date:
    """The last day to pay a month's invoice. A term that would end on a Saturday or a public
    holiday ends on the next business day (Civil Act, article 161)."""
    match rule:
        case "last_day_of_next_month":
            return calendar.business_day(month_last_day(next_month(month)))
