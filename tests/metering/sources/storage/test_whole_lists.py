"""A list says by a setting whether it is whole; one that distrusts itself counts as if it had not
come; and no store holds more than it can."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from metering.settings.source_options.storage import StorageOptions
from metering.sources.storage import ceph, exporter_gauges, lustre
from tests.builders.storage_files import OPTIONS, Store, filesets, told

RGW = replace(OPTIONS, format="ceph_rgw", figure="size", account="owner", quota="")
POOLS = replace(OPTIONS, format="ceph_pools", figure="stored", account="pool", quota="")
DF = replace(POOLS, format="ceph_df")
LUSTRE = StorageOptions(
    "lfs_quota", "storage.lustre", "used", "id", quota="project", filesystem="work"
)
GIB, MIB = 1024, 1024**2
DOUBT = "Quota accounting information is inaccurate and quotacheck must be run.\n"
TABLE = "     Filesystem quota_id  kbytes   quota   limit   grace   files   quota   limit   grace\n"


def bucket(name: str, owner: str, gib: int, **said: object) -> Mapping[str, object]:
    usage = {"rgw.main": {"size": gib * GIB * MIB}}
    return {"bucket": name, "id": f"z.{name}", "owner": owner, "usage": usage, **said}


def put(nas: Store, at: float, *buckets: Mapping[str, object]) -> None:
    nas.put(at, json.dumps(list(buckets)), "json")


def mib_hours(nas: Store) -> dict[str, float]:
    """MiB-hours by resource."""
    held: dict[str, float] = {}
    for resource, _, start, end, mib in nas.readings():
        held[str(resource)] = held.get(str(resource), 0) + mib * (end - start)  # type: ignore[operator]
    return held


@pytest.mark.parametrize(("said", "sure"), [({}, "ta/backup"), ({"tenant": "ta"}, "ta/backup"),
                                            ({"tenant": ""}, "backup")])  # fmt: skip
def test_the_tenant_of_a_bucket_stands_in_its_owner_where_nothing_else_says_it(
    said: dict[str, object], sure: str
) -> None:
    report = ceph.report(json.dumps([bucket("backup", "ta$u", 1, **said)]).encode(), "b", RGW)
    assert [level.resource_id for level in report.levels] == [sure]


@pytest.mark.parametrize("old", [True, False])
def test_buckets_of_one_name_in_two_tenants_are_two(tmp_path: Path, old: bool) -> None:
    """Without `tenant` one of the two was lost, the larger counted for both."""
    nas = Store(tmp_path / "site", RGW)
    for at in (0, 24, 48, 72):
        owners = (("ta", 100), ("tb", 40))
        rows = [bucket("backup", f"{who}$u", gib, **({} if old else {"tenant": who}))
                for who, gib in owners]  # fmt: skip
        put(nas, at, *rows)
    assert told(nas.collect(0, 72)) == []
    assert mib_hours(nas) == {"ta/backup": 7_372_800, "tb/backup": 2_949_120}


def test_an_owners_only_bucket_that_was_deleted_ends_there(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site", RGW)
    for hour in range(73):
        gone = [bucket("gone-b", "b", 24)] if hour < 2 else []
        put(nas, hour, bucket("keep", "a", 100), *gone)
    assert told(nas.collect(0, 72)) == [("warn", "reading_gone", "1", "snaps gone-b")]
    assert mib_hours(nas) == {"keep": 100 * GIB * 72, "gone-b": 49_152}


def test_an_empty_list_ends_the_last_bucket_and_the_store_is_complete(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site", RGW)
    for hour in range(73):
        put(nas, hour, *([bucket("gone-b", "b", 24)] if hour < 2 else []))
    nas.collect(0, 24)
    nas.collect(24, 72)
    assert (mib_hours(nas), nas.known_to()) == ({"gone-b": 49_152}, 72)


def test_a_list_that_is_not_whole_says_only_what_it_lists(tmp_path: Path) -> None:
    """One file an owner: that another is not in it says nothing, nor does an empty one."""
    nas = Store(tmp_path / "site", replace(RGW, whole=False))
    put(nas, 0, bucket("b1", "b", 1), bucket("b2", "b", 1))
    put(nas, 1, bucket("a1", "a", 1))
    put(nas, 2, bucket("b1", "b", 1))
    put(nas, 3)
    put(nas, 20, bucket("a1", "a", 1), bucket("b1", "b", 1))
    assert told(nas.collect(0, 20)) == [("warn", "reading_gone", "1", "snaps b2")]
    assert mib_hours(nas) == {"a1": 19 * GIB, "b1": 20 * GIB, "b2": 2 * GIB}


def test_what_comes_back_into_a_whole_list_is_told_with_its_hours(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site", RGW)
    put(nas, 0, bucket("a1", "a", 1), bucket("b1", "b", 1))
    put(nas, 1, bucket("a1", "a", 1))
    put(nas, 4, bucket("a1", "a", 1), bucket("b1", "b", 1))
    put(nas, 6, bucket("a1", "a", 1), bucket("b1", "b", 1))
    (finding,) = nas.collect(0, 6).findings
    assert (finding.kind, finding.subject) == ("reading_gone", "snaps b1")
    assert "그 사이 3시간은 세지 않았습니다" in finding.detail
    assert "whole = false" in finding.detail
    assert mib_hours(nas) == {"a1": 6 * GIB, "b1": 3 * GIB}


@pytest.mark.parametrize("count", [1, 5, 200])
def test_a_snapshot_that_says_it_is_inaccurate_is_refused_whole(tmp_path: Path, count: int) -> None:
    """Whatever its size: its rows are no bad rows of the source, so the others are kept."""
    nas = Store(tmp_path / "site")
    sets = {f"p{n}": 100 for n in range(count)}
    nas.put(0, filesets(**sets))
    wrong = nas.put(12, filesets(**dict.fromkeys(sets, 1)) + DOUBT)
    nas.put(24, filesets(**sets))
    nas.put(36, filesets(**sets))
    collected = nas.collect(0, 36)
    assert told(collected) == [("warn", "distrusted_list", "1", f"snaps in/{wrong.name}")]
    assert set(mib_hours(nas).values()) == {36 * 100 * GIB}
    assert collected.quarantined == {"reading": 0}


def test_a_distrusted_snapshot_says_of_nothing_that_it_went(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site")
    nas.put(0, filesets(lab=1, other=1))
    nas.put(12, filesets(lab=1) + DOUBT)
    nas.put(24, filesets(lab=1, other=1))
    assert [kind for _, kind, _, _ in told(nas.collect(0, 24))] == ["distrusted_list"]
    assert mib_hours(nas) == {"fs/lab": 24 * GIB, "fs/other": 24 * GIB}


def test_all_projects_of_lustre_in_one_table_are_a_whole_list(tmp_path: Path) -> None:
    row = "          /work     {} {}       0       0       -   12       0       0       -\n"
    nas = Store(tmp_path / "site", LUSTRE)
    first = TABLE + row.format(1001, 100 * MIB) + row.format(1002, 40 * MIB)
    for at in (0, 24):
        nas.put(at, first)
    nas.put(36, TABLE + row.format(1001, 100 * MIB))
    nas.put(48, TABLE)
    found = told(nas.collect(0, 48))
    assert [(kind, subject) for _, kind, _, subject in found] == [
        ("reading_gone", "snaps work/1002")
    ]
    assert (mib_hours(nas), nas.known_to()) == (
        {"work/1001": 100 * GIB * 48, "work/1002": 40 * GIB * 36}, 48
    )  # fmt: skip


def test_a_lustre_table_has_wrapped_paths_and_one_file_system() -> None:
    rows = (
        "/a-very-long/path of two words\n   7 2048 0 0 - 1 0 0 -\n"
        "/a-very-long/path of two words 8 1024* 0 0 - 1 0 0 -\n"
        "/other 7 4096 0 0 - 1 0 0 -\nquotas are not enabled\n"
    )
    report = lustre.report((TABLE + rows).encode(), "q", LUSTRE)
    assert [(level.resource_id, level.account, level.held_bytes) for level in report.levels] == [
        ("work/7", "7", 2 * MIB), ("work/8", "8", MIB),
    ]  # fmt: skip
    assert [(row.place, row.reason[:40]) for row in report.quarantined] == [
        ("q:5", "is of /other, and the table of /a-very-l"), ("q:6", "is no row of `lfs quota`"),
    ]  # fmt: skip
    assert (report.rows_read, report.whole) == (4, frozenset())


@pytest.mark.parametrize("words", ["[2048]", "2048"])
def test_lustre_figures_in_brackets_and_the_words_below_refuse_the_snapshot(words: str) -> None:
    text = TABLE + f"/work 7 {words} 0 0 - 1 0 0 -\n/work 8 1024 0 0 - 1 0 0 -\n"
    if words == "2048":
        text += 'Some errors happened when getting quota info. The data in "[]" is inaccurate.\n'
    assert lustre.report(text.encode(), "q", LUSTRE).distrusted


def test_a_gauge_without_a_number_is_left_out_and_its_list_not_whole(tmp_path: Path) -> None:
    """One bad value is one bad value; the level before it holds on."""
    nas = Store(tmp_path / "site", POOLS)
    names = (
        'ceph_pool_metadata{pool_id="1",name="a"} 1\nceph_pool_metadata{pool_id="2",name="b"} 1\n'
    )
    gauges = 'ceph_pool_stored{{pool_id="1"}} {}\nceph_pool_stored{{pool_id="2"}} {}\n'
    for at, values in ((0, (MIB, MIB)), (6, ("NaN", MIB)), (12, (MIB, "+Inf")), (18, (MIB, MIB))):
        nas.put(at, names + gauges.format(*values), "prom")
    assert told(nas.collect(0, 18)) == []
    assert mib_hours(nas) == {"a": 18, "b": 18}
    report = exporter_gauges.report((names + gauges.format("NaN", 5)).encode(), "p", POOLS)
    assert report.skipped["not_a_number"] == 1


def test_the_last_pool_that_went_ends_there(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site", DF)
    nas.put(0, '{"pools": [{"name": "a", "stats": {"stored": 1048576}}]}', "json")
    nas.put(6, '{"pools": []}', "json")
    nas.collect(0, 12)
    assert (mib_hours(nas), nas.known_to()) == ({"a": 6}, 6)


def test_an_empty_list_without_an_instant_is_refused(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site", RGW)
    nas.file("buckets.json", "[]")
    (finding,) = nas.collect(0, 24).findings
    assert (finding.severity, "has no instant in its name" in finding.detail) == ("fail", True)


@pytest.mark.parametrize(("more", "kinds"), [(0, []), (1, ["source_unavailable"])])
def test_no_resource_holds_more_than_its_store_can(
    tmp_path: Path, more: int, kinds: list[str]
) -> None:
    """A thousand billion MiB was a line of 40.6 billion won."""
    nas = Store(tmp_path / "site", RGW, capacity_bytes=100 * GIB * MIB)
    for at in (0, 6):
        put(nas, at, bucket("b", "a", 100 + more))
    collected = nas.collect(0, 6)
    assert [finding.kind for finding in collected.findings] == kinds
    assert mib_hours(nas) == ({} if more else {"b": 600 * GIB})
    if more:
        assert "beyond the 107374182400 that its store holds" in collected.findings[0].detail


@pytest.mark.parametrize(("second", "kinds"), [(50, []), (51, ["beyond_capacity"])])
def test_all_resources_together_hold_no_more_either(
    tmp_path: Path, second: int, kinds: list[str]
) -> None:
    nas = Store(tmp_path / "site", RGW, capacity_bytes=100 * GIB * MIB)
    for at in (0, 6, 7):
        put(nas, at, bucket("b", "a", 50), bucket("c", "a", second))
    found = nas.collect(0, 7).findings
    assert [finding.kind for finding in found] == kinds
    assert [finding.severity for finding in found] == ["fail"] * len(kinds)


def test_where_copies_are_counted_a_store_holds_each_of_them(tmp_path: Path) -> None:
    options = replace(OPTIONS, copies=2)
    nas = Store(tmp_path / "site", options, capacity_bytes=100 * GIB * MIB)
    for at in (0, 6):
        nas.put(at, filesets(lab=200))
    assert told(nas.collect(0, 6)) == []
    assert mib_hours(nas) == {"fs/lab": 600 * GIB}
