"""Whose rows a dump has: other clusters' are left out, and who is not named stops the source."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from metering.calendar import Period
from metering.settings.sections import Cluster
from metering.settings.source_options.declared_source import Record
from metering.settings.source_options.slurm import SlurmOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.reading.batch import Batch
from metering.sources.slurm import source
from metering.sources.slurm.cluster_names import name_of
from tests.builders.sites.metering_site import cluster, ground
from tests.metering.sources.slurm import test_node_events, test_sacct_json, test_sreport
from tests.metering.sources.slurm.test_sacct_text import NOON, line

EVER = Period(0, NOON * 2)
OLD = {"cluster": "hpc-old", "jobidraw": "8"}
JSON = test_sacct_json
EVENT = test_node_events.DOWN
REPORT = test_sreport.bars("hpc|gres/gpu|5|0|0|0|0|5", "hpc-old|gres/gpu|7|0|0|0|0|7")
TEXTS: Mapping[Record, bytes] = {
    "allocation": f"{line()}\n{line(**OLD)}\n{line(**OLD, alloctres='cpu=1')}\n".encode(),
    "node_state": "\n".join(
        [test_node_events.HEADER, EVENT, EVENT.replace("hpc|n1", "hpc-old|n2")]
    ).encode(),
    "control_total": REPORT.encode(),
}


def reads(tmp_path: Path, record: Record, name: str, *texts: bytes) -> list[Batch]:
    """The batches of a source over these files, in order."""
    for number, raw in enumerate(texts):
        (tmp_path / f"{number}.in").write_bytes(raw)
    own = SourceConfig(
        "dump", "slurm", record, paths=("*.in",), options=SlurmOptions(slurm_cluster=name)
    )
    site = ground(tmp_path, cluster(own)).opened.site
    return list(source.read(own, site.clusters[0], site, EVER))


@pytest.mark.parametrize("record", TEXTS)
def test_rows_of_another_cluster_are_left_out_and_counted(record: Record, tmp_path: Path) -> None:
    (batch,) = reads(tmp_path, record, "hpc", TEXTS[record])
    others = 2 if record == "allocation" else 1
    assert (batch.table.num_rows, batch.skipped) == (1, {"other_cluster": others})
    assert (batch.quarantined, batch.notes) == ((), ())
    assert batch.rows_read == 1 + others


@pytest.mark.parametrize("record", TEXTS)
def test_of_several_clusters_nothing_is_taken_until_ours_is_named(
    record: Record, tmp_path: Path
) -> None:
    (batch,) = reads(tmp_path, record, "", TEXTS[record])
    assert batch.table.num_rows == 0
    rows = 3 if record == "allocation" else 2
    assert batch.rows_read == sum(batch.skipped.values()) == rows
    ((note),) = batch.notes
    assert (note.severity, note.kind, note.subject) == ("fail", "several_clusters", "dump")
    assert "(hpc, hpc-old)" in note.detail
    assert 'slurm_cluster = "hpc"' in note.detail


def test_several_clusters_in_several_files_are_several_too(tmp_path: Path) -> None:
    texts = [line().encode(), line(**OLD).encode()]
    first, second = reads(tmp_path, "allocation", "", *texts)
    assert first.table.num_rows == second.table.num_rows == 0
    assert [note.kind for note in first.notes] == ["several_clusters"]
    assert first.notes == second.notes
    ours, theirs = reads(tmp_path, "allocation", "hpc", *texts)
    assert (ours.table.num_rows, theirs.skipped) == (1, {"other_cluster": 1})


@pytest.mark.parametrize("record", TEXTS)
def test_the_rows_of_a_single_name_are_taken_where_nothing_is_said(
    record: Record, tmp_path: Path
) -> None:
    raw = TEXTS[record].replace(b"hpc-old", b"hpc").replace(b"hpc|gres/gpu|7", b"hpc|gres/npu|7")
    (batch,) = reads(tmp_path, record, "", raw)
    assert (batch.table.num_rows, batch.notes) == (2, ())


@pytest.mark.parametrize("name", ["hpc", "HPC"])
def test_slurm_writes_a_name_in_small_letters_whatever_it_was_given(
    name: str, tmp_path: Path
) -> None:
    (batch,) = reads(tmp_path, "allocation", name, TEXTS["allocation"])
    assert (batch.table.num_rows, batch.notes) == (1, ())


@pytest.mark.parametrize(
    ("record", "kinds"),
    [
        ("allocation", ["cluster_not_seen"]),
        ("control_total", ["cluster_not_seen"]),
        ("node_state", []),  # of ours there may be none
    ],
)
def test_a_name_that_no_row_has_stops(record: Record, kinds: list[str], tmp_path: Path) -> None:
    (batch,) = reads(tmp_path, record, "hcp", TEXTS[record])
    assert (batch.table.num_rows, [note.kind for note in batch.notes]) == (0, kinds)
    assert all(note.severity == "fail" and "(hpc, hpc-old)" in note.detail for note in batch.notes)


def test_an_input_of_no_rows_says_nothing_of_clusters(tmp_path: Path) -> None:
    (batch,) = reads(tmp_path, "allocation", "hpc", b"")
    assert (batch.rows_read, batch.notes) == (0, ())


def test_a_document_goes_by_the_cluster_of_each_job_and_not_by_who_was_asked(
    tmp_path: Path,
) -> None:
    document = orjson.loads(
        JSON.document(JSON.job(cluster="hpc"), JSON.job(cluster="hpc-old", job_id=8))
    )
    document["meta"]["slurm"] = {"cluster": "hpc-old"}
    raw = orjson.dumps(document)
    (batch,) = reads(tmp_path, "allocation", "hpc", raw)
    assert batch.table["allocation_id"].to_pylist() == ["7"]
    assert batch.skipped == {"other_cluster": 1}
    (batch,) = reads(tmp_path, "allocation", "", raw)
    assert [note.kind for note in batch.notes] == ["several_clusters"]


def test_a_row_that_names_no_cluster_is_refused_where_ours_is_named(tmp_path: Path) -> None:
    header = "NodeName|TimeStart|TimeEnd|State|Reason"
    raw = f"{header}\nn1|2026-07-01T12:00:00|Unknown|DOWN|fan\n".encode()
    (batch,) = reads(tmp_path, "node_state", "hpc", raw)
    assert [row.reason for row in batch.quarantined] == [
        "names no cluster, and slurm_cluster is 'hpc': take the column Cluster"
    ]
    (batch,) = reads(tmp_path, "node_state", "", raw)
    assert batch.table.num_rows == 1


@pytest.mark.parametrize(
    ("name", "skipped", "refused"),
    [("hpc-seoul-1", {}, 1), ("hpc-busan-1", {"other_cluster": 1}, 0)],
)
def test_a_name_that_is_cut_off_is_no_word_for_ours(
    name: str, skipped: Mapping[str, int], refused: int, tmp_path: Path
) -> None:
    raw = test_sreport.bars("hpc-seou+|gres/gpu|5|0|0|0|0|5").encode()
    (batch,) = reads(tmp_path, "control_total", name, raw)
    assert (batch.skipped, len(batch.quarantined)) == (skipped, refused)


def test_one_report_has_a_resource_once() -> None:
    twice = test_sreport.dump(
        test_sreport.bars("hpc|gres/gpu|5|0|0|0|0|5", "hpc|gres/gpu|7|0|0|0|0|7")
    )
    assert twice.table["allocated"].to_pylist() == [5000]
    assert [row.reason for row in twice.quarantined] == ["its report has gres/gpu twice"]


def test_the_name_that_one_source_says_holds_for_those_that_say_none() -> None:
    silent = SourceConfig("events", "slurm", "node_state", options=SlurmOptions())
    named = replace(silent, name="sacct", options=SlurmOptions(slurm_cluster="hpc"))
    other = replace(silent, name="old", options=SlurmOptions(slurm_cluster="hpc-old"))
    assert name_of(silent, Cluster("c", sources=(silent, named))) == "hpc"
    assert name_of(silent, Cluster("c", sources=(silent,))) == ""
    two = Cluster("c", sources=(silent, named, other))
    assert [name_of(each, two) for each in two.sources] == ["", "hpc", "hpc-old"]


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["sacct_two_clusters.psv", "slurmdb_two_clusters.json"])
def test_one_job_id_in_two_clusters_is_one_run_of_ours(
    name: str, formats2: Path, tmp_path: Path
) -> None:
    raw = (formats2 / name).read_bytes()
    (batch,) = reads(tmp_path, "allocation", "hpc", raw)
    ((run),) = batch.table.to_pylist()
    assert run["quantity_milli"] * (run["ended_ms"] - run["started_ms"]) == 1000 * 3_600_000
    assert batch.skipped == {"other_cluster": 1}
