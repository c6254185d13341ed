"""Bookings to the lake: the facts of each day as they stand now, and what they are billed as."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import HOUR_MS, Calendar, Period
from metering.collect.bookings_in_force import findings as in_force_findings
from metering.collect.bookings_in_force import in_force
from metering.collect.spans import cut, integers, replace_days
from metering.errors import JeongsanError
from metering.finding import Finding, Severity
from metering.lake.change import Change
from metering.lake.contract import contract
from metering.lake.lake import Lake
from metering.settings.sections import Section
from metering.settings.site_toml import Site
from metering.settings.source_options.booking import BILLS, BookingOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.booking.reservation import Fact
from metering.sources.reading.schemas import BOOKING, table_of

STAGE = "collect"
MILLI = 1000  # of one piece of equipment
Rows = Sequence[Sequence[object]]
Spans = list[tuple[int, int]]
OWN_KIND = ("missed", "late_cancelled")


class Piece(NamedTuple):
    """A fact as far as it lies in a day, in the order of the table `booking`."""

    account: str
    equipment: str
    booking_id: str
    fact: str
    waived: bool
    sku: str
    start_ms: int
    end_ms: int


class Billed(NamedTuple):
    """A stretch of time in which an account pays for a piece of equipment."""

    account: str
    sku: str
    equipment: str
    start_ms: int
    end_ms: int


def land_bookings(
    lake: Lake,
    change: Change,
    section: Section,
    site: Site,
    source: SourceConfig,
    rows: pa.Table,
    asked: tuple[Period, int],
) -> list[Finding]:
    """Put what files say (BOOKING_FACT) of the days that the window touches in place of the
    source's own.

    A booking that was cancelled, moved or waived since is so taken back. Nothing is counted beyond
    the instant up to which the source is complete; a use that lasts on ends for now where the last
    file that lists it is complete. One that ended after that is left out, and told.
    """
    options = source.options
    if not isinstance(options, BookingOptions):
        raise JeongsanError(f"{source.name}: is no booking system")
    window, complete_to_ms = asked
    known = in_force(rows, complete_to_ms)
    facts = sorted(fact for own in known.facts.values() for fact in own)
    days = site.calendar.whole_days(window)
    facts = [fact for fact in facts if _touches(fact, days)]
    pieces = _by_day(table_of(facts, BOOKING), site.calendar, complete_to_ms)
    findings = list(in_force_findings(known, section, site.calendar, source.name, asked))
    for day in site.calendar.days_of(window):
        own = sorted(pieces.get(day, ()))
        rows_of_day = [(source.name, *piece) for piece in own]
        billed = readings(own, options.bill)
        levels = [
            (section.name, span.account, span.sku, f"{_prefix(source)}{span.equipment}",
             span.start_ms, span.end_ms, MILLI, "milli_device")
            for span in billed
        ]  # fmt: skip
        place = lake, change, section.name, day
        _put(place, "booking", rows_of_day, _told_by(source))
        _put(place, "reading", levels, _made_by(source))
        findings += _findings(section, day, own, options)
    return findings


def _prefix(source: SourceConfig) -> str:
    """By it a reading says which source of bookings it came by."""
    return f"booking:{source.name}/"


def _told_by(source: SourceConfig) -> pc.Expression:
    return pc.field("input") == source.name


def _made_by(source: SourceConfig) -> pc.Expression:
    return pc.starts_with(pc.field("resource_id"), _prefix(source))


def _touches(fact: Fact, days: Period) -> bool:
    ended_ms = days.end_ms if fact.ended_ms is None else fact.ended_ms
    return fact.started_ms < days.end_ms and ended_ms > days.start_ms


def _by_day(rows: pa.Table, calendar: Calendar, known_to_ms: int) -> Mapping[date, list[Piece]]:
    """The facts cut at midnights, as far as they are known."""
    limit = pa.scalar(known_to_ms, pa.int64())
    ended = pc.min_element_wise(pc.fill_null(rows.column("ended_ms"), limit), limit)
    place = rows.column_names.index("ended_ms")
    rows = rows.set_column(place, "ended_ms", ended)
    rows = rows.filter(pc.greater(rows.column("ended_ms"), rows.column("started_ms")))
    pieces = cut(integers(rows, "started_ms"), integers(rows, "ended_ms"), calendar)
    facts = [tuple(fact.values())[:-2] for fact in rows.to_pylist()]  # all but the two instants
    by_day: dict[date, list[Piece]] = defaultdict(list)
    instants = pieces.start_ms.tolist(), pieces.end_ms.tolist()
    for row, day, start_ms, end_ms in zip(
        pieces.row.tolist(), pieces.day.tolist(), *instants, strict=True
    ):
        by_day[pieces.days[day]].append(Piece._make((*facts[row], start_ms, end_ms)))
    return by_day


def _put(place: tuple[Lake, Change, str, date], table: str, rows: Rows, own: pc.Expression) -> None:
    """Puts rows (without cluster and date) in the place of a source's own on a day."""
    lake, change, name, day = place
    there = lake.read(table, cluster=name, date_from=day, date_to=day)
    schema = contract(table).schema
    fresh = table_of([(name, day, *row) for row in rows], schema)
    replace_days(change, table, name, pa.concat_tables([there.filter(~own), fresh]), {day})


def _findings(
    section: Section, day: date, own: Sequence[Piece], options: BookingOptions
) -> Iterator[Finding]:
    """What of a day cannot be right, or is used and not billed."""
    for equipment, accounts, sure, length_ms in overlaps(own, options.bill):
        detail = (
            f"{section.title}: {equipment} 을(를) {', '.join(accounts)} 이(가) 같은 때"
            f" {_hours(length_ms)} 동안 함께 잡고 있어 두 번 청구됩니다. 예약 기록을 확인하세요."
        )
        severity: Severity = "fail" if sure else "warn"
        subject = " ".join((equipment, *accounts))
        yield Finding(severity, "booked_twice", STAGE, section.name, day, subject, detail)
    if options.bill == "booked":
        for equipment, account, length_ms in unbooked(own):
            detail = (
                f"{section.title}: {account} 이(가) {equipment} 을(를) 예약 없이"
                f" {_hours(length_ms)} 썼습니다. 예약 시간으로 청구하므로 청구되지 않습니다."
            )
            subject = f"{equipment} {account}"
            yield Finding("warn", "unbooked_use", STAGE, section.name, day, subject, detail)


def _hours(length_ms: int) -> str:
    hundredths = length_ms * 100 // HOUR_MS
    return f"{hundredths // 100}.{hundredths % 100:02d}시간"


def readings(pieces: Iterable[Piece], bill: str) -> list[Billed]:
    """What is billed: each second once for an account, a SKU and a piece of equipment."""
    spans: dict[tuple[str, str, str], Spans] = defaultdict(list)
    for piece in pieces:
        if not piece.waived and (piece.fact in BILLS[bill] or piece.fact in OWN_KIND):
            spans[piece.account, piece.sku, piece.equipment].append((piece.start_ms, piece.end_ms))
    return [Billed(*subject, *span) for subject in sorted(spans) for span in joined(spans[subject])]


def overlaps(
    pieces: Iterable[Piece], bill: str
) -> Iterator[tuple[str, tuple[str, str], bool, int]]:
    """Equipment that two accounts pay for at once, for how many ms; and whether both booked it, or
    both used it, which cannot be. One may well use it on into the time that another has booked."""
    spans: dict[str, dict[tuple[str, str], Spans]] = defaultdict(lambda: defaultdict(list))
    for piece in pieces:
        if not piece.waived and piece.fact in BILLS[bill]:
            spans[piece.equipment][piece.account, piece.fact].append((piece.start_ms, piece.end_ms))
    for equipment, own in sorted(spans.items()):
        claims = {subject: joined(claimed) for subject, claimed in sorted(own.items())}
        twice: dict[tuple[str, str], Spans] = defaultdict(list)
        sure = set()
        for (account, fact), (other, another) in combinations(claims, 2):
            shared = common(claims[account, fact], claims[other, another])
            if account != other and shared:
                twice[account, other] += shared
                sure |= {(account, other)} if fact == another else set()
        for accounts, shared in sorted(twice.items()):
            yield equipment, accounts, accounts in sure, length(joined(shared))


def unbooked(pieces: Iterable[Piece]) -> Iterator[tuple[str, str, int]]:
    """Equipment and account of use outside of what the account had booked, and for how many ms."""
    spans: dict[tuple[str, str], dict[str, Spans]] = defaultdict(lambda: defaultdict(list))
    for piece in pieces:
        if piece.fact == "booked" or (piece.fact == "used" and not piece.waived):
            spans[piece.equipment, piece.account][piece.fact].append((piece.start_ms, piece.end_ms))
    for subject, own in sorted(spans.items()):
        used = joined(own["used"])
        outside_ms = length(used) - length(common(used, joined(own["booked"])))
        if outside_ms:
            yield *subject, outside_ms


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """The same time without overlaps, in order."""
    apart: Spans = []
    for start_ms, end_ms in sorted(spans):
        if apart and start_ms <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], end_ms))
        else:
            apart.append((start_ms, end_ms))
    return apart


def common(some: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]) -> Spans:
    """The time that is in both."""
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in some for b in other)
    return [(start_ms, end_ms) for start_ms, end_ms in pairs if start_ms < end_ms]


def length(spans: Iterable[tuple[int, int]]) -> int:
    """How long spans without overlaps are together."""
    return sum(end_ms - start_ms for start_ms, end_ms in spans)
