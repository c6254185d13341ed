"""The spellings of one name: as it is (text format 1.0 quotes it), and escaped in three ways.

A scraper asks its exporter to escape what the old format lacks: as underscores, as `_dot_` with
doubled underscores, or as `U__` with the characters' numbers. All four mean the same name.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

VALUES = "U__"  # what a name begins with whose characters are escaped by number
LACKING = re.compile(r"[^a-zA-Z0-9_:]")  # of the characters of an old name; a label has no colon
BY_DOT = re.compile(r"_dot_|__")
BY_NUMBER = re.compile(r"__|_([0-9A-Fa-f]{1,6})_")
LAST_CHARACTER = 0x10FFFF


def by_old_spelling(names: Iterable[str]) -> dict[str, str]:
    """Each name under itself and as the old format had it; ValueError where two are one there."""
    known = {name: name for name in names}
    for name in tuple(known):
        if known.setdefault(underscored(name), name) != name:
            raise ValueError(f"{name} and {known[underscored(name)]} have one old spelling")
    return known


@lru_cache(maxsize=65_536)
def meanings(spelled: str) -> tuple[str, ...]:
    """The names that a spelling may stand for, the likeliest first: itself, what it escapes, and
    each of them with underscores for what the old format lacks."""
    names = [spelled]
    escaped = original(spelled)
    names += [escaped, *(underscored(name) for name in (spelled, escaped))]
    return tuple(dict.fromkeys(names))


def original(spelled: str) -> str:
    """The name that a spelling escapes by number or by `_dot_`, itself where it escapes none."""
    if spelled.startswith(VALUES):
        return BY_NUMBER.sub(_character, spelled.removeprefix(VALUES))
    return BY_DOT.sub(lambda escape: "." if escape[0] == "_dot_" else "_", spelled)


def underscored(name: str) -> str:
    """A name as the old format had it, `_` for each character that it lacks."""
    old = LACKING.sub("_", name)
    return f"_{old[1:]}" if old[:1].isdigit() else old


def _character(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return "_"
    number = int(escape[1], 16)
    surrogate = 0xD800 <= number <= 0xDFFF
    return escape[0] if surrogate or number > LAST_CHARACTER else chr(number)
