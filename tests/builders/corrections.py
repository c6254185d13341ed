"""Issued months and what is known of them later, as plain values, for the tests of corrections."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from billing.ledger.amendments import Amendment, Key, original
from billing.month.pure_month import MonthResult, compute_month
from billing.records import Invoice, Usage
from billing.rerating.amended_documents import AdjustmentDate, amend, numbered
from billing.rerating.difference_causes import Comparison, Joint, compare
from billing.rerating.rerate_company import CAUSES, Cause, Truth
from billing.rerating.standing_month import Stood
from billing.rulebook.amendment_reasons import Kind
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.balance import Balance
from metering.registry.registry import Registry
from tests.builders.rules_and_usage import ISSUER, SEOUL

DATED = AdjustmentDate(1, date(2025, 12, 5), date(2026, 1, 31))
PLAIN: Mapping[Cause, Kind] = {cause: cause for cause in CAUSES}


def truth(month: str, usages: Iterable[Usage], book: RuleBook, held: Registry) -> Truth:
    """What a month is rated from."""
    rows = sorted(usages, key=lambda u: (u.day, u.company_id, u.project_id, u.source, u.sku))
    return Truth(month, tuple(rows), held, book, ISSUER, SEOUL, "usage")


def rated(of_month: Truth, opening: Balance) -> MonthResult:
    """A month as the close rates it."""
    return compute_month(
        of_month.usages,
        of_month.book,
        of_month.registry,
        opening,
        of_month.month,
        ISSUER,
        SEOUL,
        "usage",
    )


def issued(*truths: Truth) -> tuple[Stood, ...]:
    """Months that were issued one after the other."""
    months_before: list[Stood] = []
    for of_month in truths:
        opening = months_before[-1].closing.balance if months_before else Balance()
        months_before.append(Stood(of_month, rated(of_month, opening)))
    return tuple(months_before)


def joint(now: Sequence[Truth]) -> Joint:
    """Everybody rated together, for a cascade."""
    return lambda at, opening: rated(now[at], opening)


def compared(
    months_before: Sequence[Stood],
    *now: Truth,
    cascade: bool = False,
    kinds: Mapping[Cause, Kind] = PLAIN,
    printed: Sequence[str] = (),
) -> Comparison:
    """The comparison from the site's first month on."""
    return compare(
        months_before, now, Balance(), (), kinds, joint(now) if cascade else None, printed
    )


def chains_of(months_before: Iterable[Stood]) -> dict[Key, list[Amendment]]:
    """The originals, numbered in order of month, company and tax class."""
    chains: dict[Key, list[Amendment]] = {}
    for month in months_before:
        for invoice in month.closing.invoices:
            number = f"{invoice.month}/{invoice.company_id}"
            document = original(give(invoice, number))
            chains.setdefault(document.key, []).append(document)
    return chains


def give(invoice: Invoice, number: str) -> Invoice:
    return replace(invoice, number=number, issued_on=DATED.on)


def amended(
    chains: Mapping[Key, Sequence[Amendment]], comparison: Comparison, dated: AdjustmentDate = DATED
) -> tuple[Amendment, ...]:
    """The documents of a comparison, numbered N-1, N-2, ..."""
    documents = amend(chains, comparison.stages, dated)
    return numbered(
        documents, [give(document.invoice, f"N-{at}") for at, document in enumerate(documents, 1)]
    )


def told(amendments: Iterable[Amendment]) -> list[tuple[object, ...]]:
    """Number, step, reason, what it points at, its date, company's part and VAT."""
    return [
        (
            amendment.invoice.number, amendment.step, amendment.reason, amendment.amends,
            amendment.invoice.written_on, amendment.invoice.company_krw, amendment.invoice.vat_krw,
        )
        for amendment in amendments
    ]  # fmt: skip
