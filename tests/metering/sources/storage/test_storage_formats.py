"""What each format of a snapshot says, with the traps of the samples of real systems."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from metering.settings.source_options.storage import StorageOptions
from metering.sources.storage import ceph, exporter_gauges, gpfs, lustre
from metering.sources.storage.snapshot import StoreReport
from tests.builders.storage_files import OPTIONS, Store, hours, quarantine

LUSTRE = StorageOptions(
    "lfs_quota", "storage.lustre", "used", "id", quota="project", filesystem="hpc"
)
EXPORTER = replace(OPTIONS, format="gpfs_exporter", quota="")
RGW = replace(OPTIONS, format="ceph_rgw", figure="size_actual", account="owner", quota="")
POOLS = replace(OPTIONS, format="ceph_pools", figure="stored", account="pool", quota="")
MIB = 1024**2

TITLE = "Disk quotas for prj 7 (pid 7):\n"
OLD = "     Filesystem  kbytes   quota   limit   grace   files   quota   limit   grace\n"
NEW = "Filesystem  kbytes  bquota  blimit  bgrace   files   iquota  ilimit  igrace\n"
ROW = "/hpc/a 2048 4096 4096 - 10 0 0 -\n"


def levels(report: StoreReport) -> list[tuple[str, str, int]]:
    return [(level.resource_id, level.account, level.held_bytes) for level in report.levels]


def refusals(report: StoreReport) -> list[tuple[str, str]]:
    return [(one.place, one.reason) for one in report.quarantined]


def quota(text: str, **said: str) -> StoreReport:
    return lustre.report(text.encode(), "q", replace(LUSTRE, **said))  # type: ignore[arg-type]


@pytest.mark.parametrize("header", [OLD, NEW])
@pytest.mark.parametrize(
    "row",
    [
        ROW,
        "/hpc/a-very-long-path\n      2048 4096 4096 - 10 0 0 -\n",
        "/hpc/a-very-long-path/in two words\n      2048* 1024 1024 6d23h 10 0 0 -\n",
    ],
)
def test_lustre_rows_are_read_wrapped_or_not_under_both_headers(header: str, row: str) -> None:
    report = quota(TITLE + header + row)
    assert (levels(report), refusals(report)) == ([("hpc/7", "7", 2 * MIB)], [])


def test_lustre_accounts_are_ids_names_or_paths() -> None:
    text = "Disk quotas for usr kim (uid 1001):\n" + OLD + "/hpc/my home 1 0 0 - 1 0 0 -\n"
    accounts = [
        levels(quota(text, quota="user", account=key))[0][1] for key in ("id", "name", "path")
    ]
    assert accounts == ["1001", "kim", "/hpc/my home"]


def test_a_lustre_users_quota_is_another_view_of_the_same_bytes() -> None:
    user = "Disk quotas for usr kim (uid 1001):\n" + OLD + ROW
    report = quota(user + TITLE + OLD + ROW)
    assert levels(report) == [("hpc/7", "7", 2 * MIB)]
    assert report.skipped == {"other_quota": 1}


def test_lustre_targets_of_a_long_report_are_not_added_again() -> None:
    text = TITLE + OLD + ROW + "hpc-OST0000_UUID 2048 - 0 - - - - -\nTotal allocated: 0\n"
    report = quota(text)
    assert levels(report) == [("hpc/7", "7", 2 * MIB)]
    assert report.skipped == {"outside_report": 2}


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        (TITLE + OLD + ROW.replace("2048", "2.4G"), "q:3", "2.4G is rounded by -h"),
        (TITLE + OLD.replace("kbytes", "used") + ROW, "q:3", "2048 is rounded by -h"),
        (TITLE + OLD + "prj quotas are not enabled.\n", "q:3", "is no row of `lfs quota`"),
        (TITLE + "Size Used\n" + ROW, "q:3", "stands under the header 'Size Used'"),
        (TITLE + OLD + "/hpc/a\n", "q:1", "has no line of figures"),
        (TITLE + TITLE + OLD + ROW, "q:1", "has no line of figures"),
        ("nothing\n", "q:1", "has no report of `lfs quota`"),
    ],
)
def test_lustre_reports_that_cannot_be_taken_say_why(text: str, place: str, reason: str) -> None:
    (found,) = refusals(quota(text))
    assert (found[0], found[1].startswith(reason)) == (place, True), found


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "place", "figure"),
    [("lustre_lfs_quota.txt", 7, "322.5T"), ("lustre_lfs_quota_newer.txt", 3, "2.42G")],
)
def test_lustre_sample_of_rounded_figures_is_refused(
    formats: Path, name: str, place: int, figure: str
) -> None:
    """Both samples were made with -h; one has a wrapped path, one the newer header."""
    raw = (formats / name).read_bytes()
    report = lustre.report(raw, name, LUSTRE)
    assert levels(report) == []
    assert refusals(report) == [
        (
            f"{name}:{place}",
            f"{figure} is rounded by -h; run `lfs quota` without -h, in KiB",
        )
    ]


@pytest.mark.shared_data
def test_lustre_sample_with_a_wrapped_path_reads_without_h(formats: Path) -> None:
    text = (formats / "lustre_lfs_quota.txt").read_text(encoding="utf-8")
    plain = text.replace("322.5T", "346282762240*").replace("used ", "kbytes ")
    report = quota(plain, account="path")
    assert levels(report) == [("hpc/200020", "/hpc/projects/group.royer", 346282762240 * 1024)]
    assert report.skipped == {"outside_report": 3}


@pytest.mark.shared_data
def test_lustre_sample_with_the_newer_header_reads_without_h(formats: Path) -> None:
    text = (formats / "lustre_lfs_quota_newer.txt").read_text(encoding="utf-8")
    report = quota(text.replace("2.42G", "2537553").replace("used ", "kbytes "))
    assert levels(report) == [("hpc/100010", "100010", 2537553 * 1024)]


@pytest.mark.shared_data
def test_gpfs_sample_is_read_by_the_names_of_its_header(formats: Path) -> None:
    raw = (formats / "gpfs_mmrepquota.txt").read_bytes()
    report = gpfs.report(raw, "g", replace(OPTIONS, account="filesystem/name"))
    assert refusals(report) == []
    assert levels(report) == [
        ("project/root", "project/root", 337419744 * 1024),
        ("project/PZS1003", "project/PZS1003", 341467872 * 1024),
        ("scratch/root", "scratch/root", 928235294208 * 1024),
    ]
    assert report.whole == {"project", "scratch"}
    only = gpfs.report(raw, "g", replace(OPTIONS, only=("project",)))
    assert [level.account for level in only.levels] == ["root", "PZS1003"]
    assert only.skipped == {"other_filesystem": 1}


def test_gpfs_columns_may_stand_in_another_order_and_names_are_unescaped() -> None:
    text = (
        "mmrepquota::HEADER:blockUsage:quotaType:name:filesystemName:filesetname:\n"
        "mmrepquota::0:1024:USR:a%3Ab:fs:home:\n"
        "mmrepquota::0:1024:FILESET:home:fs::\n"
    )
    report = gpfs.report(text.encode(), "g", replace(OPTIONS, quota="USR"))
    assert levels(report) == [("fs/home/a:b", "a:b", MIB)]
    assert report.skipped == {"other_quota": 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("mmrepquota::0:1:::fs:FILESET:0:root:5:\n", "stands under no header"),
        ("mmrepquota::HEADER:filesystemName:quotaType:name:blockUsage:\nmmrepquota::0:fs:FILESET:r",
         "has 6 fields, fewer than its header"),
        ("root FILESET 1 2 3\n", "is no line of `mmrepquota -Y`"),
        ("", "has no row of `mmrepquota -Y`"),
    ],
)  # fmt: skip
def test_gpfs_rows_that_cannot_be_taken_say_why(text: str, reason: str) -> None:
    ((_, found),) = refusals(gpfs.report(text.encode(), "g", OPTIONS))
    assert found.startswith(reason)


@pytest.mark.shared_data
def test_gpfs_exporter_sample_is_the_same_store_in_bytes(formats: Path) -> None:
    """Bytes in doubt and quotas are not what is used."""
    text = (formats / "gpfs_exporter.prom").read_bytes()
    report = exporter_gauges.report(text, "p", EXPORTER)
    assert refusals(report) == []
    by_quota = gpfs.report((formats / "gpfs_mmrepquota.txt").read_bytes(), "g", OPTIONS)
    assert sorted(levels(report)) == sorted(levels(by_quota))
    assert report.whole == by_quota.whole


def test_gpfs_exporter_that_could_not_collect_gives_no_level() -> None:
    gauge = 'gpfs_fileset_used_bytes{fileset="a",fs="fs"} 5\n'
    error = 'gpfs_exporter_collect_error{collector="mmrepquota"} '
    broken = exporter_gauges.report((gauge + error + "1\n").encode(), "p", EXPORTER)
    assert broken.distrusted.startswith("the exporter could not collect: gpfs_exporter_collect")
    other = error.replace("mmrepquota", "mmdf") + "1\n"
    for ending in (error + "0\n", other, ""):
        assert len(exporter_gauges.report((gauge + ending).encode(), "p", EXPORTER).levels) == 1


POOL_TEXT = """\
ceph_pool_metadata{pool_id="3",name="cephfs.data",type="replicated"} 1.0
ceph_pool_stored{pool_id="3"} 1.048576e+09
ceph_pool_stored_raw{pool_id="3"} 3145728000.0
"""


def test_a_ceph_pool_is_billed_as_stored_or_with_its_copies() -> None:
    found = [
        levels(exporter_gauges.report(POOL_TEXT.encode(), "p", replace(POOLS, figure=figure)))
        for figure in ("stored", "stored_raw")
    ]
    assert found == [[("cephfs.data", "cephfs.data", size)] for size in (1048576000, 3145728000)]
    unnamed = exporter_gauges.report(b'ceph_pool_stored{pool_id="4"} 1\n', "p", POOLS)
    assert [reason for _, reason in refusals(unnamed)] == [
        "is of the pool '4', which ceph_pool_metadata does not name"
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('ceph_pool_stored{pool_id="3"} many', "has the value 'many', which is no number"),
        ('ceph_pool_stored{pool_id="3"} -1', "-1 bytes is out of range"),
        (f'ceph_pool_stored{{pool_id="3"}} {2**60}', None),
        (f'ceph_pool_stored{{pool_id="3"}} {2**60 + 1}', "is out of range, beyond the"),
        ("ceph_pool_stored{", "is no line of Prometheus text"),
    ],
)
def test_a_gauge_that_cannot_be_taken_says_why(line: str, reason: str | None) -> None:
    text = POOL_TEXT.splitlines()[0] + "\n" + line + "\n"
    report = exporter_gauges.report(text.encode(), "p", POOLS)
    if reason is None:
        assert refusals(report) == []
    else:
        assert any(reason in found for _, found in refusals(report)), refusals(report)


def test_a_line_s_own_timestamp_counts_before_the_files_name(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site", EXPORTER)
    for at in (2, 8):
        line = f'gpfs_fileset_used_bytes{{fileset="a",fs="fs"}} 1048576 {hours(at)}\n'
        nas.file(f"no-instant-{at}.prom", line)
    nas.collect(0, 12)
    assert nas.readings() == [("fs/a", "a", 2, 8, 1)]


@pytest.mark.shared_data
def test_rgw_sample_has_three_sizes_and_unfinished_uploads(formats: Path) -> None:
    """The sample names no bucket, so it is refused; named, each figure is what it says."""
    text = (formats / "ceph_rgw_bucket_stats.json").read_text(encoding="utf-8")
    assert refusals(ceph.report(text.encode(), "b", RGW)) == [("b:1", "names no bucket")]
    named = text.replace("{", '{"bucket": "data", "owner": "lab",', 1).encode()
    main, both = ("rgw.main",), ("rgw.main", "rgw.multimeta")
    found = {
        (figure, len(categories)): levels(
            ceph.report(named, "b", replace(RGW, figure=figure, categories=categories))
        )[0][2]
        for figure in ("size", "size_actual", "size_utilized")
        for categories in (main, both)
    }
    assert found == {
        ("size", 1): 37656, ("size_actual", 1): 49152, ("size_utilized", 1): 37656,
        ("size", 2): 37656, ("size_actual", 2): 49152, ("size_utilized", 2): 41101,
    }  # fmt: skip


def test_ceph_df_gives_the_pools_as_stored_with_copies_or_as_room_on_disks() -> None:
    stats = '{"stored": 5, "stored_raw": 15, "bytes_used": 12288, "percent_used": 0.1}'
    text = (
        f'{{"stats": {{"total_bytes": 9}}, "pools": [{{"name": "a", "id": 1, "stats": {stats}}}]}}'
    )
    found = [
        ceph.pools(text.encode(), "d", replace(POOLS, format="ceph_df", figure=figure))
        for figure in ("stored", "stored_raw", "bytes_used")
    ]
    assert [levels(one) for one in found] == [[("a", "a", size)] for size in (5, 15, 12288)]
    assert found[0].whole == {""}
    other = ceph.pools(text.encode(), "d", replace(POOLS, format="ceph_df", only=("b",)))
    assert (other.levels, other.skipped) == ([], {"not_billed": 1})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is no JSON"),
        ("[]", "has no list of pools"),
        ('{"pools": {}}', "has no list of pools"),
        ('{"pools": [5]}', "names no pool"),
        ('{"pools": [{"name": "a", "stats": {"stored": 5}}]}', "has no stored_raw; ask with"),
        ('{"pools": [{"name": "a", "stats": {"stored_raw": "5"}}]}', "has no stored_raw"),
    ],
)
def test_a_ceph_df_that_cannot_be_taken_says_why(text: str, reason: str) -> None:
    options = replace(POOLS, format="ceph_df", figure="stored_raw")
    report = ceph.pools(text.encode(), "d", options)
    ((_, found),) = refusals(report)
    assert (found.startswith(reason), report.whole) == (True, frozenset())


def test_gpfs_copies_are_divided_where_one_copy_is_billed(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site", replace(OPTIONS, copies=2))
    row = (
        "mmrepquota::HEADER:filesystemName:quotaType:name:blockUsage:\nmmrepquota::0:fs:FILESET:a:"
    )
    for at, kib in ((0, 4 * 1024), (6, 4 * 1024 - 1), (12, 0)):
        nas.put(at, f"{row}{kib}:\n")
    nas.collect(0, 12)
    assert nas.readings() == [("fs/a", "a", 0, 6, 2), ("fs/a", "a", 6, 12, 1)]


def test_an_empty_bucket_holds_nothing_and_one_of_a_tenant_has_its_name() -> None:
    text = '[{"bucket": "b", "tenant": "t", "owner": "t$o", "usage": {}}]'
    report = ceph.report(text.encode(), "b", RGW)
    assert levels(report) == [("t/b", "t$o", 0)]
    assert report.whole == {""}


@pytest.mark.parametrize(
    ("bucket", "reason"),
    [
        ("{", "is no JSON"),
        ('["b"]', "is no bucket"),
        ('{"bucket": "b", "usage": {}}', "names no owner"),
        ('{"bucket": 5, "owner": "o", "usage": {}}', "has a name that is no text"),
        ('{"bucket": "b", "owner": "o"}', "has no `usage`"),
        ('{"bucket": "b", "owner": "o", "usage": {"rgw.main": {"size": 1}}}',
         "has no size_actual of rgw.main"),
        ('{"bucket": "b", "owner": "o", "usage": {"rgw.main": {"size_actual": 1.5}}}',
         "has no size_actual of rgw.main"),
    ],
)  # fmt: skip
def test_a_bucket_that_cannot_be_taken_says_why(bucket: str, reason: str) -> None:
    ((_, found),) = refusals(ceph.report(bucket.encode(), "b", RGW))
    assert found.startswith(reason)


def test_bytes_that_are_no_utf8_are_refused_in_every_format(tmp_path: Path) -> None:
    parsers: list[tuple[Callable[..., StoreReport], StorageOptions]] = [
        (gpfs.report, OPTIONS), (exporter_gauges.report, POOLS),
        (ceph.report, RGW), (lustre.report, LUSTRE),
    ]  # fmt: skip
    for parse, options in parsers:
        assert parse(b"\xff\xfe broken\n", "x", options).quarantined
    nas = Store(tmp_path / "site", LUSTRE)
    for at in range(101):
        nas.put(at / 10, TITLE + OLD + ROW)
    nas.put(11, TITLE + OLD + ROW.replace("2048", "2.0M"))
    assert not nas.collect(0, 12).failed  # one of a hundred may be bad; it is kept with its place
    assert [reason[:20] for _, reason in quarantine(nas)] == ["2.0M is rounded by -"]
