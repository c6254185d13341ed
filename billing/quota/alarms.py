"""Owns which limits have reached a mark, and that each is told once a channel."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from billing.quota.limits_on_day import LimitState
from metering.calendar import month_of
from metering.database.connection import Database
from metering.database.tables import quota_alarm

Send = Callable[[Sequence["Alarm"]], None]
Told = tuple[str, str, int]  # name, granted, mark


@dataclass(frozen=True, slots=True)
class Alarm:
    """A limit and the highest of the marks that it has reached, in percent."""

    state: LimitState
    mark: int


def raise_alarms(
    database: Database,
    channel: str,
    states: Iterable[LimitState],
    marks: Sequence[int],
    day: date,
    send: Send,
) -> tuple[Alarm, ...]:
    """What was told now: one alarm a limit, for the highest mark that this channel has not been
    told of. It is sent first and noted after, so a channel that failed is told again; and no lock
    is held while a server answers, so two runs at once may tell the same, by the same id."""
    with database.read() as connection:
        sent = _told(connection, channel)
    alarms: list[Alarm] = []
    new: set[Told] = set()
    for state in states:
        name, granted = told_name(state, day), str(state.granted)
        reached = {(name, granted, mark) for mark in marks if state.used and state.reached(mark)}
        highest = max(
            (mark for of, grant, mark in sent if (of, grant) == (name, granted)), default=0
        )
        fresh = max((mark for _, _, mark in reached - sent), default=0)
        new |= reached - sent
        if fresh > highest:  # a mark that was added below those told is not news
            alarms.append(Alarm(state, fresh))
    if alarms:
        send(alarms)
    if new:
        with database.begin() as connection:
            _note(connection, channel, new - _told(connection, channel), day)
    return tuple(alarms)


def told_name(state: LimitState, day: date) -> str:
    """By which name a limit is told once: a level begins anew every day, but is news once a
    month."""
    return f"{state.name}:{month_of(day)}" if state.kind == "level" else state.name


def alarms_id(alarms: Sequence[Alarm], day: date) -> str:
    """The same for the same alarms, so that who is told twice can see it."""
    names = sorted(
        f"{told_name(alarm.state, day)} {alarm.state.granted} {alarm.mark}" for alarm in alarms
    )
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]


def _told(connection: sa.Connection, channel: str) -> set[Told]:
    rows = connection.execute(sa.select(quota_alarm).where(quota_alarm.c.channel == channel))
    return {(row.name, row.granted, row.mark) for row in rows}


def _note(connection: sa.Connection, channel: str, new: Iterable[Told], day: date) -> None:
    rows = [
        {"name": name, "granted": granted, "mark": mark, "channel": channel, "day": day}
        for name, granted, mark in sorted(new)
    ]
    if rows:
        connection.execute(sa.insert(quota_alarm), rows)
