"""What a month came to, as rows that can be compared: amounts, lines, charges and subsidies."""

from collections.abc import Iterable, Mapping

from billing.month.pure_month import MonthResult
from billing.records import Charge, Invoice, Subsidy

SHARED_OFF_KRW = 2


def amounts(invoice: Invoice | None) -> tuple[int, int, int, int]:
    """Charge, support, self-pay and VAT; nothing where there is no invoice."""
    if invoice is None:
        return 0, 0, 0, 0
    return invoice.charge_krw, invoice.subsidy_krw, invoice.company_krw, invoice.vat_krw


def line_amounts(invoice: Invoice | None) -> list[tuple[object, ...]]:
    """What is due of every line, and who pays it."""
    return [
        (line.project_id, line.sku, line.charge_krw, line.company_krw, line.taxable_krw, line.parts)
        for line in (invoice.lines if invoice is not None else ())
    ]


def rows_of_results(results: Iterable[MonthResult]) -> list[object]:
    """All that is due and claimed of some months, without where the rules say so."""
    return [
        (
            [(charge_key(c), c.quantity, c.charge_krw) for c in result.charges],
            [(subsidy_key(s), s.subsidy_krw, s.vat_base) for s in result.subsidies],
            [amounts(i) for i in result.invoices],
        )
        for result in results
    ]


def charge_key(c: Charge) -> tuple[object, ...]:
    return c.day, c.company_id, c.project_id, c.sku, c.unit


def subsidy_key(s: Subsidy) -> tuple[object, ...]:
    return s.day, s.company_id, s.project_id, s.sku, s.programme, s.award_id, s.funding


def shared_alike(issued: MonthResult, now: MonthResult, company_id: str) -> bool:
    """Whether every line of a company is due as it was issued: to the won, and where a budget was
    shared within two, since who is rated alone meets its end a won sooner or later."""
    shared = any(
        row.company_id == company_id and row.stopped_by.startswith("budget:")
        for row in (*issued.subsidies, *now.subsidies)
    )
    before, after = due_lines(issued, company_id), due_lines(now, company_id)
    return before.keys() == after.keys() and all(
        charge_krw == after[key][0]
        and abs(company_krw - after[key][1]) <= (SHARED_OFF_KRW if shared else 0)
        for key, (charge_krw, company_krw) in before.items()
    )


def due_lines(result: MonthResult, company_id: str) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Charge and self-pay by project and SKU."""
    return {
        (line.project_id, line.sku): (line.charge_krw, line.company_krw)
        for invoice in result.invoices
        if invoice.company_id == company_id
        for line in invoice.lines
    }
