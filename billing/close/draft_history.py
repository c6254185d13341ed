"""Owns what a month's last two drafts were made from, kept until it is issued, and what is
different between them, by cause (SETTLEMENT 24)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import sqlalchemy as sa

from billing.bundle.bundle import (
    digest_named,
    files_of,
    inputs_of,
    invoices_of,
    read_bundle,
    read_index,
    records_of,
)
from billing.bundle.versions import PROGRAM
from billing.draft.month_inputs import Inputs
from billing.ledger.amendments import Key
from billing.ledger.ledger import month_state, month_states
from billing.ledger.tables import draft_record as table
from billing.records import Claim, Invoice, TaxClass
from billing.rerating.correction import truth_of
from billing.rerating.rerate_company import CAUSES, Cause, changes, together
from billing.rerating.result_rows import amounts
from billing.rerating.version_drift import Unexplained, differing
from metering.errors import JeongsanError
from metering.lake.lake import Lake
from metering.site.open_site import OpenSite

# `correction`: the month before was corrected, so that this one opens with other quotas, caps and
# budgets. `program`: nothing that is recorded has changed, so that another version rates otherwise.
DraftCause = Cause | Literal["correction", "program"]


@dataclass(frozen=True, slots=True)
class Moved:
    """What one cause changes of a company and tax class from a draft to the next, in won."""

    company_id: str
    company: str  # its name
    tax_class: TaxClass
    cause: DraftCause
    charge_krw: int
    subsidy_krw: int
    company_krw: int
    vat_krw: int


@dataclass(frozen=True, slots=True)
class Redraft:
    """Two drafts of a month that follow one another, by digest, and what is different."""

    before: str
    now: str
    moved: tuple[Moved, ...]


def keep_record(connection: sa.Connection, month: str, draft: str, record: str) -> None:
    """Note what a month's draft was made from, beside that of the last draft that was another one;
    drafting again what is drafted forgets neither."""
    where = table.c.month == month
    last = connection.execute(sa.select(table).where(where)).one_or_none()
    if last is None:
        connection.execute(sa.insert(table).values(month=month, draft=draft, record=record))
        return
    before = last.before if last.draft == draft else last.record
    named = {"draft": draft, "record": record, "before": before}
    connection.execute(sa.update(table).where(where).values(**named))


def records(connection: sa.Connection) -> frozenset[str]:
    """What the last two drafts of every month were made from that is not issued."""
    issued = {state.month for state in month_states(connection) if state.state == "issued"}
    rows = [row for row in connection.execute(sa.select(table)) if row.month not in issued]
    return frozenset(name for row in rows for name in (row.record, row.before) if name)


def files_named(lake: Lake, record: str) -> Iterator[str]:
    """The digests of all files that a draft was made from. A draft can be made again, so what is
    damaged stops no sweeping."""
    return (digest_named(path) for path, _ in files_of(lake, record))


def redraft(opened: OpenSite, month: str) -> Redraft | None:
    """What is different from the draft before; None where a month has but one, or is issued.
    JeongsanError where what it was made from is damaged."""
    with opened.database.read() as connection:
        state = month_state(connection, month)
        row = connection.execute(sa.select(table).where(table.c.month == month)).one_or_none()
    if row is None or row.before is None or state.state == "issued":
        return None
    old, new = (read_bundle(opened.lake, name) for name in (row.before, row.record))
    was, now = inputs_of(opened.lake, old), inputs_of(opened.lake, new)
    moved = between(was, now, invoices_of(old), invoices_of(new))
    return Redraft(old.index["draft"], new.index["draft"], moved)


def by_program(opened: OpenSite, month: str, draft: str, record: str) -> tuple[Unexplained, ...]:
    """What this program makes otherwise of all that the draft before was made from; it is rated
    again only where another version made it, or where the same inputs came to something else."""
    with opened.database.read() as connection:
        row = connection.execute(sa.select(table).where(table.c.month == month)).one_or_none()
    name = None if row is None else row.before if row.draft == draft else row.record
    if name is None:
        return ()
    try:
        bundle = read_bundle(opened.lake, name)
    except JeongsanError:  # `redraft` tells it; it is no reason to be without a draft
        return ()
    old, new = bundle.index, read_index(opened.lake, record)
    if old["versions"] == new["versions"] and old["inputs"] != new["inputs"]:
        return ()
    was = inputs_of(opened.lake, bundle)
    truth = truth_of(was)
    again = together(truth, truth, (), was.opening)
    claims = records_of(Claim, bundle.documents["claims"], f"{name}: claims")
    before = replace(again, invoices=invoices_of(bundle), claims=claims)
    return tuple(differing(month, str(old["versions"].get(PROGRAM, "-")), before, again))


def between(
    was: Inputs, now: Inputs, old: Sequence[Invoice], new: Sequence[Invoice]
) -> tuple[Moved, ...]:
    """The differences of two drafts, one cause after the other, in order of company. They add up:
    the first step begins with the old invoices and the last one ends with the new ones."""
    before, after = truth_of(was), truth_of(now)
    changed = {cause for change in changes([before], [after]) for cause in change.causes()}
    causes = tuple(cause for cause in CAUSES if cause in changed)
    steps: list[tuple[DraftCause, Mapping[Key, Invoice]]] = [
        ("program", _by_key(together(before, after, (), was.opening).invoices))
    ]
    for at, cause in enumerate(causes, start=1):
        rated = together(before, after, causes[:at], was.opening)
        steps.append((cause, _by_key(rated.invoices)))
    if was.opening != now.opening:
        steps.append(("correction", _by_key(new)))
    else:
        steps[-1] = (steps[-1][0], _by_key(new))
    moved: list[Moved] = []
    left: Mapping[Key, Invoice] = _by_key(old)
    for step, right in steps:
        moved += _moved(step, left, right)
        left = right
    return tuple(sorted(moved, key=lambda change: (change.company_id, change.tax_class)))


def _moved(
    cause: DraftCause, left: Mapping[Key, Invoice], right: Mapping[Key, Invoice]
) -> Iterable[Moved]:
    for key in sorted({*left, *right}):
        before, after = left.get(key), right.get(key)
        more = [b - a for a, b in zip(amounts(before), amounts(after), strict=True)]
        known = after or before
        if any(more) and known is not None:
            yield Moved(key[0], known.company.name, key[1], cause, *more)


def _by_key(invoices: Iterable[Invoice]) -> dict[Key, Invoice]:
    return {(invoice.company_id, invoice.tax_class, invoice.month): invoice for invoice in invoices}
