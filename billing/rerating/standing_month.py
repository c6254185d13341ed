"""Owns an issued month as it stands, and what this program makes otherwise of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from billing.month.pure_month import MonthResult
from billing.records import Invoice
from billing.rerating.rerate_company import Truth


@dataclass(frozen=True, slots=True)
class RatedOtherwise:
    """What this program makes of a company's month that stands, from what it was rated from: not
    what the program made that rated it. Without invoices where it makes none."""

    month: str
    company_id: str
    invoices: tuple[Invoice, ...]


@dataclass(frozen=True, slots=True)
class Stood:
    """An issued month as it stands, earlier adjustments included, and what it was rated from.
    `otherwise` is what this program makes of it, where a person lets a correction carry that as a
    cause of its own (SETTLEMENT 24)."""

    truth: Truth
    closing: MonthResult
    otherwise: tuple[RatedOtherwise, ...] = ()


def rated_otherwise(otherwise: Iterable[RatedOtherwise], month: str) -> tuple[RatedOtherwise, ...]:
    """Those of one month."""
    return tuple(rated for rated in otherwise if rated.month == month)
