"""Seeded damage: the same seed does the same to the same bytes, so that a failure is a number."""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

TOKENS = (
    b'"', b"'", b"\n", b"\r", b"\r\n", b"\0", b"\x1b[2J", b"\xff", b"\xed\xa0\x80", b"\\",
    b"\\u0000", b"\\ud800", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\xff\xfe", b",", b";", b"|",
    b"\t", b":", b"=",
    b"[", b"]", b"{", b"}", b"[[[[[[[[", b"-", b"+", b".", b"0", b"-0", b"-1", b"9" * 30,
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"1e400", b"1e-400",
    b"NaN", b"nan", b"inf", b"-Infinity", b"null", b"true", b"false", b"0x10", b"1_000", b"1,000",
    b"\xd9\xa1", b"0001-01-01", b"9999-12-31T23:59:59Z", b"2025-02-30", b"24:00:00", b"a" * 400,
    b"n[0-99999999]", b"n[a-3]", b"=1+1", b"# EOF\n", b"%00", b"\xc2\x85", b"\xe2\x80\xa8",
)  # fmt: skip
LONG = "a number of five thousand digits"
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63 - 1, 2**63, -(2**63), 2**64, 10**30, LONG,  0.5,
    -0.0, 1e300, 1e-300, float("nan"), float("inf"), "", " ", "0", "-1", "1e400", "nan", "\0",
    "\u202e", "\ud800", "x" * 400, "2025-02-30T00:00:00Z", "9999-12-31T23:59:59Z", [], {}, [[]],
    [None], {"": None}, [[[[[[[[]]]]]]]], {"number": 1, "set": True, "infinite": True},
)  # fmt: skip


def damaged(content: bytes, seed: str, structured: bool) -> bytes:
    """The content with a few things wrong: of its bytes or lines, or of the values of its JSON."""
    chance = random.Random(seed)
    if structured and chance.random() < 0.6:
        return _of_values(content, chance)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        content = chance.choice(WAYS)(content, chance)
    return content


def _spot(content: bytes, chance: random.Random) -> int:
    return chance.randrange(len(content) + 1)


def _flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content or b"x")
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _insert(content: bytes, chance: random.Random) -> bytes:
    at = _spot(content, chance)
    return content[:at] + chance.choice(TOKENS) + content[at:]


def _overwrite(content: bytes, chance: random.Random) -> bytes:
    at = _spot(content, chance)
    token = chance.choice(TOKENS)
    return content[:at] + token + content[at + len(token) :]


def _cut(content: bytes, chance: random.Random) -> bytes:
    at = _spot(content, chance)
    return content[:at] + content[at + chance.choice((1, 2, 7, 50)) :]


def _end(content: bytes, chance: random.Random) -> bytes:
    return content[: _spot(content, chance)]


def _again(content: bytes, chance: random.Random) -> bytes:
    at = _spot(content, chance)
    part = content[at : at + chance.choice((1, 20, 200))]
    return content[:at] + part * chance.choice((2, 3)) + content[at + len(part) :]


def _lines(content: bytes, chance: random.Random) -> bytes:
    """Lines that are gone, twice, or in another order."""
    lines = content.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            del lines[one]
        case 1:
            lines.insert(other, lines[one])
        case 2:
            lines[one], lines[other] = lines[other], lines[one]
        case _:
            lines[one : one + 2] = [b" ".join(lines[one : one + 2])]
    return b"\n".join(lines)


def _cells(content: bytes, chance: random.Random) -> bytes:
    """A cell of a line in another's place, or a token in it."""
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    delimiter = chance.choice((b",", b"|", b":", b" ", b";", b"="))
    cells = lines[at].split(delimiter)
    place = chance.randrange(len(cells))
    cells[place] = chance.choice((*TOKENS, *cells))
    lines[at] = delimiter.join(cells)
    return b"\n".join(lines)


WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _insert, _insert, _overwrite, _cut, _end, _again, _lines, _cells, _cells,
)  # fmt: skip


def _of_values(content: bytes, chance: random.Random) -> bytes:
    """JSON, or lines of it, with some values that nobody would write."""
    lines = [json.loads(line) for line in content.splitlines() if line.strip()]
    for _ in range(chance.choice((1, 1, 2, 4))):
        number = chance.randrange(len(lines))
        places = list(_places(lines, number))
        holder, key = chance.choice(places)
        match chance.randrange(6):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, list):
                holder.insert(key, deepcopy(holder[key]))
            case 2 if isinstance(holder, dict):
                holder[f"{key}x"] = holder.pop(key)
            case _:
                holder[key] = deepcopy(chance.choice(VALUES))
    with_digits = (_dumped(line) for line in lines)
    return "\n".join(with_digits).encode("utf-8", "surrogatepass")


def _dumped(value: object) -> str:
    return json.dumps(value).replace(json.dumps(LONG), "9" * 5000)


def _places(lines: list[Any], number: int) -> list[tuple[Any, Any]]:
    """Every place of a value: what holds it, and under which key or number."""
    places: list[tuple[Any, Any]] = [(lines, number)]
    waiting = [lines[number]]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (dict, list)):
            keys = list(value) if isinstance(value, dict) else list(range(len(value)))
            places += [(value, key) for key in keys]
            waiting += [value[key] for key in keys]
    return places
