"""What the files of a store no longer say is taken out of what is in force."""

import json
from dataclasses import replace
from pathlib import Path

from tests.builders.sites.metering_site import ground
from tests.builders.storage_files import OPTIONS, Store, filesets, store

RGW = replace(OPTIONS, format="ceph_rgw", figure="size", account="owner", quota="")
GIB = 1024


def buckets(*names: str) -> str:
    usage = {"rgw.main": {"size": GIB * 1024**2}}
    return json.dumps([{"bucket": name, "owner": "o", "usage": usage} for name in names])


def test_a_resource_that_a_corrected_snapshot_no_longer_lists_is_billed_no_more(
    tmp_path: Path,
) -> None:
    nas = Store(tmp_path / "site")
    nas.put(0, filesets(lab=1, wrong=9))
    for at in (6, 12):
        nas.put(at, filesets(lab=1))
    nas.collect(0, 12)
    nas.put(0, filesets(lab=1))
    nas.collect(0, 12)
    assert {reading[0] for reading in nas.readings()} == {"fs/lab"}


def test_accounts_that_are_named_anew_are_not_billed_under_both_names(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site")
    for at in (0, 6):
        nas.put(at, filesets(lab=1))
    nas.collect(0, 6)
    nas.made = ground(nas.path, stores=[store(replace(OPTIONS, account="filesystem/name"))])
    nas.collect(0, 6)
    assert nas.readings() == [("fs/lab", "fs/lab", 0, 6, GIB)]


def test_a_list_that_comes_days_late_takes_back_what_was_carried_on(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site", RGW)
    for at in (0, 2):
        nas.put(at, buckets("x", "y"), "json")
    for at in (27, 29):
        nas.put(at, buckets("y"), "json")
    nas.collect(0, 28)
    nas.put(3, buckets("y"), "json")
    nas.collect(28, 29)
    assert [reading[2:4] for reading in nas.readings() if reading[0] == "x"] == [(0, 2), (2, 3)]
    assert sum(reading[3] - reading[2] for reading in nas.readings() if reading[0] == "y") == 29
