"""Whatever one source gives, it is one finding of that source, and the others are collected."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from metering.calendar import DAY_MS, Period
from metering.collect.collect import Collected, collect
from metering.database.connection import open_database
from metering.errors import DatabaseError, StoreError
from metering.settings.sections import Cluster, Store
from metering.settings.source_options.limits import Limits
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.prometheus import Prometheus
from metering.settings.source_options.source_config import SourceConfig
from metering.settings.source_options.storage import StorageOptions
from metering.sources.slurm import source as slurm
from tests.builders.servers.hostile import answering, endless, talking
from tests.builders.servers.replayed_answers import replaying
from tests.builders.sites.metering_site import MIDNIGHT, Ground, cluster, ground

HEADER = "JobIDRaw|Account|State|Submit|Start|End|AllocTRES"
RUN = "1|lab|COMPLETED|2025-10-31T15:10:00|2025-10-31T15:10:00|2025-10-31T16:10:00|gres/gpu:h100=1"
SACCT = SourceConfig("sacct", "slurm", "allocation", paths=("sacct.txt",))
DAY = Period(MIDNIGHT, MIDNIGHT + DAY_MS)
CEPH = StorageOptions(format="ceph_df", sku="block", figure="stored", account="pool")


def night(
    path: Path, source: SourceConfig, section: Callable[..., Cluster | Store] | None = None
) -> tuple[Collected, Ground]:
    """A night of a section with the source, and of another with a sound dump; gives the first's."""
    path.mkdir(exist_ok=True)
    (path / "sacct.txt").write_text(f"{HEADER}\n{RUN}\n", encoding="utf-8")
    sound = cluster(SACCT, name="sound", title="SOUND")
    if section is None:
        made = ground(path, cluster(source), sound)
    else:
        made = ground(path, sound, stores=(Store("nas", "NAS", sources=(source,)),))
    collected = {own.section: own for own in collect(made.opened, DAY, None, DAY.end_ms)}
    assert collected["sound"].landed("allocation") == 1
    assert not collected["sound"].failed
    return collected["hpc" if section is None else "nas"], made


def trouble(path: Path, source: SourceConfig) -> str:
    """What the one finding of the source says."""
    collected, _ = night(path, source)
    (finding,) = collected.findings
    assert (finding.kind, finding.severity, finding.subject) == (
        "source_unavailable",
        "fail",
        source.name,
    )
    assert collected.rows.get(source.record, 0) == 0
    return finding.detail


def server(url: str, **said: object) -> SourceConfig:
    options = Prometheus(**said)  # type: ignore[arg-type]
    endpoint = Endpoint(url, timeout_s=5)
    return SourceConfig("metrics", "prometheus", "sample", "dcgm", endpoint=endpoint,
                        options=options)  # fmt: skip


def matrix(*series: object) -> bytes:
    data = {"resultType": "matrix", "result": list(series)}
    return json.dumps({"status": "success", "data": data}).encode()


METRIC = {"__name__": "DCGM_FI_DEV_GPU_UTIL", "UUID": "gpu-1"}
NO_MATRIX = {
    "false for values": matrix({"metric": 2**32 - 1, "values": False}),
    "an instant of -2^63": matrix({"metric": METRIC, "values": [[-(2**63), "1"], [1, "NaN"]]}),
    "an instant of 1e300": matrix({"metric": METRIC, "values": [[1e300, "1"]]}),
    "a list of lists": matrix([[1, "1"]]),
    "a number for text": matrix({"metric": METRIC, "values": [[1, 1.5]]}),
    "half a letter": matrix({"metric": {**METRIC, "node": "\ud800"}, "values": [[1, "1"]]}),
    "a label that is a list": matrix({"metric": {"UUID": []}, "values": [[1, "1"]]}),
    "brackets without end": b"[" * 100_000,
    "objects without end": b'{"data":' * 100_000,
    "digits without end": b'{"status": ' + b"9" * 100_000 + b"}",
    "no letters": b"\xff\xfe\x00",
    "nothing": b"",
    "null": b"null",
}


@pytest.mark.parametrize("body", NO_MATRIX.values(), ids=NO_MATRIX)
def test_an_answer_that_is_no_matrix(tmp_path: Path, body: bytes) -> None:
    with replaying(lambda _: (200, body)) as replay:
        detail = trouble(tmp_path, server(replay.url))
        assert replay.url in detail
        assert "gives no answer of Prometheus" in detail


NO_EXPORT = {
    "numbers for lists": b'{"metric": {"a": 1e-300}, "values": 4294967295, "timestamps": -0.0}',
    "a text for a series": b'"9999-12-31T23:59:59Z"',
    "an instant of 1e30": (
        b'{"metric": {"__name__": "a"}, "values": [false, 2], "timestamps": [0, "1e30"]}'
    ),
    "a number for labels": b'{"metric": 1759300000, "values": [1], "timestamps": [0]}',
    "more values than instants": b'{"metric": {}, "values": [1, 2], "timestamps": [0]}',
    "truth for places": b'{"metric": {}, "values": false, "timestamps": true}',
}


@pytest.mark.parametrize("body", NO_EXPORT.values(), ids=NO_EXPORT)
def test_an_answer_that_is_no_export(tmp_path: Path, body: bytes) -> None:
    with replaying(lambda _: (200, body)) as replay:
        detail = trouble(tmp_path, server(replay.url, flavour="victoriametrics"))
        assert "gives no export of series" in detail


def test_an_answer_of_remote_read_that_would_unpack_to_more_than_it_may(tmp_path: Path) -> None:
    claimed = b"\xff\xff\xff\xff\x0f" + b"\0" * 20  # snappy: four gigabytes to come
    with replaying(lambda _: (200, claimed)) as replay:
        assert "more than 256 MiB" in trouble(tmp_path, server(replay.url, remote_read=True))


def test_a_server_that_floods_or_drips_ends_within_its_limits(tmp_path: Path) -> None:
    with talking(answering("200 OK", lambda: endless(b"x" * 65_536))) as url:
        source = server(url)
        small = SourceConfig(
            source.name, source.kind, source.record, source.family, endpoint=source.endpoint,
            options=source.options, limits=Limits(size_bytes=1024),
        )  # fmt: skip
        assert "more than 1 MiB" in trouble(tmp_path / "flood", small)
    with talking(answering("200 OK", lambda: endless(b"x"))) as url:
        source = server(url)
        short = SourceConfig(
            source.name, source.kind, source.record, source.family, endpoint=source.endpoint,
            options=source.options, limits=Limits(time_ms=1000, size_bytes=2**50),
        )  # fmt: skip
        assert "took more than 1 s in all" in trouble(tmp_path / "drip", short)


def test_a_refusal_in_letters_that_nobody_knows(tmp_path: Path) -> None:
    head = "403 Forbidden\r\nContent-Type: text/html; charset=rot13"
    with talking(answering(head, lambda: iter([b"no"]))) as url:
        assert "refuses: status 403: no" in trouble(tmp_path, server(url))


def test_an_address_with_an_empty_part(tmp_path: Path) -> None:
    assert "http://a..b" in trouble(tmp_path, server("http://a..b/"))


def test_a_list_of_pools_that_is_a_number_is_one_refused_row(tmp_path: Path) -> None:
    name = f"pools-{MIDNIGHT}.json"
    source = SourceConfig("pools", "storage", "reading", paths=(name,), options=CEPH)
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b'{"pools": 1}')
    collected, _ = night(tmp_path, source, Store)
    (finding,) = collected.findings
    assert finding.kind == "source_unavailable"  # one bad row of one
    assert f"{name}:1: has no list of pools" in finding.detail


def test_a_suspension_of_more_than_64_bits_is_one_refused_row(tmp_path: Path) -> None:
    time = {"submission": 1761923340, "start": 1761923400, "end": 1761927000, "suspended": 2**63}
    gres = [{"type": "gres", "name": "gpu", "count": 4}]
    own = {"job_id": 7, "account": "lab", "state": {"current": ["COMPLETED"]}, "time": time}
    plugin = {"type": "openapi/slurmdbd", "data_parser": "data_parser/v0.0.44"}
    document = {"jobs": [{**own, "tres": {"allocated": gres}}], "meta": {"plugin": plugin}}
    (tmp_path / "jobs.json").write_text(json.dumps(document), encoding="utf-8")
    detail = trouble(tmp_path, SourceConfig("jobs", "slurm", "allocation", paths=("jobs.json",)))
    assert "jobs.json:jobs[0]: was suspended for the impossible 9223372036854775808 s" in detail


UNFORESEEN = (
    KeyError("end"), RecursionError("deep"), MemoryError(), UnicodeDecodeError("x", b"", 0, 1, "r"),
    ZeroDivisionError("division"), AssertionError("promise"), OSError(5, "disk"),
    StopIteration("early"), AttributeError("\ud800\x1b[31m\0"),
)  # fmt: skip


@pytest.mark.parametrize("error", UNFORESEEN, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("late", [False, True], ids=["at once", "after a batch"])
def test_what_nobody_foresaw_is_told_with_its_place_and_lands_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, late: bool
) -> None:
    read = slurm.read

    def broken(source: SourceConfig, *rest: object) -> Iterator[object]:
        if source.name == "sacct":
            yield from read(source, *rest)  # type: ignore[arg-type]
            return
        if late:
            yield from read(source, *rest)  # type: ignore[arg-type]
        raise error

    monkeypatch.setattr(slurm, "read", broken)
    source = SourceConfig("broken", "slurm", "allocation", paths=("sacct.txt",))
    collected, made = night(tmp_path, source)
    (finding,) = collected.findings
    assert (finding.kind, finding.subject) == ("source_unavailable", "broken")
    assert finding.detail.isprintable()
    assert made.lake.read("allocation", cluster="hpc").num_rows == 0


def test_a_lost_lake_is_told_as_that_and_not_as_a_source(tmp_path: Path) -> None:
    (tmp_path / "sacct.txt").write_text(f"{HEADER}\n{RUN}\n", encoding="utf-8")
    made = ground(tmp_path, cluster(SACCT))
    (tmp_path / "lake").write_text("a file where a folder was", encoding="utf-8")
    with pytest.raises(StoreError, match=r"lake .* cannot be written"):
        collect(made.opened, DAY, None, DAY.end_ms)


def test_a_damaged_database_is_told_as_that(tmp_path: Path) -> None:
    made = ground(tmp_path, cluster(SACCT))
    made.opened.database.close()
    for other in tmp_path.glob("site.db*"):
        other.unlink()
    (tmp_path / "site.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 8192)
    with pytest.raises(
        DatabaseError, match=r"database sqlite:.*; nothing was changed: see that it"
    ):
        open_database(f"sqlite:///{tmp_path / 'site.db'}")
    (tmp_path / "site.db").write_text("no database at all" * 100, encoding="utf-8")
    with pytest.raises(DatabaseError, match="nothing was changed"):
        open_database(f"sqlite:///{tmp_path / 'site.db'}")
