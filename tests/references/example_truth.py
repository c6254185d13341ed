"""What the example's generator knows, worked out without our metering: seconds in plain lists."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from functools import cache
from itertools import pairwise

from example.centre import H100, NPU, PROJECTS, SET_ASIDE_ACCOUNT
from example.generate import BOARDS, jobs_of, scrapes_of
from example.scheduler import ExampleJob
from example.telemetry import ExampleScrape

SEOUL = timezone(timedelta(hours=9))
START_S = int(datetime(2025, 10, 1, tzinfo=SEOUL).timestamp())
END_S = int(datetime(2025, 11, 1, tzinfo=SEOUL).timestamp())
MONTH_S = END_S - START_S
HOUR_S = 3600
HOLD_MS = 300_000
OWNERS = ["", SET_ASIDE_ACCOUNT, *(project.project_id for project in PROJECTS)]
NUMBER = {(p.cluster, p.account): OWNERS.index(p.project_id) for p in PROJECTS}


@cache
def truth(cluster: str) -> tuple[list[ExampleJob], list[ExampleScrape]]:
    chance, jobs = jobs_of(cluster)
    return jobs, list(scrapes_of(cluster, chance, jobs))


@cache
def seconds(cluster: str) -> tuple[bytes, ...]:
    """Who holds each device in each second of the month, as a number of OWNERS; 0 is nobody."""
    held = [bytearray(MONTH_S) for _ in BOARDS[cluster]]
    for job in truth(cluster)[0]:
        owner = NUMBER.get((cluster, job.account), OWNERS.index(SET_ASIDE_ACCOUNT))
        first, last = max(job.start_s, START_S) - START_S, min(job.end_s, END_S) - START_S
        if first < last:
            for device in job.devices:
                assert not any(held[device][first:last]), "the generator gives a device once"
                held[device][first:last] = bytes([owner]) * (last - first)
    return tuple(bytes(one) for one in held)


def held_seconds(cluster: str) -> dict[str, int]:
    """Device-seconds of the month by project (and the account set aside)."""
    counts = Counter[int]()
    for device in seconds(cluster):
        counts.update(device)
    return {OWNERS[number]: count for number, count in counts.items() if number}


def held_by_day(cluster: str, project: str) -> list[int]:
    """Device-seconds of one project in each day of the month."""
    owner = OWNERS.index(project)
    return [
        sum(device.count(owner, at, at + 24 * HOUR_S) for device in seconds(cluster))
        for at in range(0, MONTH_S, 24 * HOUR_S)
    ]


def held_by_hour(cluster: str) -> list[int]:
    """Device-seconds held in each hour of the month."""
    return [
        sum(HOUR_S - device[at : at + HOUR_S].count(0) for device in seconds(cluster))
        for at in range(0, MONTH_S, HOUR_S)
    ]


def in_month(first_ms: int, last_ms: int) -> int:
    return max(0, min(last_ms, END_S * 1000) - max(first_ms, START_S * 1000))


def by_device(cluster: str) -> Iterator[tuple[str, list[ExampleScrape]]]:
    own: dict[int, list[ExampleScrape]] = defaultdict(list)
    for scrape in truth(cluster)[1]:
        own[scrape.device].append(scrape)
    for device, board in enumerate(BOARDS[cluster]):
        yield board.uid, own[device]


def dark_ms(cluster: str) -> dict[str, int]:
    """Time of the month for which no scrape vouches, by device."""
    return {
        uid: sum(in_month(a.instant_ms, b.instant_ms - HOLD_MS) for a, b in pairwise(scrapes))
        for uid, scrapes in by_device(cluster)
    }


def energy_uj(cluster: str) -> dict[str, Fraction]:
    """Energy of the month by device: counters by their differences, a fallen one anew from 0;
    power (of the NPU cards) by trapezoids. What lies over the month's ends is shared by time."""
    found = {}
    for uid, scrapes in by_device(cluster):
        total = Fraction(0)
        for a, b in pairwise(scrapes):
            gap = b.instant_ms - a.instant_ms
            if cluster == NPU:
                total += Fraction(a.power_mw + b.power_mw, 2) * in_month(a.instant_ms, b.instant_ms)
            else:
                grown = b.energy_mj - (a.energy_mj if b.energy_mj >= a.energy_mj else 0)
                total += Fraction(grown * 1000 * in_month(a.instant_ms, b.instant_ms), gap)
        found[uid] = total
    return found


def samples_by_day(cluster: str) -> dict[date, int]:
    """How many scrapes lie in each day of the month."""
    days = Counter(
        datetime.fromtimestamp(scrape.instant_ms // 1000, UTC).astimezone(SEOUL).date()
        for scrape in truth(cluster)[1]
    )
    return {day: count for day, count in days.items() if day.month == 10}


def down_seconds(cluster: str) -> dict[int, int]:
    """Seconds of node repair by hour of the month: 14:00 to 17:30 of the 15th, four devices."""
    if cluster != H100:
        return {}
    first = 14 * 24 + 14
    return {first: 14_400, first + 1: 14_400, first + 2: 14_400, first + 3: 7_200}
