"""What a snapshot of a store says: how much each resource holds, and what could not be taken."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from metering.plain_text import flaw, tidy
from metering.settings.source_options.storage import StorageOptions
from metering.sources.reading.batch import Quarantined, shown

WORDS_MAX = 200  # characters of a tool's own words that are kept
NOT_A_NUMBER = "not_a_number"  # skipped: a gauge that says NaN or Inf
KIB = 1024
MIB = 1024**2


class RefusedLevelError(Exception):
    """This row cannot be taken; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Level:
    """How much a resource held at an instant (None: at that of its file)."""

    resource_id: str
    account: str
    scope: str  # what a snapshot may list whole: a file system, an owner; '' for the source
    held_bytes: int
    instant_ms: int | None = None


@dataclass(slots=True)
class StoreReport:
    """One file's levels. `whole` are the scopes of which it lists all that there is.

    `distrusted` is what the tool itself says against its figures; then nothing of the file counts.
    """

    origin: str
    levels: list[Level] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    rows_read: int = 0
    taken: int = 0  # rows of which a level, or an amount, is known with its instant
    whole: frozenset[str] = frozenset()
    distrusted: str = ""

    def refuse(self, number: int, reason: str, text: str) -> None:
        """Keep a row that could not be taken."""
        self.quarantined.append(Quarantined(f"{self.origin}:{number}", reason, shown(text)))

    def distrust(self, words: str) -> None:
        """Keep the tool's own words by which this list is partial or inaccurate."""
        self.distrusted = self.distrusted or " ".join(words.split())[:WORDS_MAX]

    def list_whole(self, scopes: Iterable[str]) -> None:
        """Say what the file lists whole; a file with a row that could not be taken lists none."""
        left_out = self.quarantined or self.skipped[NOT_A_NUMBER]
        self.whole = frozenset() if left_out else frozenset(scopes)


def checked(level: Level, options: StorageOptions) -> Level:
    """The level, its names tidy; RefusedError where it is none, or more than its store can hold."""
    most = options.capacity_bytes * options.copies
    if not 0 <= level.held_bytes <= most:
        beyond = f", beyond the {most} that its store holds" if level.held_bytes > 0 else ""
        raise RefusedLevelError(f"{level.held_bytes} bytes is out of range{beyond}")
    account, resource_id = tidy(level.account), tidy(level.resource_id)
    for name in (account, resource_id):
        if wrong := flaw(name):
            raise RefusedLevelError(f"the name {name[:80]!r}: {wrong}")
    if not account:
        raise RefusedLevelError("names no account")
    return Level(resource_id, account, level.scope, level.held_bytes, level.instant_ms)
