"""Backups of what lies on no disk of the machine: a database of PostgreSQL, a lake in a bucket."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from metering.database.connection import open_database
from metering.database.saved_copy import is_empty, make_again, saved
from metering.database.tables import watermark
from metering.errors import DatabaseError, JeongsanError
from tests.builders.servers.postgres import Postgres, serving
from tests.builders.servers.s3 import s3_bucket
from tests.builders.sites.command_line import Said, collect, run, write_site

pytestmark = pytest.mark.breadth

NAMED = "JEONGSAN_DATABASE"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with serving() as running:
        yield running


def on_postgres(site: Path) -> Path:
    toml = (site / "site.toml").read_text(encoding="utf-8")
    named = toml.replace("[site]", f'[site]\ndatabase_env = "{NAMED}"')
    (site / "site.toml").write_text(named, encoding="utf-8")
    return site


def test_a_site_on_postgres_is_made_again(
    server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = server.database()
    monkeypatch.setenv(NAMED, first)
    site, place, again = on_postgres(write_site(tmp_path / "site")), tmp_path / "b", tmp_path / "a"
    assert run(site, "load").code == collect(site).code == run(site, "backup", str(place)).code == 0
    status = run(site, "status", "--json").document
    shutil.rmtree(site)
    # never over what is there
    said = run(Path(), "restore", str(place), str(again))
    assert (said.code, "is not empty" in said.err) == (1, True)
    monkeypatch.setenv(NAMED, server.database())
    assert run(Path(), "restore", str(place), str(again)).code == 0
    assert run(again, "status", "--json").document == status


def test_a_database_is_saved_as_it_was_and_again_over_a_half_one(
    server: Postgres, tmp_path: Path
) -> None:
    row = {"cluster": "hpc", "source": "slurm", "complete_to_ms": 1}
    file = tmp_path / "saved"
    with open_database(server.database()) as database:
        with database.begin() as connection:
            connection.execute(sa.insert(watermark).values(row))
        with saved(database, file) as reading:
            with database.begin() as writing:
                writing.execute(sa.update(watermark).values(complete_to_ms=2))
            assert reading.execute(sa.select(watermark.c.complete_to_ms)).scalar_one() == 1
    url = server.database()
    assert is_empty(url)
    for _ in range(2):
        make_again(url, file, "postgresql")
        with open_database(url) as database, database.read() as connection:
            assert [dict(r) for r in connection.execute(sa.select(watermark)).mappings()] == [row]
    with pytest.raises(JeongsanError, match="holds a database of postgresql"):
        make_again(f"sqlite:///{tmp_path}/x.db", file, "postgresql")
    (tmp_path / "torn").write_bytes(file.read_bytes()[:100])
    with pytest.raises(DatabaseError, match="pg_restore says"):
        make_again(server.database(), tmp_path / "torn", "postgresql")


def in_bucket(site: Path, lake: str) -> Path:
    toml = (site / "site.toml").read_text(encoding="utf-8")
    (site / "site.toml").write_text(toml.replace("[site]", f'[site]\nlake = "{lake}"'), "utf-8")
    return site


def restored(place: Path, directory: Path) -> Said:
    return run(Path(), "restore", str(place), str(directory), "--json")


def test_a_lake_in_a_bucket_is_named_and_read_when_the_site_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_bucket(monkeypatch) as bucket:
        site = in_bucket(write_site(tmp_path / "site"), bucket.lake())
        assert run(site, "load").code == collect(site).code == 0
        place = tmp_path / "backup"
        said = run(site, "backup", str(place), "--json").document
        assert said["lake"] == "s3://bucket/lake"
        assert not (place / "lake").exists()
        shutil.rmtree(site)
        again = restored(place, tmp_path / "again")
        assert again.code == 0
        assert again.document["files"] > 10
        lost = min(key for key in bucket.objects if key.endswith(".parquet"))
        del bucket.objects[lost]
        told = restored(place, tmp_path / "third")
        assert (told.code, told.document["broken"]) == (1, [lost.removeprefix("lake/")])
