"""How much of a month is metered, a mark for each section and day, and what is missing of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import sqlalchemy as sa

from billing.draft.month_inputs import first_days, ran
from billing.month.list_price import list_price
from billing.rulebook.rule_book import RuleBook
from metering.calendar import DAY_MS
from metering.collect.watermark import complete_to_ms, watermarks
from metering.database.decisions import waived_days
from metering.errors import JeongsanError
from metering.finding import Stake
from metering.site.open_site import OpenSite

COMPLETE, PROVISIONAL, MISSING, WAIVED, ABSENT = "●", "◐", "·", "–", " "


@dataclass(frozen=True, slots=True)
class Coverage:
    """A section's month. `missing_ms` is the time before `known` that no complete usage covers."""

    section: str
    symbols: str  # one a day
    missing_ms: int
    missing_krw: int | None  # at the list price of the days that are complete; None without any


def coverage(opened: OpenSite, month: str, book: RuleBook | None) -> tuple[Coverage, ...]:
    """Every section's month, in the order of site.toml.

    Time is missing up to where any section is complete, so that days to come are not. What it may
    cost is the section's own mean of the month's complete days, so an estimate and marked as one.
    """
    with opened.database.read() as connection:
        facts = _Facts.read(opened, connection)
    worth = _worth(opened, month, book)
    return tuple(
        _of_section(opened, month, section.name, facts, worth) for section in opened.site.sections
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the database says of all sections."""

    complete: Mapping[str, int]
    waived: frozenset[tuple[str, date]]
    runs: Mapping[str, tuple[date, date | None] | None]
    known_ms: int

    @classmethod
    def read(cls, opened: OpenSite, connection: sa.Connection) -> "_Facts":
        sections = opened.site.sections
        complete = {
            section.name: complete_to_ms(section, watermarks(connection, section.name))
            for section in sections
        }
        began = first_days(connection)
        try:
            stored = opened.registry
            runs = {
                section.name: ran(section.name, began, stored, opened.site.calendar)
                for section in sections
            }
        except JeongsanError:  # no registry yet: nothing ran
            runs = {section.name: None for section in sections}
        waived = frozenset((waiver.cluster, waiver.day) for waiver in waived_days(connection))
        return cls(complete, waived, runs, max(complete.values(), default=0))


def _of_section(
    opened: OpenSite,
    month: str,
    name: str,
    facts: _Facts,
    worth: Mapping[tuple[str, date], Fraction],
) -> Coverage:
    calendar = opened.site.calendar
    chosen = opened.lake.select("usage_day", cluster=name)
    counted = {date.fromisoformat(manifest.partition["date"]) for manifest in chosen.manifests}
    span = facts.runs[name]
    symbols, missing_ms = "", 0
    complete_krw: list[Fraction] = []
    for day in calendar.month_days(month):
        period = calendar.day(day)
        upto = min(period.end_ms, facts.known_ms)
        since = min(max(facts.complete[name], period.start_ms), period.end_ms)
        if (name, day) in facts.waived:
            symbols += WAIVED
        elif span is None or not span[0] <= day <= (span[1] or day):
            symbols += ABSENT if span is not None else MISSING
        elif day not in counted:
            symbols += MISSING
            missing_ms += max(upto - period.start_ms, 0)
        elif since < period.end_ms:
            symbols += PROVISIONAL
            missing_ms += max(upto - since, 0)
        else:
            symbols += COMPLETE
            complete_krw.append(worth.get((name, day), Fraction(0)))
    krw = None
    if complete_krw and worth:
        krw = int(sum(complete_krw) * missing_ms / (len(complete_krw) * DAY_MS))
    return Coverage(name, symbols, missing_ms, krw)


def _worth(
    opened: OpenSite, month: str, book: RuleBook | None
) -> Mapping[tuple[str, date], Fraction]:
    """The list price of each section's day; nothing without rules."""
    if book is None:
        return {}
    calendar = opened.site.calendar
    days = calendar.month_days(month)
    chosen = opened.lake.select("usage_day", date_from=days[0], date_to=days[-1])
    sums: dict[tuple[str, date], Fraction] = {}
    for manifest in chosen.manifests:
        day = date.fromisoformat(manifest.partition["date"])
        rows = opened.lake.rows(manifest).group_by(["sku", "unit"]).aggregate([("quantity", "sum")])
        stakes = (
            Stake(row["sku"], row["unit"], int(row["quantity_sum"])) for row in rows.to_pylist()
        )
        sums[manifest.partition["cluster"], day] = _sum(
            list_price(stake, day, book, calendar) for stake in stakes
        )
    return sums


def _sum(parts: Iterable[Fraction | None]) -> Fraction:
    """Of what has a price: a finding tells of the rest."""
    return sum((part for part in parts if part is not None), Fraction(0))
