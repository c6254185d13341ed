"""A changed byte of a month's copy is named, wherever in the file it is."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from billing.verify.zip_bytes import LIST, plain_member
from metering.errors import JeongsanError
from reports.verify_documents import copy_whole_month, verify_copy
from tests.builders.sites.adjust_site import LATE, OCT, ROWS, closed, corrected, put
from tests.builders.sites.command_line import run

pytestmark = pytest.mark.breadth

SEED = 20251105
KINDS = (  # by how a member's name begins
    "adjusted.json", "bundles/", "charge/", "documents/amended/", "documents/government/",
    "documents/invoices/", "documents/statements/", "documents/tax/", "files.json",
    "recorded.json", "subsidy/", "usage_day/",
)  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy of a month that was corrected."""
    root = tmp_path_factory.mktemp("changed")
    opened = closed(root / "site", ROWS)
    put(opened, OCT, LATE)
    assert corrected(opened) is not None
    copy_whole_month(opened, OCT, root / "2025-10.zip")
    opened.database.close()
    assert verify_copy(root / "2025-10.zip").ok
    return root / "2025-10.zip"


def members(copy: Path) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(copy) as archive:
        return archive.infolist()


def kind_of(name: str) -> str:
    (kind,) = (one for one in KINDS if name.startswith(one))
    return kind


def one_of_each(copy: Path) -> Iterator[str]:
    """A member of every kind, drawn by the seed."""
    names = [one.filename for one in members(copy)]
    for kind in KINDS:
        yield Random(SEED).choice([name for name in names if kind_of(name) == kind])


def places(path: Path) -> list[str]:
    return [one.place for one in verify_copy(path).differences]


def places_or_error(path: Path) -> list[str]:
    """The places named, or of a file that is no copy any more, its own."""
    try:
        return places(path)
    except JeongsanError as error:
        return [str(path)] if str(path) in str(error) else []


def changed(content: bytes, at: int, bit: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


def flip(copy: Path, target: Path, at: int, bit: int) -> None:
    """The file with one bit of it turned."""
    target.write_bytes(changed(copy.read_bytes(), at, bit))


@pytest.mark.parametrize("flips", [8, pytest.param(2000, marks=pytest.mark.soak)])
def test_a_byte_changed_anywhere_in_the_file_is_named(
    copy: Path, tmp_path: Path, flips: int
) -> None:
    draw, found, wrong = Random(SEED), members(copy), tmp_path / "wrong.zip"
    with zipfile.ZipFile(copy) as archive:
        start = archive.start_dir  # what follows is of no member
    ends = [*(one.header_offset for one in found[1:]), start]
    spots = [  # each kind of member, and the archive's own list, whatever else is drawn
        *(draw.choice([*pairs]) for pairs in by_kind(found, ends)),
        (start, copy.stat().st_size),
    ]
    for number in range(flips):
        whole = (0, copy.stat().st_size)
        at = draw.randrange(*(spots[number] if number < len(spots) else whole))
        flip(copy, wrong, at, draw.randrange(8))
        named = [one.filename for one, end in zip(found, ends, strict=True) if at < end][:1]
        told = places_or_error(wrong)
        assert told, f"byte {at} of {named}"
        assert not named or named[0] in told, f"byte {at} of {named}: {told}"


def by_kind(found: list[zipfile.ZipInfo], ends: list[int]) -> Iterator[list[tuple[int, int]]]:
    """Where the members of each kind begin and end, their headers too."""
    for kind in KINDS:
        yield [
            (one.header_offset, end)
            for one, end in zip(found, ends, strict=True)
            if kind_of(one.filename) == kind
        ]


def rewritten(copy: Path, target: Path, member: str, listed: bool) -> None:
    """A byte of a member changed by somebody who writes the archive anew, and (`listed`) who puts
    the new digest into its list."""
    draw = Random(SEED)
    with zipfile.ZipFile(copy) as old, zipfile.ZipFile(target, "w") as new:
        texts = {one.filename: old.read(one) for one in old.infolist()}
        content = texts[member]
        texts[member] = changed(content, draw.randrange(len(content)), 0)
        if listed:
            named = json.loads(texts[LIST])
            named[member] = hashlib.sha256(texts[member]).hexdigest()
            text = json.dumps(named, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            texts[LIST] = f"{text}\n".encode()
        for name, text_of in texts.items():
            new.writestr(plain_member(name), text_of)


@pytest.mark.breadth
def test_a_member_written_anew_is_named_by_its_digest(copy: Path, tmp_path: Path) -> None:
    for name in [*[*one_of_each(copy)][::4], LIST]:
        rewritten(copy, tmp_path / "wrong.zip", name, listed=False)
        told = places(tmp_path / "wrong.zip")
        assert name in told or (name == LIST and len(told) == 1)  # the file that it lists wrong


@pytest.mark.breadth
def test_a_member_written_anew_with_its_digest_is_named_by_what_the_month_comes_to(
    copy: Path, tmp_path: Path
) -> None:
    for name in one_of_each(copy):
        if name.endswith(".json") and "/" not in name:
            continue  # who approved, and when, are inputs: nothing else tells them
        rewritten(copy, tmp_path / "wrong.zip", name, listed=True)
        assert places(tmp_path / "wrong.zip")[:1] == [name]


def test_a_fresh_process_in_an_empty_directory_proves_a_copy(copy: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/New_York", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-m", "jeongsan", "verify", copy, "--json"],
        env=environment, cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == {
        "sha256": hashlib.sha256(copy.read_bytes()).hexdigest(),
        "checked": ["files", "inputs", "result", "ledger", "adjustments", "documents"],
    }
    assert list(tmp_path.iterdir()) == []


def test_the_command_names_what_is_changed_and_fails(copy: Path, tmp_path: Path) -> None:
    flip(copy, tmp_path / "wrong.zip", copy.stat().st_size // 2, 3)
    said = run(tmp_path, "verify", str(tmp_path / "wrong.zip"))
    (named,) = places(tmp_path / "wrong.zip")
    assert (said.code, named in said.err) == (1, True), said.err
