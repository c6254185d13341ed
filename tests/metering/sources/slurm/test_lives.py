"""What becomes of a run in the accounting: resized, revoked, lost by its controller."""

import gzip
from pathlib import Path

import pytest

from metering.calendar import Period
from metering.settings.source_options.slurm import SlurmOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.reading.batch import Batch
from metering.sources.slurm import source
from tests.builders.sites.metering_site import CALENDAR, cluster, ground
from tests.metering.sources.slurm.test_sacct_json import document, dump, job
from tests.metering.sources.slurm.test_sacct_text import NOON, line, runs

LIST = "ID|Name|Partition|Cluster|State|TimeSubmit|TimeStart|TimeEnd"
LOST = "7|train|gpu|hpc|RUNNING|2026-07-01T11:00:00|2026-07-01T12:00:00|Unknown"
OPEN = line(state="RUNNING", end="Unknown")
NOTICE = "NOTE: Runaway jobs are jobs that don't exist in the controller but have a start time"
ASKED = "\nWould you like to fix these runaway jobs now?"


def read(path: Path, window: Period, name: str = "", **texts: str | bytes) -> list[Batch]:
    """The batches of a source over files of these names, packed where they are bytes."""
    for title, text in texts.items():
        packed = isinstance(text, bytes)
        file = path / f"{title}.in{'.gz' if packed else ''}"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    options = SlurmOptions(slurm_cluster=name)
    own = SourceConfig("sacct", "slurm", "allocation", paths=("*.in*",), options=options)
    site = ground(path, cluster(own)).opened.site
    return list(source.read(own, site.clusters[0], site, window))


DAY = Period(NOON, NOON + 86_400_000)


@pytest.mark.parametrize(
    "text",
    [
        f"{LIST}\n{LOST}\n",
        f"{NOTICE}\n{LIST}\n{LOST}\n{ASKED} (You can avoid this prompt)\n",
        gzip.compress(f"{LIST}\n{LOST}\n".encode()),
    ],
)
def test_a_run_that_no_controller_knows_is_told_and_not_billed_to_now(
    text: str | bytes, tmp_path: Path
) -> None:
    listed, dumped = read(tmp_path, DAY, a=f"{OPEN}\n{line(jobidraw='8')}", z=text)
    assert listed.skipped == {"runaway_list": 1}
    assert dumped.table["allocation_id"].to_pylist() == ["8"]
    assert (dumped.skipped, dumped.quarantined, listed.quarantined) == ({"runaway_job": 1}, (), ())
    ((note),) = dumped.notes
    assert (note.severity, note.kind, str(note.day)) == ("fail", "runaway_job", "2026-07-01")
    assert "작업 1건(7)" in note.detail


@pytest.mark.parametrize(
    "row",
    [
        line(),  # its end was mended
        line(state="RUNNING", end="Unknown", submit="2026-07-01T11:00:01"),  # another run of it
        line(state="RUNNING", end="Unknown", start="2026-07-01T12:00:01"),
        line(state="RUNNING", end="Unknown", jobidraw="70"),
    ],
)
def test_another_run_than_the_one_listed_is_taken(row: str, tmp_path: Path) -> None:
    _, dumped = read(tmp_path, DAY, a=row, z=f"{LIST}\n{LOST}\n")
    assert (dumped.table.num_rows, dumped.notes) == (1, ())


def test_a_list_of_none_and_one_of_another_cluster_take_nothing_away(tmp_path: Path) -> None:
    none = "Runaway Jobs: No runaway jobs found on cluster hpc\n"
    *_, dumped = read(tmp_path, DAY, a=OPEN, z=none)
    assert dumped.table.num_rows == 1
    other, dumped = read(
        tmp_path, DAY, "hpc", a=OPEN, z=f"{LIST}\n{LOST.replace('|hpc|', '|hpc-old|')}\n"
    )
    assert (other.skipped, dumped.table.num_rows) == ({"other_cluster": 1}, 1)


def test_a_row_of_a_list_that_cannot_be_is_refused_with_its_place(tmp_path: Path) -> None:
    broken = LOST.replace("2026-07-01T12", "2026-17-01T12")
    listed, dumped = read(tmp_path, DAY, a=OPEN, z=f"{LIST}\n{broken}\n7|more\n")
    assert [row.place for row in listed.quarantined] == ["z.in:2", "z.in:3"]
    assert (listed.rows_read, listed.skipped, dumped.table.num_rows) == (2, {}, 1)


def test_a_run_that_another_cluster_of_a_federation_ran_held_nothing_here() -> None:
    assert runs(line(state="REVOKED")) == []
    assert runs(line(state="REVOKED", start="Unknown")) == []
    batch = dump(document(job(state={"current": ["PENDING", "REVOKED"]})))
    assert (batch.table.num_rows, batch.skipped) == (0, {"not_started": 1})


def test_each_size_of_a_run_is_a_row_of_its_own() -> None:
    later = {"submit": "2026-07-01T13:00:00", "start": "2026-07-01T13:00:00"}
    pieces = runs(
        line(state="RESIZING", alloctres="gres/gpu:h100=4"),
        line(alloctres="gres/gpu:h100=2", end="2026-07-01T15:00:00", **later),
    )
    held = [
        int(str(run["quantity_milli"])) * (int(str(run["ended_ms"])) - int(str(run["started_ms"])))
        for run in pieces
    ]
    assert held == [4000 * 3_600_000, 2000 * 7_200_000]


@pytest.mark.shared_data
def test_the_lives_of_a_dump_come_to_what_each_held(formats2: Path, tmp_path: Path) -> None:
    texts = {
        name: (formats2 / f"sacct{name}.psv").read_text() for name in ("_lives", "mgr_runaway")
    }
    window = Period(0, CALENDAR.instant("2026-11-30T00:00:00Z"))
    listed, dumped = read(tmp_path, window, "hpc", **texts)
    milli_ms: dict[str, int] = {}
    for run in dumped.table.to_pylist():
        held = run["quantity_milli"] * (run["ended_ms"] - run["started_ms"])
        milli_ms[run["allocation_id"]] = milli_ms.get(run["allocation_id"], 0) + held
    assert {name: held / 3_600_000_000 for name, held in milli_ms.items()} == {
        "601": 8, "602": 1, "603": 2, "604": 9.5, "608": 1,
    }  # fmt: skip
    assert dumped.skipped == {"runaway_job": 1, "no_time": 1, "not_started": 1}
    assert [(note.severity, note.kind) for note in dumped.notes] == [("fail", "runaway_job")]
    assert listed.skipped == {"runaway_list": 1}


@pytest.mark.shared_data
def test_shared_devices_of_a_dump_are_the_fractions_that_they_are(formats2: Path) -> None:
    options = SlurmOptions(
        shards={"gpu10": 64},
        mps={"gpu11": 200},
        gres_models={
            "nvidia_h100_80gb_hbm3": "h100",
            "nvidia_a100_3g.20gb": "a100.mig-3g.20gb",
        },
    )
    hpc = cluster(node_models={"gpu11": "h100"}, gpu_partitions=("share",))
    raw = (formats2 / "sacct_shared_gres.psv").read_bytes()
    batch = source.parse(raw, "sacct.psv", hpc, CALENDAR, None, options)
    assert [
        (run["allocation_id"], run["model"], run["quantity_milli"] * 2)
        for run in batch.table.to_pylist()
    ] == [("501", "h100", 500), ("502", "h100", 500), ("503", "a100.mig-3g.20gb", 2000)]
    assert batch.skipped == {"no_gres": 1, "no_device": 1}
    assert [(note.severity, note.kind, note.subject) for note in batch.notes] == [
        ("fail", "no_gres", "share")
    ]
