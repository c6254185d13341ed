"""Approves a month's draft by name, as it was looked at (SETTLEMENT 21, 25, 41)."""

from collections.abc import Sequence
from dataclasses import replace

from billing.close.consent import (
    changed_text,
    check_four_eyes,
    check_may_approve,
    check_named,
    names,
)
from billing.close.draft_month import read_in_order, store_draft
from billing.close.issued_month import next_step
from billing.draft.draft import Draft, settle
from billing.ledger import ledger
from billing.ledger.ledger import MonthState
from billing.ledger.month_history import NOBODY, MonthStep, Who, drafter, note, steps
from metering.errors import CheckError, CloseError
from metering.finding import Finding
from metering.repeated_findings import by_cause
from metering.site.open_site import OpenSite

SHOWN = 20  # findings that a message names


def look_at(opened: OpenSite, month: str) -> Draft:
    """The draft in force as it would be approved now, to be shown; nothing is stored. CloseError
    when there is none, or it is no longer the one drafted."""
    before = _drafted(opened, month)
    inputs, _ = read_in_order(opened, month)
    now = settle(inputs)
    if now.digest != before.digest:
        raise CloseError(
            f"{month} has changed since it was drafted; `jeongsan draft {month}` first"
        )
    return replace(now, state="approved" if before.state == "approved" else "draft")


def approve(
    opened: OpenSite,
    month: str,
    by: str,
    digest: str | None = None,
    at_ms: int | None = None,
    account: str = "",
) -> Draft:
    """The draft, approved by name; an approval before stays. `digest` (or its first letters) names
    what the person was shown: CloseError, with what changed, when it is another draft by now; so
    for a login that may not approve here, and where the site wants two people and who drafted would
    approve. CheckError while it has fails that nobody acknowledged. Without `digest` it is the one
    drafted last."""
    if not by.strip():
        raise CloseError("an approval needs the name of who approves")
    if digest is not None:
        check_named(digest)
    before = _drafted(opened, month)
    who = Who(by.strip(), at_ms, account)
    check_may_approve(opened, who)
    inputs, _ = read_in_order(opened, month)
    now = settle(inputs)
    maker = NOBODY if now.digest == before.digest else who  # who only looks again made nothing
    now = store_draft(opened, inputs, now, maker)
    said = before.digest or "" if digest is None else digest
    if now.digest != before.digest or not names(said, now.digest):
        changed = changed_text(opened, month, said, now.digest)
        raise CloseError(
            f"{month} has changed since it was drafted; look at the new draft first ({changed})"
        )
    if now.blocking:
        raise CheckError(blocking_text(month, now.blocking))
    with opened.database.begin() as connection:
        state = ledger.month_state(connection, month)
        if state.state == "draft":
            drafted = drafter(connection, month, now.digest)
            check_four_eyes(opened, f"the draft {now.digest[:12]} of {month}", drafted, who)
        after = ledger.save_approval(connection, month, now.digest, who.by)
        note(connection, state, after, who)
    return replace(now, state="approved")


def approval_of(opened: OpenSite, month: str) -> MonthStep | None:
    """The approval that is in force, or by which the month was issued; None where there is none."""
    with opened.database.read() as connection:
        state = ledger.month_state(connection, month)
        passed = [step for step in steps(connection, month) if step.state == "approved"]
    if state.approved_by is None:
        return None
    step = MonthStep(month, "approved", state.digest or "", state.approved_by, None)
    return next((kept for kept in reversed(passed) if kept.digest == state.digest), step)


def _drafted(opened: OpenSite, month: str) -> MonthState:
    """The state of a month that has a draft; CloseError where it has none, or is issued."""
    with opened.database.read() as connection:
        before = ledger.month_state(connection, month)
    if before.state not in ("draft", "approved"):
        raise CloseError(f"{month} is {before.state}; {next_step(before)}")
    return before


def blocking_text(month: str, blocking: Sequence[Finding]) -> str:
    """Which findings stop a month, and what to do."""
    lines = [f"{month} has {len(blocking)} findings that stop it:"]
    causes = by_cause(blocking)
    for cause in causes[:SHOWN]:
        place = " ".join(part for part in (cause.first.cluster, cause.span) if part)
        said = f"{cause.first.kind} {place} {cause.first.subject}: {cause.first.detail}"
        single = cause.days == 1
        lines.append(f"  {cause.first.key} {said}" if single else f"  {cause.days} days of {said}")
    if len(causes) > SHOWN:
        lines.append(f"  and {len(causes) - SHOWN} more; `jeongsan status` lists them")
    lines.append(
        "mend their causes, or `jeongsan acknowledge FINDING --effect bill|exclude --reason --by`"
    )
    if len(causes) < len(blocking):
        lines.append("(several days at once: `--kind K --cluster C --days FIRST..LAST`)")
    return "\n".join(lines)
