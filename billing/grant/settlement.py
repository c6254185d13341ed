"""The settlement of a programme's budget year with the state: what was budgeted, received, used,
earned as interest and has to go back, by funding source (SETTLEMENT 16)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from billing.payment.cash_application import BANK
from billing.records import Claim, Settled
from billing.rulebook.programme import CENTRE, COMPANY_IN_KIND, Budget, Programme

EntryKind = Literal["received", "returned", "interest", "interest_returned"]
ACCOUNTS = {"claimed": "receivable:programme", "advanced": "advance:programme"}
INTEREST = "interest:programme"
OWN_TITLE = "기업 현물"


@dataclass(frozen=True, slots=True)
class GrantEntry:
    """Money between the centre and a funding source, as a person recorded it. A mistake is recorded
    again with the negative amount."""

    programme: str
    funding: str
    year: int
    kind: EntryKind
    amount_krw: int
    on: date
    by: str
    reason: str
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class GrantRow:
    """What a source bears of a company's month."""

    month: str
    company_id: str
    funding: str
    krw: int


@dataclass(frozen=True, slots=True)
class GrantSource:
    """A funding source over the year. before_krw: used in earlier years of a budget of several."""

    funding: str
    title: str
    settled: Settled
    years: str
    budget_krw: int | None
    before_krw: int
    used_krw: int
    received_krw: int
    returned_krw: int
    interest_krw: int
    interest_returned_krw: int

    @property
    def left_krw(self) -> int:
        """Money received, not given back, and not used; negative where more was used."""
        if self.settled == "in_kind":
            return 0
        return self.received_krw - self.returned_krw - self.used_krw

    @property
    def to_return_krw(self) -> int:
        """What still has to go back, interest included."""
        return max(self.left_krw, 0) + self.interest_krw - self.interest_returned_krw

    @property
    def to_receive_krw(self) -> int:
        """What is still to come."""
        return max(-self.left_krw, 0)


@dataclass(frozen=True, slots=True)
class GrantSettlement:
    """A programme's year, as it is settled. open_months: supported months that are not issued."""

    programme: str
    title: str
    authority: str
    year: int
    months: tuple[str, ...]
    open_months: tuple[str, ...]
    sources: tuple[GrantSource, ...]
    rows: tuple[GrantRow, ...]
    self_pay_krw: int
    rules_digest: str


def entry_sides(entry: GrantEntry, settled: Settled) -> tuple[tuple[str, int], tuple[str, int]]:
    """The two postings of an entry: account and won, debit positive."""
    place = f"{entry.programme}:{entry.funding}"
    owed, krw = f"{ACCOUNTS[settled]}:{place}", entry.amount_krw
    match entry.kind:
        case "received":
            return (BANK, krw), (owed, -krw)
        case "returned":
            return (owed, krw), (BANK, -krw)
        case "interest":
            return (BANK, krw), (f"{INTEREST}:{place}", -krw)
        case "interest_returned":
            return (f"{INTEREST}:{place}", krw), (BANK, -krw)


def rows_of(claims: Iterable[Claim], programme: str) -> tuple[GrantRow, ...]:
    """What the sources of a programme bear, by month, company and source; what the centre bears
    because it came after a filing is nobody else's."""
    grant_rows = [
        GrantRow(claim.month, claim.company_id, claim.funding, claim.claim_krw)
        for claim in claims
        if claim.programme == programme and claim.funding != CENTRE
    ]
    return tuple(
        sorted(
            grant_rows,
            key=lambda grant_row: (grant_row.month, grant_row.company_id, grant_row.funding),
        )
    )


def sources_of(
    programme: Programme,
    year: int,
    rows: Iterable[GrantRow],
    earlier: Iterable[GrantRow],
    entries: Iterable[GrantEntry],
) -> tuple[GrantSource, ...]:
    """Every source over the year, in the order of the programme; a company's own share in kind, if
    there is any, last. `earlier` is what was used before the year."""
    used: dict[str, int] = defaultdict(int)
    for row in rows:
        used[row.funding] += row.krw
    before = tuple(earlier)
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        moved[entry.funding, entry.kind] += entry.amount_krw
    grant_sources = []
    for source in programme.funding:
        budget = source.budget(date(year, 12, 31)) if source.budgets is not None else None
        grant_sources.append(
            GrantSource(
                funding=source.name,
                title=source.title,
                settled=source.settled,
                years=budget.years if budget else str(year),
                budget_krw=budget.krw if budget else None if source.budgets is None else 0,
                before_krw=_before(before, source.name, budget, year),
                used_krw=used[source.name],
                received_krw=moved[source.name, "received"],
                returned_krw=moved[source.name, "returned"],
                interest_krw=moved[source.name, "interest"],
                interest_returned_krw=moved[source.name, "interest_returned"],
            )
        )
    if own := used.get(COMPANY_IN_KIND):
        empty = (0, own, 0, 0, 0, 0)
        grant_sources.append(
            GrantSource(COMPANY_IN_KIND, OWN_TITLE, "in_kind", str(year), None, *empty)
        )
    return tuple(grant_sources)


def _before(earlier: Iterable[GrantRow], funding: str, budget: Budget | None, year: int) -> int:
    """What earlier years used of a budget that is of several."""
    if budget is None:
        return 0
    years = range(budget.first_year, year)
    return sum(row.krw for row in earlier if row.funding == funding and int(row.month[:4]) in years)


def used_by_company(rows: Iterable[GrantRow]) -> Mapping[str, Mapping[str, int]]:
    """What all sources bear, by company and month."""
    by_company: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        by_company[row.company_id][row.month] += row.krw
    return {company: dict(by_company[company]) for company in sorted(by_company)}
