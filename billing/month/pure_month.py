"""Owns a month as one pure function: usage in; charges, subsidies, invoices and claims out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from billing.garbage_collection import uncollected
from billing.month.claims import claims
from billing.month.invoices import invoice
from billing.month.rating import rate
from billing.month.unsupported_slices import unsupported_slices
from billing.records import Charge, Claim, Filed, Invoice, Party, Subsidy, Usage
from billing.rulebook.programme import TRUNCATED_TO_KRW
from billing.rulebook.rule_book import RuleBook
from billing.subsidy.balance import Balance
from billing.subsidy.subsidise import subsidise
from metering.calendar import Calendar
from metering.finding import Finding
from metering.registry.registry import Registry


@dataclass(frozen=True, slots=True)
class MonthResult:
    """Everything that a month comes to. It may be issued when no finding is a `fail`."""

    month: str
    usages: tuple[Usage, ...]
    charges: tuple[Charge, ...]
    subsidies: tuple[Subsidy, ...]
    invoices: tuple[Invoice, ...]
    claims: tuple[Claim, ...]
    opening: Balance
    balance: Balance
    findings: tuple[Finding, ...]
    rules_digest: str


@uncollected()
def compute_month(
    usages: Iterable[Usage],
    book: RuleBook,
    registry: Registry,
    opening: Balance,
    month: str,
    issuer: Party,
    calendar: Calendar,
    usage_digest: str,
    filed: Iterable[Filed] = (),
) -> MonthResult:
    """The month, from plain values alone: the same inputs give the same result, in any order of
    rows. `opening` is the balance of the month before, `filed` what was settled with the state."""
    used = tuple(
        sorted(usages, key=lambda u: (u.day, u.company_id, u.project_id, u.source, u.sku, u.unit))
    )
    rated = rate(used, book, month, calendar)
    subsidised = subsidise(rated.charges, book, registry, opening, month, calendar, filed)
    charges = (*rated.charges, *subsidised.unused)
    slices = unsupported_slices(rated.charges, subsidised.subsidies, book, registry)
    invoices = invoice(
        charges, subsidised.subsidies, book, registry, issuer, month, calendar, usage_digest
    )
    result = MonthResult(
        month=month,
        usages=used,
        charges=charges,
        subsidies=subsidised.subsidies,
        invoices=invoices,
        claims=claims(subsidised.subsidies, book, month),
        opening=opening,
        balance=subsidised.balance,
        findings=(*rated.findings, *subsidised.findings, *slices),
        rules_digest=book.digest,
    )
    prove(result)
    return result


def prove(result: MonthResult) -> None:
    """Our own promises: every won of every row is somebody's, and only once."""
    left: dict[tuple[date, str, str, str], int] = defaultdict(int)
    for charge in result.charges:
        assert charge.charge_krw >= 0, "a charge is not negative"
        left[charge.day, charge.company_id, charge.project_id, charge.sku] += charge.charge_krw
    for s in result.subsidies:
        assert s.subsidy_krw >= 0, "a subsidy is not negative"
        left[s.day, s.company_id, s.project_id, s.sku] -= s.subsidy_krw
    assert all(krw >= 0 for krw in left.values()), "subsidies are not more than the charge"
    charged = sum(charge.charge_krw for charge in result.charges)
    subsidised = sum(s.subsidy_krw for s in result.subsidies)
    for of_month in result.invoices:
        for line in of_month.lines:
            paid = sum(part.subsidy_krw for part in line.parts)
            assert line.charge_krw == paid + line.company_krw, "a line is wholly paid"
            assert line.company_krw >= 0, "no company is paid for its use"
    assert charged == sum(i.charge_krw for i in result.invoices), "every charge is invoiced"
    assert subsidised == sum(i.subsidy_krw for i in result.invoices), "so is every subsidy"
    _prove_claims(result)
    assert charged - subsidised == sum(i.company_krw for i in result.invoices), "the rest is due"


def _prove_claims(result: MonthResult) -> None:
    """A source is asked for what it bears, less what truncation may cut off (SETTLEMENT 29)."""
    rest: dict[tuple[str, str, str], int] = defaultdict(int)
    for s in result.subsidies:
        rest[s.programme, s.funding, s.company_id] += s.subsidy_krw
    for claim in result.claims:
        rest[claim.programme, claim.funding, claim.company_id] -= claim.claim_krw
    assert all(0 <= krw < TRUNCATED_TO_KRW for krw in rest.values()), "every subsidy is claimed"
