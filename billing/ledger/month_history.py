"""What a month went through: each state with its draft, by whom and when; in the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from billing.ledger.ledger import MonthState
from metering.database.audit_trail import NOBODY, Act, Who, keep, trail

__all__ = ["NOBODY", "MonthStep", "StepState", "Who", "drafter", "note", "steps"]

StepState = Literal["draft", "approved", "issued", "withdrawn"]
ACTS: Mapping[str, Act] = {"draft": "draft", "approved": "approve", "issued": "issue"}
STATES: Mapping[Act, StepState] = {
    "draft": "draft",
    "approve": "approved",
    "issue": "issued",
    "withdraw": "withdrawn",
}


@dataclass(frozen=True, slots=True)
class MonthStep:
    """A state that a month came to."""

    month: str
    state: StepState
    digest: str
    by: str
    at_ms: int | None
    account: str = ""
    reason: str = ""


def note(
    connection: sa.Connection,
    before: MonthState,
    after: MonthState,
    who: Who,
    act: Act | None = None,
    reason: str = "",
) -> None:
    """Add a step where the month came to another state, or to another draft; or to the same one
    by a person, where it was not known who made it."""
    if (before.state, before.digest) == (after.state, after.digest):
        nobody = drafter(connection, after.month, after.digest or "") == NOBODY
        if not (after.state == "draft" and who.by and nobody):
            return
    done = act or ACTS[after.state]
    keep(connection, done, who, month=after.month, digest=after.digest, reason=reason)


def steps(connection: sa.Connection, month: str | None = None) -> tuple[MonthStep, ...]:
    """Every step, by month and in order."""
    passed = [
        MonthStep(
            entry.month, STATES[entry.act], entry.digest, entry.who.by, entry.who.at_ms,
            entry.who.account, entry.reason,
        )
        for entry in trail(connection, month)
        if entry.act in STATES and entry.month and entry.digest and not entry.subject
    ]  # fmt: skip
    return tuple(sorted(passed, key=lambda step: step.month))


def drafter(connection: sa.Connection, month: str, digest: str) -> Who:
    """Who made a month's draft first come to this digest last; NOBODY where that is not known."""
    drafted = [s for s in steps(connection, month) if (s.state, s.digest) == ("draft", digest)]
    return Who(drafted[-1].by, drafted[-1].at_ms, drafted[-1].account) if drafted else NOBODY
