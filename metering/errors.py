"""The errors that reach a user: each says the thing, the place and what to do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from metering.secret import masked


class JeongsanError(Exception):
    """Something outside the program is wrong; the message says what to do about it. What it quotes
    of others (a server's answer, an address) is quoted without the secrets that were sent there."""

    def __init__(self, *said: object) -> None:
        super().__init__(*(masked(part) if isinstance(part, str) else part for part in said))


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong with what a person wrote, and where."""

    place: str
    message: str

    def __post_init__(self) -> None:
        """What it quotes is told without secrets, as every error is."""
        object.__setattr__(self, "message", masked(self.message))

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def _order(mistake: Mistake) -> tuple[list[tuple[int, str]], str]:
    """By place, lines as numbers: line 9 before line 10."""
    parts = re.findall(r"\d+|\D+", mistake.place)
    numbered = [
        (int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts
    ]
    return numbered, mistake.message


class Mistakes(JeongsanError):
    """Every mistake found in a site, a registry or a rule book, all at once."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=_order))
        count = len(self.mistakes)
        single = "1 mistake; nothing was stored"
        head = single if count == 1 else f"{count} mistakes; nothing was stored"
        super().__init__("\n".join([head] + [f"  {m}" for m in self.mistakes]))


class TimeError(JeongsanError, ValueError):
    """A text is no day, month, instant or zone that accounting can be done in."""


class SourceError(JeongsanError):
    """A source could not be read at all, or more of it was bad than the site allows."""


class DatabaseError(JeongsanError):
    """The database does not answer, or is none that can be read or written."""


class ContractError(JeongsanError):
    """A table does not keep its contract; the message names the table, column and first rows."""


class UnfitRowsError(ContractError):
    """Rows that were to be written do not keep their table's contract: what gave them is wrong."""


class StoreError(JeongsanError):
    """The lake is away or damaged; no source is to blame for it."""


CHANGED = "its bytes were changed"
MISSING = "is missing from the lake"


class DamageError(StoreError):
    """A file of the lake is missing, cannot be read, or is not the bytes that its name says."""

    def __init__(self, path: str, what: str) -> None:
        self.path, self.what = path, what  # in the lake
        super().__init__(f"{path}: {what}; `jeongsan repair` says what can be made anew")


class ConflictError(JeongsanError):
    """Somebody else moved the state on first; reading again and retrying is safe."""


class CheckError(JeongsanError):
    """A `fail` finding stops the stage; the findings say which."""


class CloseError(JeongsanError):
    """A month cannot make the step asked of it; the message says what has to happen first."""
