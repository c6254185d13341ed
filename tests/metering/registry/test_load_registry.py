"""Loading a registry: the difference is shown, all of it is stored or nothing, shards stay."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing.rulebook.load_site import Loaded
from billing.rulebook.rule_book import read_rulebook
from metering.database import tables
from metering.database.connection import Database, open_database
from metering.errors import JeongsanError, Mistakes
from metering.registry.records import CompanyFacts, Device
from metering.registry.registry import Registry
from metering.settings.site_toml import Site, read_site
from metering.site.load_registry import (
    ChangedCell,
    RegistryDifference,
    compare,
    give_shards,
    load,
    stored_registry,
)
from reports.terminal.load_and_collect_view import show_load
from reports.terminal.screen import Screen
from tests.metering.registry.test_registry import (
    AWARD,
    COMPANY,
    DEVICE,
    OTHER,
    READ,
    TENANCY,
    sheets,
    write_csv,
)
from tests.metering.settings.test_site_toml import HEAD, SLURM, write


@pytest.fixture
def site(tmp_path: Path) -> Site:
    write_csv(tmp_path, sheets())
    return read_site(write(tmp_path, HEAD + SLURM))


@pytest.fixture
def database(site: Site) -> Iterator[Database]:
    with open_database(site.database) as opened:
        yield opened


def rows_of(database: Database, table: sa.Table) -> list[tuple[object, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(sa.select(table))]


def board(name: str, cluster: str = "hpc", parent: str = "") -> Device:
    return Device(cluster, name, "h100", "gpu", "n1", parent, "", 0, None, None)


def test_the_first_load_adds_every_row(site: Site, database: Database) -> None:
    result = load(site, database)
    assert result.stored
    assert [
        (difference.sheet, difference.key, difference.change) for difference in result.differences
    ] == [
        ("companies", "C-1", "added"),
        ("projects", "P-1", "added"),
        ("tenancy", "hpc mudeung 2025-10-01", "added"),
        ("devices", "hpc GPU-1 2025-10-01T00:00:00+09:00", "added"),
        ("awards", "A-1", "added"),
        ("set_aside", "hpc burn-in", "added"),
    ]
    assert result.registry == READ.sharded({("hpc", "GPU-1"): 0})
    assert stored_registry(database) == result.registry


def test_a_second_load_of_the_same_registry_stores_nothing(site: Site, database: Database) -> None:
    first = load(site, database)
    second = load(site, database)
    assert (second.stored, second.differences) == (False, ())
    assert second.registry == first.registry
    assert len(rows_of(database, tables.registry)) == 1


def test_a_load_shows_what_was_added_changed_and_removed(site: Site, database: Database) -> None:
    load(site, database)
    changed = sheets(
        companies=[
            COMPANY,
            {**COMPANY, "org_type": "sme", "from": "2025-10-15", "place": "서울"},
            OTHER,
        ],
        awards=[AWARD | {"quota": "600", "cap_krw": ""}],
        devices=[DEVICE | {"removed_at": "2025-10-20"}],
        set_aside=[],
    )
    write_csv(site.directory, changed)
    company, other, device, award, aside = load(site, database).differences
    assert company == RegistryDifference(
        "companies",
        "C-1",
        "changed",
        (
            ChangedCell(
                "org_type, size, place",
                "startup, small, 광주",
                "startup, small, 광주; 2025-10-15: sme, small, 서울",
            ),
        ),
    )
    assert (other.key, other.change, other.before) == ("C-2", "added", "")
    assert device.cells == (ChangedCell("removed_at", "", "2025-10-20T00:00:00+09:00"),)
    assert award.cells == (
        ChangedCell("quota", "520.50", "600"),
        ChangedCell("cap_krw", "2000000", ""),
    )
    assert (award.before, award.after) == ("quota=520.50, cap_krw=2000000", "quota=600")
    assert (aside.key, aside.change, aside.after) == ("hpc burn-in", "removed", "")
    assert aside.before == "reason=점검, by=운영"


@pytest.mark.parametrize(
    ("awards", "rewritten"),
    [
        ([AWARD, {**AWARD, "award_id": "A-9"}], ()),
        ([AWARD | {"until": "2025-10-20"}], ()),
        ([AWARD | {"until": "2025-10-20"}, {**AWARD, "award_id": "A-9", "from": "2025-10-20"}], ()),
        ([AWARD | {"quota": "600"}], (AWARD["award_id"],)),
        ([AWARD | {"quota": "600", "until": "2025-10-20"}], (AWARD["award_id"],)),
        ([], (AWARD["award_id"],)),
    ],
)
def test_an_award_changes_by_what_is_added_on_a_day(
    site: Site,
    database: Database,
    capsys: pytest.CaptureFixture[str],
    awards: list[dict[str, object]],
    rewritten: tuple[str, ...],
) -> None:
    load(site, database)
    write_csv(site.directory, sheets(awards=awards))
    found = load(site, database)
    assert found.rewritten == rewritten
    show_load(Screen(), Loaded(found, read_rulebook()))
    assert ("시작일부터 달라지는 협약 1건(A-1 등)" in capsys.readouterr().out) == bool(rewritten)


def test_a_registry_with_a_mistake_leaves_the_one_in_force(site: Site, database: Database) -> None:
    before = load(site, database).registry
    rows = sheets(companies=[COMPANY, OTHER], tenancy=[TENANCY | {"project_id": "P-9"}])
    write_csv(site.directory, rows)
    with pytest.raises(Mistakes, match="nothing was stored"):
        load(site, database)
    assert stored_registry(database) == before
    assert len(rows_of(database, tables.registry)) == 1


def test_a_load_that_dies_half_way_leaves_the_registry_in_force(
    site: Site, database: Database
) -> None:
    before = load(site, database).registry
    write_csv(site.directory, sheets(devices=[DEVICE, DEVICE | {"device_uid": "GPU-2"}]))
    with database.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON registry_in_force"
            " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    with pytest.raises(sa.exc.IntegrityError, match="disk full"):
        load(site, database)
    assert stored_registry(database) == before
    assert rows_of(database, tables.device_shard) == [("hpc", "GPU-1", 0)]
    assert len(rows_of(database, tables.registry)) == 1


def test_names_are_held_against_site_toml(site: Site, database: Database) -> None:
    write_csv(
        site.directory,
        sheets(devices=[DEVICE | {"cluster": "gpu"}], tenancy=[TENANCY | {"source": "gpu"}]),
    )
    with pytest.raises(Mistakes) as raised:
        load(site, database)
    assert [mistake.place for mistake in raised.value.mistakes] == [
        "registry/devices.csv:2 cluster",
        "registry/tenancy.csv:2 source",
    ]


def test_a_database_without_a_registry_says_what_to_do(database: Database) -> None:
    with pytest.raises(JeongsanError, match="run `jeongsan load` first"):
        stored_registry(database)


def test_a_registry_that_was_edited_in_the_database_is_refused(
    site: Site, database: Database
) -> None:
    load(site, database)
    with database.begin() as connection:
        edited = sa.func.replace(tables.registry.c.document, "520.50", "9999")
        connection.execute(sa.update(tables.registry).values(document=edited))
    with pytest.raises(JeongsanError, match="not the one that was stored"):
        stored_registry(database)


def test_earlier_registries_stay(site: Site, database: Database) -> None:
    first = load(site, database).registry
    write_csv(site.directory, sheets(awards=[]))
    second = load(site, database).registry
    digests = [row[1] for row in rows_of(database, tables.registry)]
    assert digests == [first.digest, second.digest]
    write_csv(site.directory, sheets())
    assert load(site, database).registry == first
    assert len(rows_of(database, tables.registry)) == 3


def test_a_shard_once_given_stays_though_the_device_leaves_and_comes_back(
    site: Site, database: Database
) -> None:
    devices = [DEVICE | {"device_uid": f"GPU-{n}"} for n in (5, 3)]
    write_csv(site.directory, sheets(devices=devices))
    load(site, database)
    with database.begin() as connection:
        moved = sa.update(tables.device_shard).values(shard=7)
        connection.execute(moved.where(tables.device_shard.c.device_uid == "GPU-5"))
    write_csv(site.directory, sheets(devices=[]))
    load(site, database)
    write_csv(site.directory, sheets(devices=[*devices, DEVICE]))
    registry = load(site, database).registry
    shards = {device.device_uid: device.shard for device in registry.devices}
    assert shards == {"GPU-1": 7, "GPU-3": 0, "GPU-5": 7}


def test_a_shard_holds_two_thousand_devices_at_most() -> None:
    devices = tuple(board(f"g{n:04d}") for n in range(4_001))
    given = give_shards({}, devices)
    assert Counter(given.values()) == {0: 2_000, 1: 2_000, 2: 1}
    assert given["hpc", "g1999"] == 0
    assert given["hpc", "g2000"] == 1


def test_clusters_have_shards_of_their_own() -> None:
    given = give_shards({}, (board("a"), board("a", "npu")))
    assert given == {("hpc", "a"): 0, ("npu", "a"): 0}


def test_shards_do_not_depend_on_the_order_of_rows() -> None:
    devices = tuple(board(f"g{n:04d}") for n in range(2_100))
    assert give_shards({}, devices) == give_shards({}, devices[::-1])


def test_a_slice_goes_where_its_board_is_while_there_is_room() -> None:
    shards = {("hpc", "board"): 0} | {("hpc", f"g{n}"): 0 for n in range(1_998)}
    shards |= {("hpc", "late"): 1}
    given = give_shards(shards, (board("s1", parent="board"), board("s2", parent="board")))
    assert given == {("hpc", "s1"): 0, ("hpc", "s2"): 1}


def test_nothing_differs_between_equal_registries() -> None:
    assert compare(READ, READ.sharded({("hpc", "GPU-1"): 5})) == ()


def test_a_mark_and_an_instant_are_shown_as_a_person_writes_them() -> None:
    young = replace(READ.companies[0], youth=True)
    facts = (CompanyFacts(date(2020, 1, 1), "sme", "none", "서울"),)
    old = Registry(companies=READ.companies)
    new = Registry(companies=(replace(young, facts=facts),))
    (difference,) = compare(old, new)
    assert difference.after == "org_type, size, place=2020-01-01: sme, none, 서울, youth=Y"
    (device,) = compare(None, Registry(devices=(board("g"),)))
    assert device.key == "hpc g 1970-01-01T00:00:00+00:00"
