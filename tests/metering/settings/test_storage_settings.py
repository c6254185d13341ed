"""A store's snapshots in site.toml are read strictly: figure, account and quota are said."""

from pathlib import Path

import pytest

from metering.calendar import HOUR_MS
from metering.settings.site_toml import read_site
from metering.settings.source_options.cloud_units import CAPACITY_BYTES
from metering.settings.source_options.storage import CARRY_MS, StorageOptions
from tests.metering.settings.test_site_toml import HEAD, mistakes_of, write

BEGINNING = """
[store.nas]

[[store.nas.source]]
name = "snaps"
kind = "storage"
record = "reading"
paths = ["in/*.txt"]
sku = "storage.parallel"
"""


def options_of(path: Path, *lines: str) -> StorageOptions:
    site = read_site(write(path, HEAD + BEGINNING + "\n".join(lines)))
    (source,) = site.section("nas").sources
    assert source.live  # snapshots show how far they reach
    assert isinstance(source.options, StorageOptions)
    return source.options


def test_each_format_says_what_it_bills(tmp_path: Path) -> None:
    found = [
        options_of(tmp_path, 'format = "lfs_quota"', 'quota = "project"', 'filesystem = "hpc"',
                   'account = "id"', 'carry = "2h"'),
        options_of(tmp_path, 'format = "mmrepquota"', 'quota = "FILESET"', 'account = "name"',
                   'only = ["project"]'),
        options_of(tmp_path, 'format = "gpfs_exporter"', 'account = "filesystem/name"',
                   "copies = 2"),
        options_of(tmp_path, 'format = "ceph_rgw"', 'figure = "size"', 'account = "owner"',
                   'categories = ["rgw.main", "rgw.multimeta"]'),
        options_of(tmp_path, 'format = "ceph_pools"', 'figure = "stored_raw"'),
        options_of(tmp_path, 'format = "ceph_df"', 'figure = "bytes_used"', 'only = ["a"]'),
    ]  # fmt: skip
    sku, both = "storage.parallel", ("rgw.main", "rgw.multimeta")
    assert found == [
        StorageOptions("lfs_quota", sku, "used", "id", 2 * HOUR_MS, "project", "hpc"),
        StorageOptions("mmrepquota", sku, "used", "name", quota="FILESET", only=("project",)),
        StorageOptions("gpfs_exporter", sku, "used", "filesystem/name", CARRY_MS, copies=2),
        StorageOptions("ceph_rgw", sku, "size", "owner", categories=both),
        StorageOptions("ceph_pools", sku, "stored_raw", "pool"),
        StorageOptions("ceph_df", sku, "bytes_used", "pool", only=("a",)),
    ]


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        (('format = "df"',), "format: must be one of ceph_df, ceph_pools, "),
        (('format = "ceph_rgw"', 'account = "owner"'), "needs the key `figure`"),
        (('format = "ceph_rgw"', 'figure = "size"'), "needs the key `account`"),
        (('format = "ceph_pools"', 'figure = "used"'), "figure: must be one of bytes_used"),
        (('format = "mmrepquota"', 'account = "name"'), "needs the key `quota`"),
        (('format = "mmrepquota"', 'quota = "project"'), "quota: must be one of FILESET"),
        (('format = "lfs_quota"', 'quota = "user"', 'account = "id"'), "the key `filesystem`"),
        (('format = "ceph_pools"', 'figure = "stored"', 'quota = "USR"'), "quota: is for lfs_quo"),
        (('format = "ceph_pools"', 'figure = "stored"', 'filesystem = "a"'), "filesystem: is for"),
        (('format = "ceph_pools"', 'figure = "stored"', "categories = []"), "categories: is for"),
        (('format = "lfs_quota"', 'only = ["a"]'), "only: is for mmrepquota"),
        (('format = "ceph_rgw"', 'categories = ["rgw.none"]'), "categories: 'rgw.none' is none of"),
        (('format = "ceph_pools"', 'carry = "169h"'), "carry: must be whole seconds, 168h"),
        (('format = "ceph_pools"', 'carry = "1500ms"'), "carry: must be whole seconds, 168h"),
        (('format = "ceph_pools"', 'carry = "1d"'), "carry: must be a time with its unit"),
        (('format = "ceph_df"', 'figure = "stored"', "copies = 2"), "copies: is for mmrepquota, "),
        (('format = "gpfs_exporter"', 'account = "name"', "copies = 4"), "must be 3 at most"),
        (('format = "ceph_pools"', 'url = "http://a/"'), "url: there is no such key here"),
        (('format = "ceph_pools"', 'whole = "yes"'), "whole: must be true or false"),
        (('format = "rgw_usage"', 'figure = "size"'), "figure: must be one of bytes_received"),
        (('format = "rgw_usage"', 'carry = "2h"'), "carry: is for lfs_quota, mmrepquota, "),
        (('format = "rgw_usage"', "whole = true"), "whole: is for lfs_quota, mmrepquota, "),
    ],
)
def test_what_a_store_does_not_say_right_is_a_mistake(
    tmp_path: Path, lines: tuple[str, ...], mistake: str
) -> None:
    mistakes = mistakes_of(tmp_path, HEAD + BEGINNING + "\n".join(lines))
    assert any(mistake in one for one in mistakes), mistakes


def test_a_list_is_whole_unless_the_site_says_otherwise(tmp_path: Path) -> None:
    lines = ('format = "ceph_rgw"', 'figure = "size"', 'account = "owner"')
    said = [options_of(tmp_path, *lines, *more).whole for more in ((), ("whole = false",))]
    assert said == [True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"3PiB"', 3 * 1024**5), ('"500 TB"', 500 * 1000**4), ('"1024PiB"', CAPACITY_BYTES),
        ('"1025PiB"', "capacity: must be 1024PiB at most"),
        ('"3"', "capacity: must be a size with its unit"), ('"0TB"', "capacity: must be a size"),
        ('"3PB/s"', "capacity: must be a size"), ("3", "capacity: must be text in quotes"),
    ],
)  # fmt: skip
def test_a_store_says_what_it_can_hold(tmp_path: Path, text: str, expected: int | str) -> None:
    own = BEGINNING.replace("[store.nas]\n", f"[store.nas]\ncapacity = {text}\n")
    own = HEAD + own + 'format = "ceph_df"\nfigure = "stored"\n'
    if isinstance(expected, str):
        (found,) = mistakes_of(tmp_path, own)
        assert expected in found
    else:
        assert read_site(write(tmp_path, own)).section("nas").capacity_bytes == expected


def test_a_store_without_files_is_a_mistake(tmp_path: Path) -> None:
    text = BEGINNING.replace('paths = ["in/*.txt"]', 'format = "ceph_pools"\nfigure = "stored"')
    (found,) = mistakes_of(tmp_path, HEAD + text)
    assert found.endswith("store.nas.source: needs the key `paths`")


def test_a_sku_has_one_figure_in_all_sources(tmp_path: Path) -> None:
    """Bytes with their copies and bytes without would be added up under one price."""
    own = BEGINNING + 'format = "ceph_df"\nfigure = "stored"\n'
    other = BEGINNING.replace("nas", "object") + 'format = "ceph_pools"\nfigure = "{}"\n'
    (found,) = mistakes_of(tmp_path, HEAD + own + other.format("stored_raw"))
    assert found.endswith(
        "store: storage.parallel is stored of nas.snaps and stored_raw of object.snaps;"
        " a SKU has one figure, copies counted or not"
    )
    read_site(write(tmp_path, HEAD + own + other.format("stored")))
    raw = other.format("stored_raw").replace("storage.parallel", "storage.raw")
    read_site(write(tmp_path, HEAD + own + raw))
