"""Issued months and what is known of them later, as plain values, for the tests of corrections."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from billing.ledger.amendments import Amendment, Key, original
from billing.month.pure_month import MonthResult, compute_month
from billing.records import Invoice, Usage
from billing.rerating.amended_documents import AdjustmentDate, amend, numbered
from billing.rerating.comparison import Comparison, Joint, Stood, compare
from billing.rerating.rerate_company import CAUSES, Cause, Truth
from billing.rulebook.amendment_rules import Kind
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


def rated(one: Truth, opening: Balance) -> MonthResult:
    """A month as the close rates it."""
    return compute_month(
        one.usages, one.book, one.registry, opening, one.month, ISSUER, SEOUL, "usage"
    )


def issued(*truths: Truth) -> tuple[Stood, ...]:
    """Months that were issued one after the other."""
    found: list[Stood] = []
    for one in truths:
        opening = found[-1].closing.balance if found else Balance()
        found.append(Stood(one, rated(one, opening)))
    return tuple(found)


def joint(now: Sequence[Truth]) -> Joint:
    """Everybody rated together, for a cascade."""
    return lambda at, opening: rated(now[at], opening)


def compared(
    stood: Sequence[Stood],
    *now: Truth,
    cascade: bool = False,
    kinds: Mapping[Cause, Kind] = PLAIN,
    printed: Sequence[str] = (),
) -> Comparison:
    """The comparison from the site's first month on."""
    return compare(stood, now, Balance(), (), kinds, joint(now) if cascade else None, printed)


def chains_of(stood: Iterable[Stood]) -> dict[Key, list[Amendment]]:
    """The originals, numbered in order of month, company and tax class."""
    chains: dict[Key, list[Amendment]] = {}
    for month in stood:
        for invoice in month.closing.invoices:
            number = f"{invoice.month}/{invoice.company_id}"
            one = original(give(invoice, number))
            chains.setdefault(one.key, []).append(one)
    return chains


def give(invoice: Invoice, number: str) -> Invoice:
    return replace(invoice, number=number, issued_on=DATED.on)


def amended(
    chains: Mapping[Key, Sequence[Amendment]], made: Comparison, dated: AdjustmentDate = DATED
) -> tuple[Amendment, ...]:
    """The documents of a comparison, numbered N-1, N-2, ..."""
    found = amend(chains, made.stages, dated)
    return numbered(found, [give(one.invoice, f"N-{at}") for at, one in enumerate(found, 1)])


def told(found: Iterable[Amendment]) -> list[tuple[object, ...]]:
    """Number, step, reason, what it points at, its date, company's part and VAT."""
    return [
        (
            one.invoice.number, one.step, one.reason, one.amends, one.invoice.written_on,
            one.invoice.company_krw, one.invoice.vat_krw,
        )
        for one in found
    ]  # fmt: skip
