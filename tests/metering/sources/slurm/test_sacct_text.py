"""The text of sacct: which lines are runs, what they hold, and what is refused where."""

import gzip
from pathlib import Path

import pytest

from metering.calendar import Calendar, Period
from metering.errors import SourceError
from metering.settings.sections import Cluster
from metering.settings.site_toml import Issuer, Site
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.read import read
from metering.sources.reading.accelerator_models import expanded
from metering.sources.reading.batch import Batch
from metering.sources.slurm.sacct_text import COMMAND, ORDER
from metering.sources.slurm.source import parse

CALENDAR = Calendar("Asia/Seoul")
GPU_1 = "cpu=12,gres/gpu:h100=1,gres/gpu=1,node=1"
NOON = CALENDAR.instant("2026-07-01T12:00:00Z")
PLAIN = {
    "jobidraw": "7", "jobid": "7", "cluster": "hpc", "account": "acc", "user": "u",
    "partition": "gpu", "qos": "normal", "state": "COMPLETED", "submit": "2026-07-01T11:00:00",
    "eligible": "2026-07-01T11:00:00", "start": "2026-07-01T12:00:00",
    "end": "2026-07-01T13:00:00", "elapsedraw": "3600", "suspended": "00:00:00", "exitcode": "0:0",
    "alloctres": GPU_1, "consumedenergyraw": "0", "restarts": "0", "nodelist": "n1",
    "jobname": "train",
}  # fmt: skip
RUN = {
    "allocation_id": "7", "source": "slurm", "workload": "7", "account": "acc", "user": "u",
    "partition": "gpu", "resource": "gpu", "model": "h100", "quantity_milli": 1000,
    "submitted_ms": NOON - 3_600_000, "started_ms": NOON, "ended_ms": NOON + 3_600_000,
    "suspended_ms": 0, "state": "COMPLETED", "node": "n1",
}  # fmt: skip


def line(**fields: str) -> str:
    return "|".join((PLAIN | fields)[name] for name in ORDER.split())


def dump(text: str | bytes, cluster: Cluster | None = None, window: Period | None = None) -> Batch:
    raw = text.encode() if isinstance(text, str) else text
    return parse(raw, "sacct.psv", cluster or Cluster("hpc"), CALENDAR, window)


def runs(*lines: str, cluster: Cluster | None = None) -> list[dict[str, object]]:
    batch = dump("\n".join(lines), cluster)
    assert batch.quarantined == ()
    return batch.table.to_pylist()


def refusals(*lines: str) -> list[tuple[str, str]]:
    batch = dump("\n".join(lines))
    assert batch.table.num_rows == 0
    return [(one.place, one.reason) for one in batch.quarantined]


def test_a_line_without_header_is_read_in_the_documented_order() -> None:
    assert runs(line()) == [RUN]


def test_a_header_says_which_column_is_which() -> None:
    header = "JobID|Account|AllocTRES|Submit|Start|End|State"
    row = f"9|acc|{GPU_1}|2026-07-01T11:00:00|2026-07-01T12:00:00|2026-07-01T13:00:00|TIMEOUT"
    named = {"allocation_id": "9", "workload": "9", "state": "TIMEOUT"}
    missing = {"user": "", "partition": "", "node": ""}
    assert runs(header, row) == [RUN | named | missing]


def test_other_delimiters_and_a_trailing_one_are_read_from_the_header() -> None:
    header = "JobIDRaw|#Account|#AllocTRES|#Submit|#Start|#End|#State"
    row = "9|#acc|#gres/gpu:h100=1|#2026-07-01T11:00:00|#2026-07-01T12:00:00|#Unknown|#RUNNING"
    assert [run["ended_ms"] for run in runs(header, row)] == [None]
    header = "JobIDRaw|Account|AllocTRES|Submit|Start|End|State|"
    row = "9|acc|gres/gpu:h100=1|2026-07-01T11:00:00|2026-07-01T12:00:00|Unknown|RUNNING|"
    assert [run["allocation_id"] for run in runs(header, row)] == ["9"]


def test_a_job_name_may_hold_the_delimiter_and_any_letters() -> None:
    assert runs(line(jobname="학습 | a|b")) == [RUN]


def test_lines_may_end_in_carriage_returns_and_blank_lines_are_none() -> None:
    batch = dump(f"{line()}\r\n\r\n\n{line(jobidraw='8')}\r\n")
    assert (batch.rows_read, batch.table.num_rows) == (2, 2)


@pytest.mark.parametrize("start", ["Unknown", "None", ""])
def test_a_run_that_never_started_is_no_row(start: str) -> None:
    batch = dump(line(start=start, state="CANCELLED by 102216"))
    assert (batch.table.num_rows, batch.quarantined, batch.skipped) == (0, (), {"not_started": 1})


def test_a_pending_job_is_no_row_whatever_its_start_says() -> None:
    assert dump(line(state="PENDING")).skipped == {"not_started": 1}


def test_a_cancelled_job_is_cancelled_whoever_did_it() -> None:
    assert runs(line(state="CANCELLED by 102216")) == [RUN | {"state": "CANCELLED"}]


@pytest.mark.parametrize(
    ("state", "end"),
    [
        ("RUNNING", "Unknown"),
        ("RUNNING", "2026-07-01T12:00:00"),
        ("SUSPENDED", "2026-07-01T13:00:00"),
        ("COMPLETING", "Unknown"),
    ],
)
def test_a_running_job_has_no_end_whatever_its_end_says(state: str, end: str) -> None:
    assert runs(line(state=state, end=end)) == [RUN | {"state": state, "ended_ms": None}]


def test_an_untyped_device_takes_its_model_from_its_nodes_else_from_its_partition() -> None:
    cluster = Cluster(
        "hpc",
        partition_models={"gpu": "h100"},
        node_models={"a01": "a100", "a02": "a100", "h01": "h200"},
    )
    untyped = {"alloctres": "gres/gpu=2"}

    def model(**fields: str) -> object:
        (run,) = runs(line(**untyped, **fields), cluster=cluster)
        return run["model"]

    assert model(nodelist="a[01-02]") == "a100"
    assert model(nodelist="h01") == "h200"
    assert model(nodelist="a01,h01") == "h100"
    assert model(nodelist="None assigned") == "h100"
    assert model(nodelist="z9", partition="other") == ""


def test_a_host_list_is_expanded() -> None:
    assert list(expanded("d[03,05,07-08]s[1-2],x,y01")) == [
        "d03s1", "d03s2", "d05s1", "d05s2", "d07s1", "d07s2", "d08s1", "d08s2", "x", "y01",
    ]  # fmt: skip


def test_each_run_of_a_requeued_job_is_a_row_of_its_own() -> None:
    first = line(state="REQUEUED")
    again = line(submit="2026-07-01T13:00:00", start="2026-07-01T13:05:00", end="Unknown",
                 state="RUNNING")  # fmt: skip
    assert [(run["submitted_ms"], run["started_ms"]) for run in runs(first, again)] == [
        (NOON - 3_600_000, NOON),
        (NOON + 3_600_000, NOON + 3_900_000),
    ]


def test_a_task_of_an_array_goes_by_its_own_number() -> None:
    assert runs(line(jobidraw="103", jobid="100_[3]"))[0]["allocation_id"] == "103"


@pytest.mark.parametrize("step", ["7.batch", "7.extern", "7.0", "7_3.batch"])
def test_steps_are_counted_and_not_taken(step: str) -> None:
    batch = dump(f"{line()}\n{line(jobidraw=step, jobid=step)}")
    assert (batch.table.num_rows, batch.skipped) == (1, {"step": 1})


@pytest.mark.parametrize(
    ("text", "ms"),
    [("00:00:00", 0), ("", 0), ("00:01:30", 90_000), ("2-03:00:01", 183_601_000),
     ("05:07.250", 307_250)],
)  # fmt: skip
def test_suspended_time_is_read_in_ms(text: str, ms: int) -> None:
    assert runs(line(suspended=text))[0]["suspended_ms"] == ms


def test_jobs_without_devices_or_without_time_are_counted_and_not_taken() -> None:
    batch = dump(f"{line(alloctres='cpu=4')}\n{line(end=PLAIN['start'])}")
    assert (batch.table.num_rows, batch.skipped) == (0, {"no_device": 1, "no_time": 1})


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"state": "SLEEPING"}, "job '7' in an unknown state 'SLEEPING'"),
        ({"jobidraw": "", "jobid": ""}, "job '' in an unknown state 'COMPLETED'"),
        ({"end": "2026-07-01T11:59:59"},
         "ends 2026-07-01T20:59:59+09:00 before it starts 2026-07-01T21:00:00+09:00"),
        ({"end": "2100-01-01T00:00:00"}, "has the impossible instant 2100-01-01T00:00:00"),
        ({"submit": "1999-12-31T23:59:59"}, "has the impossible instant 1999-12-31T23:59:59"),
        ({"suspended": "999999-00:00:00"}, "Suspended '999999-00:00:00' is no [D-]HH:MM:SS"),
        ({"suspended": "INVALID"}, "Suspended 'INVALID' is no [D-]HH:MM:SS"),
        ({"account": " "}, "has no account"),
        ({"account": "a\u202eb"},
         "'a\\u202eb': character 2 (U+202E) cannot be printed; remove it"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_is_refused_with_its_place(
    fields: dict[str, str], reason: str
) -> None:
    assert refusals("", line(**fields)) == [("sacct.psv:2", reason)]


def test_times_that_are_none_are_refused() -> None:
    ((place, reason),) = refusals(line(start="yesterday"))
    assert (place, reason.split(":")[0]) == ("sacct.psv:1", "'yesterday' is no instant")


def test_broken_lines_and_bytes_that_are_no_text_cost_only_themselves() -> None:
    raw = b"\n".join([line().encode(), b"7|half a", b"\xff\xfe|x", line(jobidraw="8").encode()])
    batch = dump(raw)
    assert [run["allocation_id"] for run in batch.table.to_pylist()] == ["7", "8"]
    assert [(one.place, one.reason, one.text) for one in batch.quarantined] == [
        ("sacct.psv:2", "has 2 fields instead of 20", "7|half a"),
        ("sacct.psv:3", "has 2 fields instead of 20", "\\xff\\xfe|x"),
    ]
    assert batch.rows_read == 4


@pytest.mark.parametrize("cut", ["|normal|", "|0:0|", "|0|"])
def test_a_line_that_a_field_broke_is_put_together(cut: str) -> None:
    start, end = line().split(cut, 1)
    broken = f"{line(jobidraw='6')}\n{start}{cut[:-1]}\nof a comment{cut[-1]}{end}\n"
    batch = dump(f"{broken}{line(jobidraw='8')}")
    assert batch.table["allocation_id"].to_pylist() == ["6", "7", "8"]
    assert (batch.rows_read, batch.quarantined) == (3, ())


def test_a_break_in_a_field_that_is_used_is_refused() -> None:
    start, end = line().split("|acc|", 1)
    ((place, reason),) = refusals(f"{start}|a", f"cc|{end}")
    assert (place, reason) == (
        "sacct.psv:1",
        "'a\\ncc': character 2 (U+000A) cannot be printed; remove it",
    )


def test_lines_are_put_together_only_where_they_have_exactly_the_fields_of_one() -> None:
    start, end = line().split("|normal|", 1)
    more = [f"{start}|norm", "al|x|", f"{end}"]
    batch = dump("\n".join([line(jobidraw="1"), "rest of a name", *more, line(jobidraw="9")]))
    assert batch.table["allocation_id"].to_pylist() == ["1", "9"]
    assert [one.place for one in batch.quarantined] == [f"sacct.psv:{n}" for n in (2, 3, 4, 5)]


def test_a_row_is_lost_to_bytes_that_are_no_text_only_where_it_needs_them() -> None:
    raw = line(jobname="train?").encode().replace(b"train?", b"tr\xe9in")
    assert dump(raw).table.to_pylist() == [RUN]
    batch = dump(line(account="b?").encode().replace(b"|b?|", b"|b\xe9|"))
    assert [(one.place, one.reason) for one in batch.quarantined] == [
        ("sacct.psv:1", "its account is no UTF-8")
    ]
    assert "|b\\xe9|" in batch.quarantined[0].text


def test_a_header_that_lacks_the_job_says_how_to_take_it() -> None:
    batch = dump(f"Account|AllocTRES|Submit|Start|End|State\nacc|{GPU_1}|a|b|c|COMPLETED")
    assert [row.reason for row in batch.quarantined] == [
        f"its header has no jobidraw; take `{COMMAND}`"
    ]
    assert COMMAND.startswith("TZ=UTC ")
    assert COMMAND.endswith(ORDER.replace(" ", ","))


def test_a_header_that_lacks_what_a_bill_needs_refuses_every_row() -> None:
    batch = dump("JobID|State|Start|End\n7|COMPLETED|2026-07-01T12:00:00|2026-07-01T13:00:00")
    assert [(one.place, one.reason) for one in batch.quarantined] == [
        ("sacct.psv:2", f"its header has no account, submit, alloctres; take `{COMMAND}`")
    ]


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "inside"),
    [
        (NOON + 3_600_000, NOON + 7_200_000, False),  # begins when the run ends
        (NOON + 3_599_999, NOON + 7_200_000, True),
        (NOON - 3_600_000, NOON, False),  # ends when the run begins
        (NOON - 3_600_000, NOON + 1, True),
    ],
)
def test_runs_that_touch_the_window_come_whole(start_ms: int, end_ms: int, inside: bool) -> None:
    batch = dump(line(), window=Period(start_ms, end_ms))
    assert batch.table.to_pylist() == ([RUN] if inside else [])
    assert batch.skipped == ({} if inside else {"outside_window": 1})


def test_a_running_job_touches_every_later_window() -> None:
    batch = dump(line(end="Unknown", state="RUNNING"), window=Period(NOON + 10**9, NOON + 10**9))
    assert batch.table.num_rows == 1


def site_with(directory: Path, *paths: str) -> tuple[SourceConfig, Site]:
    source = SourceConfig("sacct", "slurm", "allocation", paths=paths)
    cluster = Cluster("hpc", sources=(source,))
    site = Site(
        directory, "site", CALENDAR, "lake", "", "duckdb", "2026-07", Issuer(*[""] * 6),
        (cluster,), (), None, directory / "documents",
    )  # fmt: skip
    return source, site


def test_each_file_is_read_once_in_order_of_name_packed_or_not(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.psv").write_text(line(jobidraw="2"))
    (tmp_path / "in" / "a.psv.gz").write_bytes(gzip.compress(line(jobidraw="1").encode()))
    source, site = site_with(tmp_path, "in/*.psv*", "in/b.psv")
    batches = list(read(source, site.clusters[0], site, Period(NOON, NOON + 1)))
    assert [(batch.origin, batch.table["allocation_id"].to_pylist()) for batch in batches] == [
        ("in/a.psv.gz", ["1"]),
        ("in/b.psv", ["2"]),
    ]


def test_no_file_and_a_torn_file_are_errors_that_name_them(tmp_path: Path) -> None:
    source, site = site_with(tmp_path, "*.psv.gz")
    with pytest.raises(SourceError, match=r"source sacct: no file matches \*\.psv\.gz"):
        list(read(source, site.clusters[0], site, Period(NOON, NOON + 1)))
    (tmp_path / "torn.psv.gz").write_bytes(gzip.compress(line().encode() * 99)[:-9])
    with pytest.raises(SourceError, match=r"torn\.psv\.gz: cannot be read"):
        list(read(source, site.clusters[0], site, Period(NOON, NOON + 1)))


GCM_ROWS = {  # rows read, runs, steps, quarantined
    "sample-sacct-fake-line-break-expected.txt": (4, 2, 2, 0),
    "sample-sacct-fake-line-break.txt": (4, 2, 2, 0),
    "sample-sacct-multiple-multiline-expected.txt": (6, 4, 2, 0),
    "sample-sacct-multiple-multiline.txt": (6, 4, 2, 0),
    "sample-sacct-one-multiline-expected.txt": (4, 2, 2, 0),
    "sample-sacct-one-multiline.txt": (4, 2, 2, 0),
    "sample-sacct-output-invalid-utf8.txt": (11, 2, 9, 0),
    "sample-sacct-output-midnight-edge-case.txt": (1186, 0, 880, 306),
    "sample-sacct-output.txt": (68, 0, 68, 0),
    "sample-sacct-running-output-large.txt.gz": (5040, 0, 5040, 0),
    "sample-sacct-running-output.txt": (10, 0, 10, 0),
}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", GCM_ROWS)
def test_the_odd_dumps_of_a_real_cluster_lose_no_line(name: str, traces: Path) -> None:
    raw = (traces / "meta-gcm-sacct-fixtures" / name).read_bytes()
    batch = dump(gzip.decompress(raw) if name.endswith(".gz") else raw)
    steps = batch.skipped.get("step", 0)
    jobs = batch.table.num_rows  # each has one kind of device
    assert (batch.rows_read, jobs, steps, len(batch.quarantined)) == GCM_ROWS[name]
    assert jobs + sum(batch.skipped.values()) + len(batch.quarantined) == batch.rows_read
    assert all(one.place.startswith("sacct.psv:") for one in batch.quarantined)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["fake-line-break", "multiple-multiline", "one-multiline"])
def test_a_real_dump_with_broken_lines_reads_like_its_repair(name: str, traces: Path) -> None:
    fixtures = traces / "meta-gcm-sacct-fixtures"
    broken, repaired = (
        dump((fixtures / f"sample-sacct-{name}{ending}.txt").read_bytes())
        for ending in ("", "-expected")
    )
    assert broken.table.num_rows > 0
    assert broken.table.equals(repaired.table)


@pytest.mark.shared_data
def test_dumps_in_other_orders_of_columns_are_refused_line_by_line(formats: Path) -> None:
    for path in sorted(formats.glob("sacct*.psv")):
        batch = dump(path.read_bytes())
        assert (batch.table.num_rows, len(batch.quarantined)) == (0, batch.rows_read)
