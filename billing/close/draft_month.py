"""Drafts a month: reads it in strict order of months and puts its rows in force (SETTLEMENT 21)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from billing.bundle.bundle import write_record
from billing.bundle.opening import reopened
from billing.close.draft_history import by_program, keep_record
from billing.close.issued_month import next_step
from billing.draft.draft import STAGE, Draft, settle
from billing.draft.lake_rows import to_table
from billing.draft.month_inputs import Inputs, InputsInForce, read_inputs
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import standing_bundle
from billing.ledger.ledger import MonthState
from billing.ledger.month_history import NOBODY, Who, note
from billing.records import Charge, Subsidy
from billing.rerating.version_drift import keep
from billing.rulebook.load_site import note_rules
from billing.subsidy.balance import Balance
from metering.calendar import month_first_day, month_last_day, previous_month
from metering.database.findings import replace_findings
from metering.errors import CloseError
from metering.lake.change import Change
from metering.lake.manifest import Manifest
from metering.site.open_site import OpenSite
from metering.usage.outdated_days import outdated

SHOWN = 20  # days that a message names


def draft(opened: OpenSite, month: str, who: Who = NOBODY) -> Draft:
    """The month's draft, stored with its charges, subsidies and findings. An approval of the same
    digest stays. CloseError when the month cannot be drafted yet, or is issued."""
    with opened.database.read() as connection:
        if ledger.month_state(connection, month).state == "issued":
            raise CloseError(f"{month} is issued and never changes; correct it with an adjustment")
    inputs, _ = read_in_order(opened, month)
    return store_draft(opened, inputs, settle(inputs), who)


def read_in_order(opened: OpenSite, month: str) -> tuple[Inputs, InputsInForce]:
    previous = _previous_bundle(opened, month)
    inputs, in_force = inputs_now(opened, month, Balance(), previous)
    return reopened(opened.lake, inputs), in_force


def inputs_now(
    opened: OpenSite, month: str, opening: Balance, previous: str | None
) -> tuple[Inputs, InputsInForce]:
    """What is known of a month now, issued or not; CloseError where its usage wants metering."""
    if stale := outdated(opened, month_first_day(month), month_last_day(month)):
        raise CloseError(_stale_text(month, stale))
    return read_inputs(opened, month, opening, previous)


def _previous_bundle(opened: OpenSite, month: str) -> str | None:
    """The bundle of what stands for the month before; None in the site's first month; CloseError
    out of order."""
    first = opened.site.first_month
    if month_first_day(month) < month_first_day(first):
        raise CloseError(f"{month} is before the first month of the site, {first}")
    if month == first:
        return None
    before = previous_month(month)
    with opened.database.read() as connection:
        state = ledger.month_state(connection, before)
        stands = standing_bundle(connection, before)
    if stands is None:
        raise CloseError(
            f"months are closed in order: {before} is {state.state}; {next_step(state)}"
        )
    return stands


def store_draft(opened: OpenSite, inputs: Inputs, now: Draft, who: Who) -> Draft:
    """Put the draft's rows, findings and state in force together."""
    states: list[MonthState] = []
    made_from = write_record(opened.lake, inputs, now)
    odd = by_program(opened, inputs.month, now.digest, made_from)

    def record(connection: sa.Connection) -> None:
        before = ledger.month_state(connection, inputs.month)
        states.append(ledger.save_draft(connection, inputs.month, now.digest))
        note(connection, before, states[-1], who)
        note_rules(connection, inputs.book, who)
        keep_record(connection, inputs.month, now.digest, made_from)
        keep_findings(connection, opened, now)
        keep(connection, opened.site.calendar, [inputs.month], odd)

    with opened.lake.change() as change:
        replace_rows(change, now)
        change.record(record)
    return replace(now, state="approved" if states[0].state == "approved" else "draft")


def keep_findings(connection: sa.Connection, opened: OpenSite, now: Draft) -> None:
    """Make a draft's own findings those of its month, to be looked at and decided about."""
    own = [finding for finding in now.findings if finding.stage == STAGE]
    sections = opened.site.sections
    days = opened.site.calendar.month_days(now.month)
    for cluster in sorted(
        {"", *(section.name for section in sections), *(finding.cluster for finding in own)}
    ):
        new = [finding for finding in own if finding.cluster == cluster]
        replace_findings(connection, STAGE, cluster, days, new)


def replace_rows(change: Change, now: Draft) -> tuple[Manifest, Manifest]:
    """Put a month's charges and subsidies in the place of those in force."""
    partition, named = {"month": now.month}, {"draft": now.digest}
    charge = change.replace("charge", partition, to_table(Charge, now.closing.charges), named)
    subsidies = to_table(Subsidy, now.closing.subsidies)
    return charge, change.replace("subsidy", partition, subsidies, named)


def _stale_text(month: str, stale: Sequence[tuple[str, date]]) -> str:
    days = sorted(day for _, day in stale)
    return (
        f"{month} has usage that is not what its inputs give any more (rows came late, or the "
        f"registry or the site changed): {listed_days(stale)}. "
        f"Meter it again: `jeongsan meter {days[0]}..{days[-1]}`"
    )


def listed_days(days: Iterable[tuple[str, date]]) -> str:
    """The first few cluster-days, and how many more."""
    listed = [f"{cluster} {day}" for cluster, day in days]
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return f"{', '.join(listed[:SHOWN])}{more}"
