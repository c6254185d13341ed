"""How a board is divided by MIG: what each profile takes of its compute and of its memory.

A board has seven compute and eight memory slices, and 4g.40gb beside 3g.40gb fills it: neither
number follows from the other, so each is counted by itself (METERING 18). Boards, memory sizes and
profiles: docs.nvidia.com/datacenter/tesla/mig-user-guide, "Supported GPUs" and "Supported MIG
Profiles"; the A30 is divided in four.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

PROFILE = re.compile(r"([1-9]\d*)g\.([1-9]\d*)gb(?:[+.-].*)?", re.ASCII)
COMPUTE, MEMORY = 7, 8
QUARTERED = {"a30": 4}  # boards that are divided in so many slices of either kind
# GB of the forms of a board: 1g.10gb is an eighth of one A100 and a quarter of another
BOARD_GB = {
    "a30": (24,),
    "a100": (40, 80),
    "h100": (80, 94, 96),
    "h20": (96,),
    "h200": (141,),
    "gh200": (96, 144),
    "b200": (180,),
    "gb200": (186,),
}
ROUNDED = 5  # a profile's GB are whole: how far it may be off, in hundredths of a memory slice


@dataclass(frozen=True, slots=True)
class Slices:
    """Compute and memory slices."""

    compute: int
    memory: int


def board(model: str) -> Slices:
    """What a board of a model is divided into."""
    parts = QUARTERED.get(model)
    return Slices(parts or COMPUTE, parts or MEMORY)


def taken(model: str, profiles: Iterable[str]) -> Slices:
    """What instances of these profiles take of one board of a model.

    Of several forms of the board the one is meant in which they take the least memory. What no
    form has takes no memory, and what is none of MIG's profiles nothing at all: so nothing is
    ever counted as too much that may be right.
    """
    matches = [match for match in map(PROFILE.fullmatch, profiles) if match]
    compute = sum(int(match[1]) for match in matches)
    whole = board(model).memory
    sums = []
    for gb in BOARD_GB.get(model, ()):
        parts = [_memory(int(match[2]), gb, whole) for match in matches]
        sums += [sum(part or 0 for part in parts)] if all(parts) else []
    return Slices(compute, min(sums, default=0))


def _memory(gb: int, board_gb: int, whole: int) -> int | None:
    """The memory slices that so many GB are; None where that is no whole number of them."""
    part = (2 * gb * whole + board_gb) // (2 * board_gb)
    off = abs(gb * whole - part * board_gb) * 100
    return part if 0 < part <= whole and off <= ROUNDED * board_gb else None
