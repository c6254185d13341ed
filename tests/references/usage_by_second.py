"""Usage as a list of seconds: who held what, what was seen, busy, dark and drawn, second by second.

Written apart from the queries. Seconds are counted from the midnight between the two days; what a
sample vouches for comes from `landing_reference`, and everything after that from lists here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from tests.references.intervals_by_second import HOUR_S, Row, Span, spans_of
from tests.references.usage_by_tick import capacity_level

FIRST_S, LAST_S = -5400, 5400  # what is drawn lies in between, with an hour's edge on each side


@dataclass(frozen=True)
class Card:
    """A device, its stays (until None: it stays on) and its node."""

    uid: str
    model: str
    node: str
    stays: tuple[tuple[int, int | None], ...]

    def there(self, second: int) -> bool:
        """Whether it is installed at a second."""
        return any(a <= second and (b is None or second < b) for a, b in self.stays)


@dataclass(frozen=True)
class Run:
    """What a run holds of one model; its name is its id."""

    name: str
    model: str
    milli: int
    started: int
    ended: int
    suspended: int
    nodes: str

    @property
    def key(self) -> tuple[str, str, int]:
        return self.name, self.model, self.started


Key = tuple[object, ...]
Amounts = tuple[int, ...]


def hour_of(second: int) -> int:
    return second // HOUR_S


def seconds_seen(card: Card, rows: Sequence[Row], at_ms: int) -> tuple[dict[int, Span], list[Span]]:
    """Which span vouches for each second of a device, and its dark rows; a stay knows no other."""
    seen: dict[int, Span] = {}
    dark = []
    for since, until in card.stays:
        own = [
            row
            for row in rows
            if since <= (int(str(row["sampled_ms"])) - at_ms) // 1000
            and (until is None or (int(str(row["sampled_ms"])) - at_ms) // 1000 < until)
        ]
        for span in spans_of(card.uid, own, 700):
            if span["dark"]:
                dark.append(span)
                continue
            start = int(str(span["started_ms"])) // 1000
            for second in range(start, start + int(str(span["held_ms"])) // 1000):
                assert second not in seen  # no second is vouched for twice
                seen[second] = span
    return seen, dark


def device_hours(card: Card, seen: Mapping[int, Span], dark: Iterable[Span],
                 runs: Sequence[Run]) -> dict[Key, Amounts]:  # fmt: skip
    """Observed ms, busy ns, uJ and MiB ms by device, hour, verdict and holder."""
    found: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    def add(second: int, verdict: str, holder: tuple[str, int], amounts: Sequence[int]) -> None:
        row = found[card.uid, hour_of(second), verdict, *holder]
        for place, amount in enumerate(amounts):
            row[place] += amount

    for span in dark:
        second = int(str(span["started_ms"])) // 1000
        add(second, "dark", ("", 0), (0, 0, int(str(span["energy_uj"])), 0))
    claims = {
        second: (id(span), tuple(_holders(name, card.model, second, runs) for name in _names(span)))
        for second, span in sorted(seen.items())
    }
    for (_, holders), group in groupby(claims, key=lambda second: claims[second]):
        stretch = list(group)
        span = seen[stretch[0]]
        whole = _amounts(span, stretch)
        if not holders:
            add(stretch[0], "unloaded", ("", 0), whole)
            continue
        sole = [own[0] if len(own) == 1 else None for own in holders]
        weights = [run.milli if run else 1 for run in sole] if all(sole) else [1] * len(sole)
        split = [_split(amount, weights) for amount in whole]
        for place, run in enumerate(sole):
            verdict = "allocation" if run else "unattributed"
            holder = (run.name, run.started) if run else ("", 0)
            add(stretch[0], verdict, holder, [shares[place] for shares in split])
    return {key: (*row,) for key, row in found.items() if any(row)}


def _names(span: Span) -> list[str]:
    return [one.partition(":")[2] for one in str(span["workload"]).split("\n") if one]


def _holders(name: str, model: str, second: int, runs: Sequence[Run]) -> tuple[Run, ...]:
    own = (run for run in runs if (run.name, run.model) == (name, model))
    return tuple(run for run in own if run.started <= second < run.ended)


def _amounts(span: Span, stretch: Sequence[int]) -> tuple[int, ...]:
    """What a stretch of a span's seconds has of it; energy by what was drawn up to each second."""
    start, long = int(str(span["started_ms"])) // 1000, int(str(span["held_ms"])) // 1000
    total = int(str(span["energy_uj"] or 0))
    drawn = [total * (second - start) // long for second in (stretch[0], stretch[-1] + 1)]
    ms = len(stretch) * 1000
    busy, memory = (int(str(span[name] or 0)) for name in ("busy_ppm", "memory_mib"))
    return ms, ms * busy, drawn[1] - drawn[0], ms * memory


def _split(amount: int, weights: Sequence[int]) -> list[int]:
    shares = [amount * weight // sum(weights) for weight in weights]
    return [shares[0] + amount - sum(shares), *shares[1:]]


def evidence_hours(card: Card, seen: Mapping[int, Span]) -> dict[Key, Amounts]:
    """installed, loaded, unloaded and dark ms of a device in the hours of its list of seconds."""
    found: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    begin, end = FIRST_S // HOUR_S * HOUR_S, -(-LAST_S // HOUR_S) * HOUR_S
    for since, until in card.stays:
        for second in range(max(since, begin), end if until is None else min(until, end)):
            row = found[card.uid, hour_of(second)]
            place = 3 if second not in seen else 1 if seen[second]["workload"] else 2
            row[0] += 1000
            row[place] += 1000
    return {key: (*row,) for key, row in found.items()}


def held_hours(runs: Iterable[Run], suspended_held: bool) -> dict[Key, int]:
    """held_us by run, model and hour."""
    found: Counter[Key] = Counter()
    for run in runs:
        for second in range(run.started, held_until(run, suspended_held)):
            found[(*run.key, hour_of(second))] += run.milli * 1000
    return dict(found)


def held_until(run: Run, suspended_held: bool) -> int:
    return run.ended if suspended_held else max(run.ended - run.suspended, run.started)


def capacity_hours(
    cards: Sequence[Card], runs: Sequence[Run], suspended_held: bool,
    out: Sequence[tuple[str, int, int]], listed: Mapping[str, set[str]],
) -> dict[Key, Amounts]:  # fmt: skip
    """installed, over, held, down and free in milli-devices x ms, by model and hour.

    Nothing changes between two edges, so a stretch of equal seconds is looked at once.
    """
    begin, end = FIRST_S // HOUR_S * HOUR_S, -(-LAST_S // HOUR_S) * HOUR_S
    edges = {*range(begin, end + 1, HOUR_S)}
    edges |= {e for card in cards for stay in card.stays for e in stay if e is not None}
    edges |= {e for run in runs for e in (run.started, held_until(run, suspended_held))}
    edges |= {e for _, since, until in out for e in (since, until)}
    marks = sorted(e for e in edges if begin <= e <= end)
    found: dict[Key, list[int]] = defaultdict(lambda: [0] * 5)
    for since, until in pairwise(marks):
        day = range(begin, 0) if since < 0 else range(end)
        down = {node for node, a, b in out if a <= since < b}
        for model in {card.model for card in cards}:
            own = [card for card in cards if card.model == model]
            there = Counter(card.node for card in own if card.there(since))
            known = {card.node for card in own if any(_in(stay, day) for stay in card.stays)}
            holding = [
                (run.milli, known & listed[run.nodes])
                for run in runs
                if run.model == model and run.started <= since < held_until(run, suspended_held)
            ]
            level = capacity_level(there, holding, down)
            over = max(level[1] + level[2] - level[0], 0)
            free = max(level[0] - level[1] - level[2], 0)
            row = found[model, hour_of(since)]
            for place, milli in enumerate((level[0], over, level[1], level[2], free)):
                row[place] += milli * (until - since) * 1000
    return {key: (*row,) for key, row in found.items() if any(row)}


def _in(stay: tuple[int, int | None], day: range) -> bool:
    """Whether a stay has a part in a day, of which the list holds the hours at midnight."""
    since, until = stay
    return since < day.stop and (until is None or until > day.start)
