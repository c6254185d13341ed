"""Approves a month's draft by name, as it was looked at (SETTLEMENT 21, 25)."""

from collections.abc import Sequence
from dataclasses import replace

from billing.close.draft_month import draft
from billing.close.issued_month import next_step
from billing.draft.draft import Draft
from billing.ledger import ledger
from billing.ledger.month_history import Who, note
from metering.errors import CheckError, CloseError
from metering.finding import Finding
from metering.repeated_findings import by_cause
from metering.site.open_site import OpenSite

SHOWN = 20  # findings that a message names


def approve(
    opened: OpenSite, month: str, by: str, digest: str | None = None, at_ms: int | None = None
) -> Draft:
    """The draft, approved by name. CloseError when it is no longer the one drafted (or not the
    `digest` that was looked at); CheckError while it has fails that nobody acknowledged."""
    if not by.strip():
        raise CloseError("an approval needs the name of who approves")
    with opened.database.read() as connection:
        before = ledger.month_state(connection, month)
    if before.state not in ("draft", "approved"):
        raise CloseError(f"{month} is {before.state}; {next_step(before)}")
    who = Who(by.strip(), at_ms)
    now = draft(opened, month, who)
    if now.digest != before.digest or digest not in (None, now.digest):
        raise CloseError(f"{month} has changed since it was drafted; look at the new draft first")
    if now.blocking:
        raise CheckError(blocking_text(month, now.blocking))
    with opened.database.begin() as connection:
        state = ledger.month_state(connection, month)
        after = ledger.save_approval(connection, month, now.digest, who.by)
        note(connection, state, after, who)
    return replace(now, state="approved")


def blocking_text(month: str, blocking: Sequence[Finding]) -> str:
    """Which findings stop a month, and what to do."""
    lines = [f"{month} has {len(blocking)} findings that stop it:"]
    causes = by_cause(blocking)
    for cause in causes[:SHOWN]:
        place = " ".join(part for part in (cause.first.cluster, cause.span) if part)
        name = cause.first.key if cause.days == 1 else f"{cause.days} days of"
        said = f"{cause.first.kind} {place} {cause.first.subject}: {cause.first.detail}"
        lines.append(f"  {name} {said}")
    if len(causes) > SHOWN:
        lines.append(f"  and {len(causes) - SHOWN} more; `jeongsan status` lists them")
    lines.append(
        "mend their causes, or `jeongsan acknowledge FINDING --effect bill|exclude --reason --by`"
    )
    if len(causes) < len(blocking):
        lines.append("(several days at once: `--kind K --cluster C --days FIRST..LAST`)")
    return "\n".join(lines)
