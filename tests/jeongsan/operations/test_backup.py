"""A site is saved at one instant and made again of that in an empty place, byte for byte."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from billing.backup.backup_record import backups_in, chosen, lake_path
from billing.backup.backup_site import backup_site
from billing.backup.restore_site import UNENDED, restore_site
from metering.errors import JeongsanError
from metering.site.open_site import open_site
from tests.builders.sites.command_line import MONTH, Said, approve, run
from tests.crash.forking import be_killed

pytestmark = pytest.mark.breadth

AT_MS = 1_762_160_000_000


def read(_: int) -> None:
    """Nobody waits."""


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def month_in_a_file(site: Path, target: Path) -> bytes:
    assert run(site, "bundle", MONTH, "--copy", str(target)).code == 0
    return target.read_bytes()


def save(site: Path, place: Path, *more: str) -> Said:
    said = run(site, "backup", str(place), "--json", *more)
    assert said.code == 0, said.out
    return said


def test_a_site_that_is_lost_is_made_again(issued: Path, tmp_path: Path) -> None:
    place, again = tmp_path / "backup", tmp_path / "new" / "site"
    saved = save(issued, place).document
    assert saved["months"] == [{"month": MONTH, "state": "issued", "numbers": 2}]
    proof = month_in_a_file(issued, tmp_path / "before.zip")
    shutil.rmtree(issued)
    said = run(Path(), "restore", str(place), str(again), "--json")
    assert (said.code, said.document["last_numbers"]) == (0, ["T2025-000002"])
    assert run(again, "verify", MONTH).code == 0
    assert month_in_a_file(again, tmp_path / "after.zip") == proof


def test_what_is_there_is_not_copied_again_and_every_backup_stays_whole(
    metered: Path, tmp_path: Path
) -> None:
    place = tmp_path / "backup"
    first = save(metered, place).document
    assert save(metered, place).document["copied"] == 0
    assert run(metered, "draft", MONTH).code == approve(metered).code == 0
    assert run(metered, "issue", MONTH, "--yes", "--on", "2025-11-03").code == 0
    last = save(metered, place).document
    assert 0 < last["copied"] < first["copied"] == last["kept"] + 1  # another database
    # a moment can be gone back to, though the lake has given numbers since
    old, new = tmp_path / "old", tmp_path / "new"
    assert run(Path(), "restore", str(place), str(old), "--at", first["backup"]).code == 0
    assert run(Path(), "restore", str(place), str(new)).code == 0
    states = [run(at, "status", "--json").document["months"] for at in (old, new)]
    assert [rows[0]["state"] if rows else None for rows in states] == [None, "issued"]
    assert run(old, "draft", MONTH).err.count("older") == 0
    listed = run(Path(), "restore", str(place), "--json").document
    assert [row["last_issued"] for row in listed["backups"]] == [None, None, MONTH]


def test_no_secret_is_saved(issued: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what the environment holds nor a file that site.toml names as one."""
    (issued / "secrets").mkdir()
    url = f"sqlite:///{issued / 'jeongsan.db'}?timeout=61"
    (issued / "secrets" / "database").write_text(url, encoding="utf-8")
    (issued / "secrets" / "database").chmod(0o600)
    toml = (issued / "site.toml").read_text(encoding="utf-8")
    named = toml.replace("[site]", '[site]\ndatabase_file = "secrets/database"')
    (issued / "site.toml").write_text(named, encoding="utf-8")
    monkeypatch.setenv("PGPASSWORD", "geheim-61")
    save(issued, tmp_path / "backup")
    every = b"".join(files_of(tmp_path / "backup").values())
    assert b"secrets/database" in every
    assert b"timeout=61" not in every
    assert b"geheim-61" not in every


def test_a_broken_file_of_the_lake_is_told_and_stops_nothing(issued: Path, tmp_path: Path) -> None:
    data = min((issued / "lake" / "usage_day").rglob("*.parquet"))
    whole = data.read_bytes()
    data.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    said = run(issued, "backup", str(tmp_path / "broken"), "--json")
    path = data.relative_to(issued / "lake").as_posix()
    assert (said.code, said.document["broken"]) == (1, [path])
    again = run(Path(), "restore", str(tmp_path / "broken"), str(tmp_path / "again"), "--json")
    assert (again.code, again.document["broken"]) == (1, [path])
    # where a backup of before has it, it stays whole there
    data.write_bytes(whole)
    save(issued, tmp_path / "backup")
    data.write_bytes(whole[:-1])
    save(issued, tmp_path / "backup")
    kept = tmp_path / "backup" / lake_path(path)
    assert kept.read_bytes() == whole
    # and a copy that a disk has changed is copied again where somebody looks
    data.write_bytes(whole)
    kept.write_bytes(bytes(len(whole)))
    assert save(issued, tmp_path / "backup").document["copied"] == 0
    assert save(issued, tmp_path / "backup", "--check").document["copied"] == 1
    assert kept.read_bytes() == whole


def test_nothing_is_written_over(issued: Path, tmp_path: Path) -> None:
    place, there = tmp_path / "backup", tmp_path / "there"
    save(issued, place)
    assert "is a site already" in run(Path(), "restore", str(place), str(issued)).err
    (there / "registry").mkdir(parents=True)
    (there / "registry" / "companies.csv").write_text("another", encoding="utf-8")
    assert "writes over nothing" in run(Path(), "restore", str(place), str(there)).err
    assert [path.name for path in there.rglob("*")] == ["registry", "companies.csv"]
    (there / "registry" / "companies.csv").unlink()
    with closing(sqlite3.connect(issued / "jeongsan.db")) as whole:
        whole.execute("VACUUM INTO ?", (str(there / "jeongsan.db"),))  # with what its log holds
    assert "not empty" in run(Path(), "restore", str(place), str(there)).err
    assert not (there / UNENDED).exists()
    (there / "jeongsan.db").unlink()
    assert run(Path(), "restore", str(place), str(there)).code == 0
    assert "lies in the site" in run(issued, "backup", str(issued / "backup")).err


def test_a_changed_record_or_database_is_told(issued: Path, tmp_path: Path) -> None:
    place = tmp_path / "backup"
    record = backup_site(open_site(issued), place, AT_MS, read).record
    saved = place / "objects" / record.database.sha256[:2] / record.database.sha256
    saved.write_bytes(saved.read_bytes()[:-1])
    with pytest.raises(JeongsanError, match="was changed"):
        restore_site(place, record, tmp_path / "again", read)
    (place / "backups" / record.name).write_text("{}", encoding="utf-8")
    with pytest.raises(JeongsanError, match="not what was written"):
        backups_in(place)
    with pytest.raises(JeongsanError, match="holds no backup"):
        backups_in(issued)


def kill_at(boundary: int, act: Callable[[Callable[[str], None]], object]) -> bool:
    """Do it in a process that is killed at a boundary; whether it came so far."""
    left = [boundary]

    def fault(_: str) -> None:
        import os
        import signal

        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return be_killed(partial(act, fault))


def test_a_killed_backup_is_none_and_a_killed_restore_goes_on(issued: Path, tmp_path: Path) -> None:
    """Between any two files it is the same; here are the ends, the middle and the record."""
    place, again = tmp_path / "backup", tmp_path / "again"

    def save_all(fault: Callable[[str], None]) -> None:
        opened = open_site(issued)
        opened.lake.fault = fault
        backup_site(opened, place, AT_MS, read)

    files = 2 * (len(files_of(issued / "lake")) // 2)
    for boundary in (0, 1, files, files):
        assert kill_at(boundary, save_all)
        backups = backups_in(place)
        assert (list(backups.whole), len(backups.unended)) == ([], 1)
    said = run(Path(), "restore", str(place), str(again))
    assert (said.code, "never ended: 2025-11-03T" in said.err) == (1, True)
    save_all(lambda _: None)
    assert backups_in(place).unended == ()
    assert not list(place.glob(".*.part"))
    record = chosen(place, "")

    def restore(fault: Callable[[str], None]) -> None:
        restore_site(place, record, again, read, fault)

    for boundary in (2, 9, files, files):
        assert kill_at(boundary, restore)
        assert run(again, "status").err.count("no site.toml") == 1
    assert restore_site(place, record, again, read).whole
    assert run(again, "verify", MONTH).code == 0
