"""Numbers once given are never given again, whatever is restored (SETTLEMENT 35): the register of
numbers lies in the lake as well as in the database, and the two must end alike."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pyarrow import fs

from billing.adjust.adjust import adjust, look
from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.ledger import ledger
from billing.ledger.number_register import Apart, entries, kept_in_lake, path_of, settle
from billing.verify.verify import verify
from metering.errors import CloseError
from metering.lake.object_store import ObjectStore
from metering.registry.registry import Registry
from metering.site.open_site import OpenSite
from tests.builders.lakes import Bucket
from tests.builders.rules_and_usage import company, registry
from tests.builders.sites.adjust_site import (
    HELD,
    LATER,
    NOV,
    NOVEMBER,
    OCT,
    OCTOBER,
    ON,
    again,
    close,
    corrected,
    hours,
    make_site,
    put,
)
from tests.builders.sites.close_site import store_registry

RENAMED = registry(
    HELD.awards, [replace(company(name), name=f"(주){name} 새 이름") for name in "ABC"]
)
LATE = hours("A-1", 2, f"{OCT}-07")
OTHER = hours("A-1", 3, f"{OCT}-07")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A site with October approved; nothing is open."""
    opened = make_site(tmp_path / "site")
    put(opened, OCT, OCTOBER)
    put(opened, NOV, NOVEMBER)
    draft(opened, OCT)
    approve(opened, OCT, "박승인")
    opened.database.close()
    return tmp_path / "site"


@pytest.fixture
def opened(root: Path) -> Iterator[OpenSite]:
    site = again(root)
    yield site
    site.database.close()


def saved(root: Path) -> Path:
    """A copy of the database as it is."""
    return shutil.copy(root / "jeongsan.db", root.parent / "saved.db")


def restored(root: Path, copy: Path) -> OpenSite:
    """The site with that database, and the lake as it is."""
    for rest in ("", "-wal", "-shm"):
        (root / f"jeongsan.db{rest}").unlink(missing_ok=True)
    shutil.copy(copy, root / "jeongsan.db")
    return again(root)


def issued_then_restored(root: Path) -> OpenSite:
    """October is issued, then the database of before comes back."""
    copy = saved(root)
    opened = again(root)
    issue(opened, OCT, ON, late=True)
    opened.database.close()
    return restored(root, copy)


def end(opened: OpenSite) -> Apart | None:
    return settle(opened.database, opened.lake)


def numbers(opened: OpenSite, month: str = OCT) -> list[tuple[str, str]]:
    """The numbers of a month's documents, each with the digest of its document."""
    with opened.database.read() as connection:
        return [
            (number, digest)
            for number, _, digest in (
                *ledger.invoice_documents(connection, month),
                *ledger.amended_documents(connection, [month]),
            )
        ]


def renamed_and_issued(opened: OpenSite, held: Registry, on: date = ON) -> None:
    store_registry(opened, held)
    draft(opened, OCT)
    approve(opened, OCT, "박승인")
    issue(opened, OCT, on, late=True)


def test_every_issue_and_adjustment_is_an_entry_that_the_lake_has_too(opened: OpenSite) -> None:
    issue(opened, OCT, ON, late=True)
    put(opened, OCT, [*OCTOBER, LATE])
    assert corrected(opened) is not None
    close(opened, NOV, LATER)
    with opened.database.read() as connection:
        kept = entries(connection)
    assert [entry.what for entry in kept] == [f"issue {OCT}", "adjustment 1", f"issue {NOV}"]
    assert [entry.before for entry in kept] == [None, kept[0].digest, kept[1].digest]
    assert [kept_in_lake(opened.lake, entry.sequence) for entry in kept] == [
        entry.digest for entry in kept
    ]
    given = [(number.number, number.document) for entry in kept for number in entry.numbers]
    assert sorted(given) == sorted([*numbers(opened), *numbers(opened, NOV)])
    assert end(opened) is None


def test_a_database_of_before_an_issue_is_told_and_gives_no_number_of_it(root: Path) -> None:
    """Issued, restored, and issued again under another name: the same numbers on others."""
    opened = issued_then_restored(root)
    apart = end(opened)
    assert apart is not None
    assert (apart.behind, [entry.what for entry in apart.entries]) == (
        "database", [f"issue {OCT}"],
    )  # fmt: skip
    assert f"issue {OCT} on {ON}: T2026-000001 to T2026-000002" in apart.text
    with pytest.raises(CloseError, match="the database is older than the lake"):
        renamed_and_issued(opened, RENAMED)
    with pytest.raises(CloseError, match="the database is older than the lake"):
        renamed_and_issued(opened, HELD, LATER)
    assert numbers(opened) == []
    opened.database.close()


def test_what_is_issued_again_as_it_was_has_its_own_numbers_back(root: Path) -> None:
    copy = saved(root)
    opened = again(root)
    issue(opened, OCT, ON, late=True)
    first = numbers(opened)
    opened.database.close()
    opened = restored(root, copy)
    issue(opened, OCT, ON, late=True)
    assert numbers(opened) == first
    assert end(opened) is None
    assert verify(opened, OCT).differences == ()
    opened.database.close()


def test_a_database_of_before_an_adjustment_gives_no_number_of_it(
    opened: OpenSite, root: Path
) -> None:
    issue(opened, OCT, ON, late=True)
    put(opened, OCT, [*OCTOBER, LATE])
    look(opened)
    opened.database.close()
    copy = saved(root)
    first = again(root)
    assert adjust(first, None, "박승인", "늦은 자료", LATER) is not None
    documents = numbers(first)
    first.database.close()
    other = restored(root, copy)
    apart = end(other)
    assert apart is not None
    assert "adjustment 1 on 2026-01-20" in apart.text
    put(other, OCT, [*OCTOBER, OTHER])
    with pytest.raises(CloseError, match="the database is older than the lake"):
        corrected(other)
    with pytest.raises(CloseError, match="the database is older than the lake"):
        close(other, NOV)
    put(other, OCT, [*OCTOBER, LATE])
    assert corrected(other) is not None
    assert numbers(other) == documents
    assert end(other) is None
    other.database.close()


def test_a_lake_that_is_older_than_the_database_is_told_and_nothing_is_issued(
    root: Path, opened: OpenSite
) -> None:
    shutil.copytree(root / "lake", root.parent / "lake-of-before")
    issue(opened, OCT, ON, late=True)
    shutil.rmtree(root / "lake")
    shutil.copytree(root.parent / "lake-of-before", root / "lake")
    apart = end(opened)
    assert apart is not None
    assert apart.behind == "lake"
    assert "the lake is older than the database: it lacks entry 1" in apart.text


def test_nothing_is_issued_while_the_lake_lacks_the_last_entry(
    root: Path, opened: OpenSite
) -> None:
    issue(opened, OCT, ON, late=True)
    shutil.rmtree(root / "lake" / "register")
    with pytest.raises(CloseError, match="the lake is older than the database"):
        close(opened, NOV)


def test_an_entry_that_a_killed_run_has_only_meant_is_put_right(
    root: Path, opened: OpenSite
) -> None:
    """Killed after the commit, before the entry was given: no document has been drawn by then."""
    issue(opened, OCT, ON, late=True)
    given = root / "lake" / path_of(1)
    content = given.read_bytes()
    given.unlink()
    assert end(opened) is None
    assert given.read_bytes() == content


def test_what_was_meant_and_never_given_binds_nobody(root: Path, opened: OpenSite) -> None:
    """Killed before the commit: nobody has seen a number, and other documents may have them."""
    place = root / "lake" / path_of(1, "0" * 64)
    place.parent.mkdir()
    place.write_bytes(b"{}")
    assert end(opened) is None
    renamed_and_issued(opened, RENAMED)
    assert [number for number, _ in numbers(opened)] == ["T2026-000001", "T2026-000002"]


def test_a_lake_of_another_database_is_told(root: Path, opened: OpenSite) -> None:
    twin = root.parent / "twin"
    opened.database.close()
    shutil.copytree(root, twin)
    site, other = again(root), again(twin)
    issue(site, OCT, ON, late=True)
    renamed_and_issued(other, RENAMED)
    shutil.rmtree(root / "lake")
    shutil.copytree(twin / "lake", root / "lake")
    apart = end(site)
    assert apart is not None
    assert "the database and the lake are of two sites" in apart.text
    assert any(d.place == path_of(1) for d in verify(site, OCT).differences)
    site.database.close()
    other.database.close()


def test_a_site_without_a_register_has_one_once_it_is_opened(root: Path, opened: OpenSite) -> None:
    """One that was issued by a version that kept none, and a copy of its database from then."""
    issue(opened, OCT, ON, late=True)
    with opened.database.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER number_register_never_goes")
        connection.exec_driver_sql("DELETE FROM number_register")
    shutil.rmtree(root / "lake" / "register")
    opened.database.close()
    copy = saved(root)
    site = again(root)
    assert end(site) is None
    with site.database.read() as connection:
        (entry,) = entries(connection)
    assert (entry.what, [number.number for number in entry.numbers]) == (
        "so far", ["T2026-000001", "T2026-000002"],
    )  # fmt: skip
    assert verify(site, OCT).differences == ()
    close(site, NOV)
    site.database.close()
    old = restored(root, copy)
    apart = end(old)
    assert apart is not None
    assert [entry.what for entry in apart.entries] == [f"issue {NOV}"]
    old.database.close()


def test_a_bucket_keeps_the_register_as_a_directory_does(root: Path, opened: OpenSite) -> None:
    bucket = Bucket()
    store = ObjectStore(fs.PyFileSystem(bucket), "centre/lake", "s3://centre/lake")
    for stored in opened.lake.store.files():
        store.put(stored.path, opened.lake.store.get(stored.path), lambda _: None)
    opened.lake.store = store
    opened.database.close()
    copy = saved(root)
    issue(opened, OCT, ON, late=True)
    assert f"centre/lake/{path_of(1)}" in bucket.objects
    opened.database.close()
    other = restored(root, copy)
    other.lake.store = store
    apart = end(other)
    assert apart is not None
    assert [entry.what for entry in apart.entries] == [f"issue {OCT}"]
    with pytest.raises(CloseError, match="the database is older than the lake"):
        renamed_and_issued(other, RENAMED)
    other.database.close()


@pytest.mark.parametrize("wrong", ["lake", "ledger", "beyond"])
def test_verify_names_what_of_the_register_is_not_as_it_was(
    root: Path, opened: OpenSite, wrong: str
) -> None:
    issue(opened, OCT, ON, late=True)
    given = root / "lake" / path_of(1)
    match wrong:
        case "lake":
            given.write_bytes(given.read_bytes().replace(b"T2026-000001", b"T2026-000009"))
            place = path_of(1)
        case "beyond":
            shutil.copy(given, root / "lake" / path_of(2))
            place = path_of(2)
        case _:
            with opened.database.begin() as connection:
                connection.exec_driver_sql("DROP TRIGGER invoice_never_changes")
                connection.exec_driver_sql("UPDATE invoice SET digest = 'x' WHERE number LIKE '%1'")
            place = "register: T2026-000001"
    assert place in {difference.place for difference in verify(opened, OCT).differences}


def test_the_register_is_kept_by_the_database(opened: OpenSite) -> None:
    issue(opened, OCT, ON, late=True)
    for change in (
        "UPDATE number_register SET digest = 'x'",
        "DELETE FROM number_register",
        "INSERT OR REPLACE INTO number_register VALUES (1, 'x', 'x')",
    ):
        refused = pytest.raises(Exception, match="what is issued never changes")
        with refused, opened.database.begin() as connection:
            connection.exec_driver_sql(change)
