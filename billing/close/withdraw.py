"""Takes back what a person decided, until a month is issued, or corrected, with it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from billing.bundle.bundle import read_index
from billing.ledger import ledger
from billing.ledger.adjustment_ledger import standing_bundles
from billing.ledger.ledger import MonthState
from billing.ledger.month_history import Who, note
from metering.calendar import month_of
from metering.database.decisions import (
    finding_day,
    take_back_acknowledgement,
    take_back_waiver,
)
from metering.errors import CloseError
from metering.site.open_site import OpenSite


def withdraw_approval(opened: OpenSite, month: str, reason: str, who: Who) -> MonthState:
    """Make an approved month a draft again; as it was before. CloseError where nobody approved it,
    or it is issued."""
    if not reason.strip() or not who.by.strip():
        raise CloseError("taking back an approval needs its reason and the name of who does it")
    with opened.database.begin() as connection:
        before = ledger.month_state(connection, month)
        _not_issued(before)
        after = ledger.take_back_approval(connection, month)
        note(connection, before, after, who, "withdraw", reason.strip())
    return before


def withdraw_acknowledgement(opened: OpenSite, finding_key: str, reason: str, who: Who) -> None:
    """Let a finding be undecided again; CloseError where its month stands issued with a decision
    about it. One that was decided since is in no document yet."""
    with opened.database.begin() as connection:
        day = finding_day(connection, finding_key)
        month = month_of(day) if day is not None else ""
        decided = {
            row["finding_key"] for row in _issued_with(opened, connection, month, "acknowledged")
        }
        if finding_key in decided:
            _not_issued(ledger.month_state(connection, month))
        take_back_acknowledgement(connection, finding_key, reason, who)


def withdraw_waiver(opened: OpenSite, cluster: str, day: date, reason: str, who: Who) -> None:
    """Let a waived day be wanted again; CloseError where its month stands issued with the waiver.
    One of a day that was waived since is in no document yet."""
    with opened.database.begin() as connection:
        month = month_of(day)
        waived = {
            (row["cluster"], row["day"])
            for row in _issued_with(opened, connection, month, "waived")
        }
        if (cluster, str(day)) in waived:
            _not_issued(ledger.month_state(connection, month))
        take_back_waiver(connection, cluster, day, reason, who)


def _issued_with(
    opened: OpenSite, connection: Connection, month: str, name: str
) -> Sequence[Mapping[str, Any]]:
    """The decisions that an issued month stands with; none where it is not issued."""
    digest = standing_bundles(connection).get(month)
    return read_index(opened.lake, digest)["inputs"][name] if digest else ()


def _not_issued(state: MonthState) -> None:
    if state.state == "issued":
        raise CloseError(
            f"{state.month} is issued, and nothing of it is taken back; correct it with"
            " `jeongsan adjust`"
        )
