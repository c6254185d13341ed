"""Settlements with the state as they are kept: money moved, and what was filed. It only adds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, cast

from sqlalchemy import Connection, func, insert, select

from billing.close.consent import SHORTEST, check_may_approve, check_named, names
from billing.document import canonical, from_document, parse, sha256_hex
from billing.grant.carried_budgets import BudgetOrigin, budget_origins
from billing.grant.changes_since_filing import (
    ChangedSinceFiling,
    changes_since_filing,
    settled_rows,
)
from billing.grant.reconciliation import Tie, ties
from billing.grant.settlement import (
    EntryKind,
    GrantEntry,
    GrantRow,
    GrantSettlement,
    entry_sides,
    rows_of,
    sources_of,
)
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import claims_standing
from billing.ledger.tables import grant_entry, grant_filing
from billing.payment.payment_ledger import post_pair
from billing.payment.receivables import documents_of
from billing.rulebook.programme import Programme
from billing.rulebook.rule_book import RuleBook, read_rulebook
from metering.calendar import days_of_month, month_first_day, months_of_year
from metering.database.audit_trail import NOBODY, Who, keep
from metering.errors import CheckError, CloseError, JeongsanError
from metering.registry.registry import Registry
from metering.site.open_site import OpenSite

_PAIR: Final[dict[EntryKind, tuple[EntryKind, EntryKind]]] = {
    "received": ("received", "returned"),
    "returned": ("received", "returned"),
    "interest": ("interest", "interest_returned"),
    "interest_returned": ("interest", "interest_returned"),
}


@dataclass(frozen=True, slots=True)
class Filing:
    """A settlement as it was filed."""

    sequence: int
    grant: GrantSettlement
    digest: str
    filed_on: date
    filed_by: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """A programme's year as it stands, the last filing of it, what differs, and the proof.
    origins: of which years the money is, where some was carried over."""

    grant: GrantSettlement
    filed: Filing | None
    differences: tuple[ChangedSinceFiling, ...]
    ties: tuple[Tie, ...]
    origins: tuple[BudgetOrigin, ...] = ()

    @property
    def digest(self) -> str:
        """What names it, as it would be filed."""
        return sha256_hex(canonical(self.grant).encode())


def programme_of(book: RuleBook, name: str) -> Programme:
    """A programme of the rules; JeongsanError if there is none."""
    asked = book.programme(name)
    if asked is None:
        known = ", ".join(programme.programme for programme in book.programmes)
        raise JeongsanError(f"the rules have no programme {name}; they have {known}")
    return asked


def record_entry(
    connection: Connection, book: RuleBook, entry: GrantEntry, who: Who = NOBODY
) -> GrantEntry:
    """Record money between the centre and a source, with its postings; as it is numbered."""
    programme = programme_of(book, entry.programme)
    sources = {source.name: source.settled for source in programme.funding}
    if sources.get(entry.funding, "in_kind") == "in_kind":
        known = ", ".join(name for name, settled in sources.items() if settled != "in_kind")
        raise CloseError(f"{entry.programme} gets no money of {entry.funding}; only of {known}")
    if not entry.amount_krw or not entry.by.strip() or not entry.reason.strip():
        raise CloseError("money of the state is recorded with an amount, --by NAME and --reason")
    _check_there(connection, entry)
    last = connection.execute(select(func.max(grant_entry.c.sequence))).scalar() or 0
    given = replace(entry, sequence=last + 1, by=entry.by.strip())
    connection.execute(
        insert(grant_entry).values(
            sequence=given.sequence,
            programme=given.programme,
            funding=given.funding,
            year=given.year,
            kind=given.kind,
            amount_krw=given.amount_krw,
            moved_on=given.on,
            recorded_by=given.by,
            reason=given.reason,
        )
    )
    what = f"{given.programme} {given.year} {given.funding} {given.kind} {given.amount_krw}"
    done = replace(who, by=given.by)
    keep(connection, "fund", done, subject=what, reason=given.reason)
    sides = entry_sides(given, sources[given.funding])
    post_pair(connection, f"grant/{given.sequence:08d}", given.on, sides, given.reason)
    return given


def _check_there(connection: Connection, entry: GrantEntry) -> None:
    """CloseError where more would have gone back than came by a day, of money or of its interest.
    Over all years: money that is carried over goes back in a later one."""
    table = grant_entry.c
    came, back = _PAIR[entry.kind]
    query = select(table.moved_on, table.kind, table.amount_krw).where(
        table.programme == entry.programme, table.funding == entry.funding
    )
    moved = [tuple(row) for row in connection.execute(query)]
    moved.append((entry.on, entry.kind, entry.amount_krw))
    for day in sorted({on for on, _, _ in moved if on >= entry.on}):
        sums = {came: 0, back: 0}
        for on, kind, krw in moved:
            if kind in sums and on <= day:
                sums[kind] += krw
        if not 0 <= sums[back] <= sums[came]:
            raise CloseError(
                f"{entry.programme} {entry.funding}: {sums[back]:,} would have gone back ({back})"
                f" by {day} of {sums[came]:,} that came ({came}); nothing was recorded"
            )


def entries_of(connection: Connection, programme: str, year: int) -> tuple[GrantEntry, ...]:
    """The money of a programme's year, in the order in which it was recorded."""
    table = grant_entry.c
    query = select(grant_entry).where(table.programme == programme, table.year == year)
    return tuple(
        GrantEntry(
            row.programme, row.funding, row.year, cast(EntryKind, row.kind), row.amount_krw,
            row.moved_on, row.recorded_by, row.reason, row.sequence,
        )
        for row in connection.execute(query.order_by(table.sequence))
    )  # fmt: skip


def last_filing(connection: Connection, programme: str, year: int) -> Filing | None:
    """The last settlement of a year that was filed; JeongsanError for a changed document."""
    table = grant_filing.c
    query = select(grant_filing).where(table.programme == programme, table.year == year)
    row = connection.execute(query.order_by(table.sequence.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    place = f"settlement {programme} {year} no. {row.sequence}"
    if sha256_hex(row.document.encode()) != row.digest:
        raise JeongsanError(f"{place}: its document is not the one that was filed")
    grant = from_document(GrantSettlement, parse(row.document, place), place)
    return Filing(row.sequence, grant, row.digest, row.filed_on, row.filed_by)


def settlement(opened: OpenSite, name: str, year: int) -> Settlement:
    """A programme's year as it stands by the issued months and their corrections."""
    book = read_rulebook(opened.site.rules)
    with opened.database.read() as connection:
        return _settlement(connection, opened.registry, book, name, year)


def file_settlement(
    opened: OpenSite,
    name: str,
    year: int,
    by: str,
    on: date,
    digest: str | None = None,
    at_ms: int | None = None,
    account: str = "",
) -> Settlement:
    """File a year's settlement: what it says then is what later ones are compared with. One that
    says nothing new is not filed again. `digest` (or its first letters) names what the person was
    shown: CloseError when it is another one by now (SETTLEMENT 41), and while supported months are
    open; CheckError where the books do not agree."""
    if not by.strip():
        raise CloseError("a settlement is filed with the name of who files it: --by NAME")
    if digest is not None:
        check_named(digest)
    who = Who(by, at_ms, account)
    check_may_approve(opened, who)
    book = read_rulebook(opened.site.rules)
    with opened.database.begin() as connection:
        now = _settlement(connection, opened.registry, book, name, year)
        if now.grant.open_months:
            raise CloseError(f"{name} {year}: {', '.join(now.grant.open_months)} is not issued yet")
        if odd := [tie for tie in now.ties if not tie.holds]:
            first = odd[0]
            raise CheckError(
                f"{name} {year}: invoices, ledger and claims differ in {len(odd)} places, the first"
                f" {first.company_id} {first.month}"
            )
        text = canonical(now.grant)
        if digest is not None and not names(digest, now.digest):
            raise CloseError(
                f"{name} {year} is not what was looked at any more ({digest[:SHORTEST]} was, it is"
                f" {now.digest[:SHORTEST]} now); look at it again: `jeongsan grant {name} {year}`"
            )
        if now.filed is None or now.filed.digest != now.digest:
            sequence = now.filed.sequence + 1 if now.filed else 1
            connection.execute(
                insert(grant_filing).values(
                    programme=name, year=year, sequence=sequence, document=text,
                    digest=now.digest, filed_on=on, filed_by=by.strip(),
                )
            )  # fmt: skip
            keep(connection, "file", who, subject=f"{name} {year}", digest=now.digest)
        return _settlement(connection, opened.registry, book, name, year)


def _settlement(
    connection: Connection, registry: Registry, book: RuleBook, name: str, year: int
) -> Settlement:
    programme = programme_of(book, name)
    issued = {
        month_state.month
        for month_state in ledger.month_states(connection)
        if month_state.state == "issued"
    }
    months = tuple(month for month in months_of_year(year) if month in issued)
    earlier = sorted(month for month in issued if int(month[:4]) < year)
    filed = last_filing(connection, name, year)
    standing = _rows(connection, months, name)
    rows = settled_rows(filed.grant.rows if filed else None, standing)
    grant = GrantSettlement(
        programme=name,
        title=programme.title,
        authority=programme.authority,
        year=year,
        months=months,
        open_months=_open(registry, name, year, issued),
        sources=sources_of(
            programme, year, rows, _rows(connection, earlier, name),
            entries_of(connection, name, year),
        ),
        rows=rows,
        self_pay_krw=_self_pay(connection, name, frozenset(months)),
        rules_digest=book.digest,
    )  # fmt: skip
    own = tuple(tie for tie in ties(connection, months) if tie.programme == name)
    before = changes_since_filing(filed.grant.rows, standing) if filed else ()
    origins = budget_origins(programme, year, grant.sources)
    return Settlement(grant, filed, before, own, origins)


def _rows(connection: Connection, months: Sequence[str], name: str) -> tuple[GrantRow, ...]:
    return rows_of(
        (claim for month in months for claim in claims_standing(connection, month)), name
    )


def _open(registry: Registry, name: str, year: int, issued: set[str]) -> tuple[str, ...]:
    """The months of the year in which somebody has an award and that are not issued; none before
    the first that is."""
    first = min(issued, default="")
    awards = [award for award in registry.awards if award.programme == name]
    return tuple(
        month
        for month in months_of_year(year)
        if month not in issued
        and month_first_day(month) >= month_first_day(first or month)
        and any(award.holds(day) for award in awards for day in days_of_month(month))
    )


def _self_pay(connection: Connection, name: str, months: frozenset[str]) -> int:
    """What companies pay in cash of the lines that the programme supports, without VAT."""
    return sum(
        line.company_krw
        for document in documents_of(connection, months)
        for line in document.lines
        if any(part.programme == name for part in line.parts)
    )
