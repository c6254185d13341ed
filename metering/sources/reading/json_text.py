"""JSON from outside: one error for all that is none, or that no reader of it could walk through."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

DEPTH_MAX = 500  # brackets within brackets; what Python reads ends at about a thousand
BLOCK = 1 << 20  # bytes that are looked at together
QUOTE, BACKSLASH = ord('"'), ord("\\")
_STEPS = np.zeros(256, np.int8)
_STEPS[[ord("["), ord("{")]] = 1
_STEPS[[ord("]"), ord("}")]] = -1
_SIGNS = _STEPS != 0
_SIGNS[QUOTE] = True

Integers = npt.NDArray[np.int64]


class JsonTextError(ValueError):
    """A text is no JSON that can be read; the message says why."""


def read_json(
    raw: bytes | str,
    *,
    parse_float: Callable[[str], object] | None = None,
    parse_int: Callable[[str], object] | None = None,
    parse_constant: Callable[[str], object] | None = None,
) -> Any:
    """The value of a JSON text; JsonTextError where it is none, is nested deeper than Python reads,
    or has an integer of more digits than Python counts in."""
    try:
        return json.loads(
            raw, parse_float=parse_float, parse_int=parse_int, parse_constant=parse_constant
        )
    except ValueError as error:  # no JSON, or no UTF-8
        raise JsonTextError(str(error)) from error
    except RecursionError as error:
        raise JsonTextError("its brackets are nested too deep") from error


def is_json(raw: bytes) -> bool:
    """Whether a text begins as a JSON object or list does."""
    return raw[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def depth_of(raw: bytes) -> int:
    """How deep brackets stand within brackets in a JSON text, those in its strings left out."""
    deepest = depth = 0
    in_string = False
    for start in range(0, len(raw), BLOCK):
        block = np.frombuffer(raw, np.uint8, min(BLOCK, len(raw) - start), start)
        places = np.flatnonzero(_SIGNS[block])
        if not len(places):
            continue
        signs = block[places]
        quotes = signs == QUOTE
        before = block[places - 1]  # of the first byte of a block the last one: looked at anew
        for row in np.flatnonzero(quotes & ((before == BACKSLASH) | (places == 0))).tolist():
            if _escaped(raw, start + int(places[row])):
                quotes[row] = False
        within = (np.cumsum(quotes) + in_string) % 2 == 1
        steps = np.where(within, 0, _STEPS[signs]).astype(np.int64)
        depths: Integers = depth + np.cumsum(steps)
        deepest, depth = max(deepest, int(depths.max())), int(depths[-1])
        in_string = bool(within[-1])
    return deepest


def _escaped(raw: bytes, at: int) -> bool:
    """Whether the quote at a place is a letter of its string: an odd number of backslashes stands
    before it."""
    count = 0
    while count < at and raw[at - 1 - count] == BACKSLASH:
        count += 1
    return count % 2 == 1


def written(value: object) -> str:
    """A value that was read, as it is shown where it is refused."""
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    except RecursionError:
        return "(nested too deep to be shown)"


def labels_of(value: object) -> dict[str, str]:
    """The labels of a series: names and texts in UTF-8; TypeError or ValueError for anything
    else."""
    if not isinstance(value, dict):
        raise TypeError(f"{value!r:.80} are no labels")
    for name, text in value.items():
        if not isinstance(text, str):
            raise TypeError(f"the label {name!r:.80} is no text")
        if not (name.isascii() and text.isascii()):
            f"{name}{text}".encode()
    return value
