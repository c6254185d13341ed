"""Levels at instants to spans of time: a level holds until the next one, at most so long."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from metering.sources.storage.snapshot import Level


@dataclass(slots=True)
class Snapshot:
    """What was known at an instant: levels by resource, and the scopes listed whole."""

    levels: dict[str, Level] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    differing: set[str] = field(default_factory=set)  # resources with two levels at once


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch over which a resource held a level."""

    resource_id: str
    start_ms: int
    end_ms: int
    account: str
    held_bytes: int


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """A stretch over which nobody knows what a resource held; its last level was of `last_ms`."""

    resource_id: str
    last_ms: int
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class Gone:
    """A resource that a whole list lacks from an instant on, and when a later list has it again."""

    resource_id: str
    at_ms: int
    back_ms: int | None = None


@dataclass(slots=True)
class HeldLevels:
    """Spans whose end is known, gaps, resources that went, and up to when this is all there is."""

    spans: list[Span] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    open_since_ms: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Snapshots:
    """Snapshots by their instants; those of one instant are one, however they were filed."""

    by_instant: dict[int, Snapshot] = field(default_factory=lambda: defaultdict(Snapshot))

    def add(self, instant_ms: int, levels: Iterable[Level], whole: Iterable[str]) -> None:
        """Take in what was said at an instant; of two levels of a resource the larger counts."""
        there = self.by_instant[instant_ms]
        there.whole |= set(whole)
        for level in levels:
            other = there.levels.setdefault(level.resource_id, level)
            same = (other.held_bytes, other.account) == (level.held_bytes, level.account)
            if not same:
                there.differing.add(level.resource_id)
                larger = max(other, level, key=lambda level: (level.held_bytes, level.account))
                there.levels[level.resource_id] = larger

    def held(self, carry_ms: int, known_to_ms: int) -> HeldLevels:
        """Each level until the resource's next one, or until a list of its scope lacks it, at most
        for `carry_ms`. What still holds at `known_to_ms` has no end yet and is left out."""
        held = HeldLevels()
        for resource_id, turns in self._turns(held).items():
            for place, (at_ms, level) in enumerate(turns):
                if level is None:
                    continue
                limit_ms = at_ms + carry_ms
                if place + 1 < len(turns):
                    until_ms = turns[place + 1][0]
                elif limit_ms <= known_to_ms:
                    until_ms = known_to_ms
                else:
                    held.open_since_ms.append(at_ms)
                    continue
                end_ms = min(until_ms, limit_ms)
                held.spans.append(Span(resource_id, at_ms, end_ms, level.account, level.held_bytes))
                if until_ms > limit_ms:
                    held.gaps.append(Gap(resource_id, at_ms, limit_ms, until_ms))
        return held

    def _turns(self, held: HeldLevels) -> Mapping[str, list[tuple[int, Level | None]]]:
        """Each resource's levels in order of time; None where it was listed no longer."""
        turns: dict[str, list[tuple[int, Level | None]]] = defaultdict(list)
        alive: dict[str, set[str]] = defaultdict(set)
        lost: dict[str, Gone] = {}
        for at_ms in sorted(self.by_instant):
            snapshot = self.by_instant[at_ms]
            for scope in sorted(snapshot.whole):
                for resource_id in sorted(alive[scope] - snapshot.levels.keys()):
                    turns[resource_id].append((at_ms, None))
                    alive[scope].discard(resource_id)
                    lost[resource_id] = Gone(resource_id, at_ms)
                    held.gone.append(lost[resource_id])
            for resource_id, level in snapshot.levels.items():
                turns[resource_id].append((at_ms, level))
                alive[level.scope].add(resource_id)
                if resource_id in lost:
                    lost.pop(resource_id).back_ms = at_ms
        return turns
