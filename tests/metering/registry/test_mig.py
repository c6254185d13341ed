"""MIG: sevenths of a board's compute and eighths of its memory, each held to its own limit."""

from pathlib import Path

import pytest

from metering.errors import Mistakes
from metering.registry.mig import Slices, board, taken
from metering.registry.registry import read_registry
from tests.metering.registry.test_registry import DEVICE, SEOUL, sheets, write_csv


@pytest.mark.parametrize(
    ("model", "profiles", "compute", "memory"),
    [
        ("h100", ["4g.40gb", "3g.40gb"], 7, 8),  # a full, legal board
        ("h100", ["1g.10gb"] * 7, 7, 7),
        ("h100", ["1g.20gb"] * 4, 4, 8),
        ("h100", ["3g.40gb", "3g.40gb", "1g.10gb"], 7, 9),
        ("h100", ["4g.40gb", "4g.40gb"], 8, 8),
        ("h100", ["7g.80gb"], 7, 8),
        ("h100", ["1g.10gb+me", "2g.20gb"], 3, 3),
        ("h100", ["1g.12gb", "3g.47gb"], 4, 5),  # the form with 94 GB
        ("a100", ["1g.10gb"] * 7, 7, 7),  # of 80 GB
        ("a100", ["1g.10gb", "3g.20gb"], 4, 3),  # either form; the one that takes less
        ("a100", ["1g.5gb", "3g.20gb", "4g.20gb"], 8, 9),  # of 40 GB
        ("h200", ["1g.18gb", "1g.35gb", "3g.71gb"], 5, 7),
        ("b200", ["1g.23gb", "2g.45gb", "4g.90gb"], 7, 7),
        ("a30", ["1g.6gb", "1g.6gb", "2g.12gb"], 4, 4),
        ("h100", ["1g.13gb"], 1, 0),  # no such part of any
        ("mi300x", ["cpx"], 0, 0),
        ("x9", ["1g.10gb"], 1, 0),
        ("h100", [], 0, 0),
    ],
)
def test_profiles_take_compute_and_memory_each_by_its_own_count(
    model: str, profiles: list[str], compute: int, memory: int
) -> None:
    assert taken(model, profiles) == Slices(compute, memory)


def test_a_board_has_seven_and_eight_and_an_a30_four_and_four() -> None:
    assert [board(model) for model in ("h100", "x9", "a30")] == [
        Slices(7, 8), Slices(7, 8), Slices(4, 4),
    ]  # fmt: skip


def part(number: int, profile: str, **said: str) -> dict[str, object]:
    uid = f"GPU-1#GI{number}"
    return DEVICE | {"device_uid": uid, "parent": "GPU-1", "slice": profile} | said


def mistakes(tmp_path: Path, *parts: dict[str, object]) -> list[str]:
    """What is wrong with the registry of one board and its parts."""
    try:
        read_registry(write_csv(tmp_path, sheets(devices=[DEVICE, *parts])), SEOUL)
    except Mistakes as found:
        return [str(mistake) for mistake in found.mistakes]
    return []


@pytest.mark.parametrize(
    ("profiles", "told"),
    [
        (["4g.40gb", "3g.40gb"], []),
        (["4g.40gb", "3g.40gb", "1g.10gb"], ["compute slices, its instances would take 8",
                                            "memory slices, its instances would take 9"]),
        (["3g.40gb", "3g.40gb"], []),
        (["3g.40gb", "3g.40gb", "1g.10gb"], ["memory slices, its instances would take 9"]),
        (["1g.10gb"] * 7, []),
        (["1g.10gb"] * 8, ["compute slices, its instances would take 8"]),
    ],
)  # fmt: skip
def test_a_board_divided_beyond_its_slices_is_a_mistake_of_the_registry(
    tmp_path: Path, profiles: list[str], told: list[str]
) -> None:
    rows = [part(number, profile) for number, profile in enumerate(profiles)]
    found = mistakes(tmp_path, *rows)
    whole = {"compute": 7, "memory": 8}
    place = f"registry/devices.csv:{len(rows) + 2} slice: 'GPU-1' has"
    assert found == [f"{place} {whole[one.split()[0]]} {one}" for one in told]


@pytest.mark.parametrize(
    ("ends", "legal"), [("11:59:59", True), ("12:00:00", True), ("12:00:01", False)]
)
def test_a_board_may_be_divided_anew_the_moment_its_instances_are_gone(
    tmp_path: Path, ends: str, legal: bool
) -> None:
    day = "2025-10-02T"
    before = part(1, "7g.80gb", removed_at=f"{day}{ends}+09:00")
    after = part(2, "3g.40gb", installed_at=f"{day}12:00:00+09:00")
    assert (mistakes(tmp_path, before, after) == []) is legal


def test_a_part_of_a_board_without_its_profile_would_count_as_a_board(tmp_path: Path) -> None:
    assert mistakes(tmp_path, part(1, "")) == [
        "registry/devices.csv:3 slice: a part of a board needs its profile, like 1g.10gb"
    ]
