"""Usage counted the slow way, tick by tick and interval by interval, to check the queries by."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Run:
    """An allocation of the day; instants in ms since the day's start."""

    allocation_id: str
    workload: str
    milli: int
    started: int
    ended: int
    suspended: int = 0


@dataclass(frozen=True)
class Seen:
    """An interval; `names` is its sorted set of workloads."""

    device: int
    started: int
    held: int
    names: tuple[str, ...]
    ppm: int
    uj: int
    mib: int


def held_by_ticks(
    runs: Iterable[Run], suspended_held: bool, tick_ms: int, ticks: int
) -> dict[tuple[str, int, int], int]:
    """held_us by run (id and start) and hour: every tick of the day is looked at once."""
    found: dict[tuple[str, int, int], int] = defaultdict(int)
    for run in runs:
        until = run.ended - (0 if suspended_held else run.suspended)
        for tick in range(ticks):
            at = tick * tick_ms
            if run.started <= at < until:
                found[run.allocation_id, run.started, at // HOUR_MS] += run.milli * tick_ms
    return dict(found)


def capacity_by_ticks(
    levels: Callable[[int], tuple[int, int, int]], tick_ms: int, ticks: int
) -> dict[int, tuple[int, int, int, int, int, int]]:
    """installed, over, held, down, free, most over, by hour; `levels` gives milli-devices."""
    found: dict[int, list[int]] = defaultdict(lambda: [0] * 6)
    for tick in range(ticks):
        installed, held, down = levels(tick * tick_ms)
        over = max(held + down - installed, 0)
        free = max(installed - held - down, 0)
        row = found[tick * tick_ms // HOUR_MS]
        for place, level in enumerate((installed, over, held, down, free)):
            row[place] += level * tick_ms
        row[5] = max(row[5], over)
    return {hour: (*row,) for hour, row in found.items()}  # type: ignore[misc]


def capacity_level(
    there: Mapping[str, int], spread: Iterable[tuple[int, set[str]]], out: set[str]
) -> tuple[int, int, int]:
    """installed, held and down milli-devices at a moment, by placing what is held node by node.

    `there` counts devices by node, `spread` has what each run holds and on which nodes (none: who
    knows). What finds no room where it is said to be goes to nodes in use first.
    """
    room = {node: 1000 * count for node, count in there.items()}
    held = homeless = 0
    want: dict[str, int] = defaultdict(int)
    for milli, nodes in spread:
        held += milli
        homeless += 0 if nodes else milli
        for node, part in zip(sorted(nodes), _split(milli, [1] * len(nodes)), strict=True):
            want[node] += part
    for node, milli in want.items():
        taken = min(room.get(node, 0), milli)
        homeless += milli - taken
        if taken:
            room[node] -= taken
    for node in sorted(room, key=lambda one: one in out):
        taken = min(room[node], homeless)
        room[node], homeless = room[node] - taken, homeless - taken
    return 1000 * sum(there.values()), held, sum(room[node] for node in room if node in out)


Holder = tuple[str, int]  # allocation id and start; ("", -1) for nobody
NOBODY: Holder = ("", -1)


def attribute(
    seen: Iterable[Seen], runs: Sequence[Run]
) -> dict[tuple[int, int, Holder], list[int]]:
    """observed ms, busy ns, energy uJ and memory by device, hour and holder."""
    found: dict[tuple[int, int, Holder], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in seen:
        for holder, amounts in _parts(one, runs):
            row = found[one.device, one.started // HOUR_MS, holder]
            for place, amount in enumerate(amounts):
                row[place] += amount
    return dict(found)


def _parts(one: Seen, runs: Sequence[Run]) -> list[tuple[Holder, tuple[int, ...]]]:
    """Who gets what of an interval, by the stretches in which every name's holders are the same."""
    if not one.names:
        return [(NOBODY, (one.held, one.held * one.ppm, one.uj, one.held * one.mib))]
    end = one.started + one.held
    claims = [run for run in runs if run.workload in one.names]
    edges = {one.started, end}
    edges |= {e for c in claims for e in (c.started, c.ended) if one.started < e < end}
    marks = sorted(edges)
    stretches = list(pairwise(marks))
    owners = [[_holder(name, start, runs) for name in one.names] for start, _ in stretches]
    floors = [one.uj * (mark - one.started) // one.held for mark in marks]
    energy = [after - before for before, after in pairwise(floors)]
    parts: list[tuple[Holder, tuple[int, ...]]] = []
    for (start, stop), found, uj in zip(stretches, owners, energy, strict=True):
        lasting = stop - start
        amounts = (lasting, lasting * one.ppm, uj, lasting * one.mib)
        weights = [run.milli if run else 1 for run in found] if all(found) else [1] * len(found)
        split = [_split(amount, weights) for amount in amounts]
        for place, run in enumerate(found):
            holder = (run.allocation_id, run.started) if run else NOBODY
            parts.append((holder, tuple(shares[place] for shares in split)))
    return parts


def _holder(name: str, at: int, runs: Sequence[Run]) -> Run | None:
    """The only run of that name at an instant."""
    found = [run for run in runs if run.workload == name and run.started <= at < run.ended]
    return found[0] if len(found) == 1 else None


def _split(amount: int, weights: Sequence[int]) -> list[int]:
    """The floors of each share; what they leave goes to the first."""
    shares = [amount * weight // sum(weights) for weight in weights]
    if not shares:
        return shares
    shares[0] += amount - sum(shares)
    return shares


def evidence_by_ms(
    stays: Sequence[tuple[int, int]], seen: Iterable[Seen], hours: Iterable[int]
) -> Mapping[int, tuple[int, int, int, int]]:
    """installed, loaded, unloaded and dark ms of one device by hour, each ms looked at once."""
    cover: dict[int, bool] = {}
    for one in seen:
        for at in range(one.started, one.started + one.held):
            cover[at] = bool(one.names)
    found = {}
    for hour in hours:
        spans = [range(max(start, hour), min(stop, hour + HOUR_MS)) for start, stop in stays]
        there = {at for span in spans for at in span}
        loaded = sum(cover[at] for at in there if at in cover)
        unloaded = sum(not cover[at] for at in there if at in cover)
        found[hour] = (len(there), loaded, unloaded, len(there) - loaded - unloaded)
    return found


@dataclass(frozen=True)
class Scrape:
    """A sample of a device at a second of the day, and its energy since the sample before."""

    at: int
    names: tuple[str, ...]
    uj: int


def cut_scrapes(scrapes: Sequence[Scrape], hold: int) -> list[tuple[int, Scrape, int, int, int]]:
    """What each sample but the first vouches for, cut at hours: place, sample, from, until, uJ."""
    found = []
    for place, (before, one) in enumerate(pairwise(scrapes), start=1):
        start = max(before.at, one.at - hold)
        edge = (start // 3600 + 1) * 3600
        if edge < one.at:
            part = one.uj * (edge - start) // (one.at - start)
            found += [(place, one, start, edge, part), (place, one, edge, one.at, one.uj - part)]
        else:
            found.append((place, one, start, one.at, one.uj))
    return found


def labelled_by_seconds(
    scrapes: Sequence[Scrape], hold: int, scrape: int, seconds: range
) -> Counter[str]:
    """Milli-devices x ms held by each name, second by second.

    A name's first sample, or one after a gap or after what no interval tells, counts a scrape.
    """
    found: Counter[str] = Counter()
    for place, (before, one) in enumerate(pairwise(scrapes), start=1):
        for name, share in zip(one.names, _split(1000, [1] * len(one.names)), strict=True):
            known = place > 1 and name in before.names and one.at - before.at <= hold
            reach = hold if known else scrape
            start = max(before.at, one.at - reach)
            for second in range(start, one.at):
                if second in seconds:
                    found[name] += share * 1000
    return found
