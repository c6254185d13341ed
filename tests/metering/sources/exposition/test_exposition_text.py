"""Prometheus text: devices, slices, workloads, exact values, instants, what is refused where."""

from pathlib import Path

import pytest

from metering.calendar import Calendar, Period
from metering.settings.sections import Cluster
from metering.settings.site_toml import Issuer, Site
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.exposition.source import instant_of, parse
from metering.sources.families.family import family
from metering.sources.families.series import labels_of
from metering.sources.read import read
from metering.sources.reading.batch import Batch

DCGM = family("dcgm")
CALENDAR = Calendar("Asia/Seoul")
AT = 1_759_244_400_000
UTIL, ENGINE = "DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
POWER, ENERGY = "DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
MEMORY = "DCGM_FI_DEV_FB_USED"
EMPTY = {
    "parent": "", "slice": "", "model": "", "node": "", "sampled_ms": AT, "busy_ppm": None,
    "power_mw": None, "energy_mj": None, "memory_mib": None, "workload": "", "health_ok": None,
    "busy_cycles": None, "total_cycles": None,
}  # fmt: skip


def text(*lines: str, at: int | None = AT, window: Period | None = None) -> Batch:
    return parse("\n".join(lines).encode(), "a.prom", DCGM, at, window)


def rows(*lines: str, at: int | None = AT) -> list[dict[str, object]]:
    batch = text(*lines, at=at)
    assert batch.quarantined == ()
    return batch.table.to_pylist()


def refusal(line: str, at: int | None = AT) -> str:
    batch = text("# HELP x", line, at=at)
    assert batch.table.num_rows == 0
    (one,) = batch.quarantined
    assert (one.place, one.text) == ("a.prom:2", line)
    return one.reason


def row(uid: str, **values: object) -> dict[str, object]:
    return {"device_uid": uid} | EMPTY | values


def test_metrics_of_one_device_and_instant_make_one_row() -> None:
    labels = '{gpu="0",UUID="G1",modelName="NVIDIA H100 80GB HBM3",Hostname="n1"}'
    assert rows(
        f"{UTIL}{labels} 97",
        f"{POWER}{labels} 113.611000",
        f"{ENERGY}{labels} 126272101025",
        f"{MEMORY}{labels} 74166",
        f"DCGM_FI_DEV_GPU_TEMP{labels} 30",
    ) == [
        row("G1", model="h100", node="n1", busy_ppm=970_000, power_mw=113_611,
            energy_mj=126_272_101_025, memory_mib=74_166)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "value", "field", "exact"),
    [
        (POWER, "113.611", "power_mw", 113_611),
        (POWER, "0.0019", "power_mw", 1),  # what is below a unit falls
        (POWER, "1.136e+02", "power_mw", 113_600),
        (ENERGY, "9007199254740993", "energy_mj", 9_007_199_254_740_993),  # no float holds it
        (ENGINE, "0.995687", "busy_ppm", 995_687),
        (UTIL, "100", "busy_ppm", 1_000_000),
        (UTIL, "0.5", "busy_ppm", 5_000),
    ],
)
def test_values_are_exact(metric: str, value: str, field: str, exact: int) -> None:
    assert rows(f'{metric}{{UUID="G1"}} {value}') == [row("G1", **{field: exact})]


def test_the_suffix_that_some_parsers_append_to_counters_is_known() -> None:
    assert rows(f'{ENERGY}_total{{UUID="G1"}} 5') == [row("G1", energy_mj=5)]


@pytest.mark.parametrize(
    ("metric", "low", "high", "beyond"),
    [
        (UTIL, "0", "100", "100.01"),
        (ENGINE, "0", "1", "1.000001"),
        (POWER, "0", "1500", "113611"),  # milliwatts
        (MEMORY, "0", "400000", "74166000000"),  # bytes
        (ENERGY, "0", "1e16", "10000000000000001"),
    ],
)
def test_both_limits_of_a_range_are_taken_and_what_lies_beyond_is_refused(
    metric: str, low: str, high: str, beyond: str
) -> None:
    assert len(rows(f'{metric}{{UUID="G1"}} {low}', f'{metric}{{UUID="G2"}} {high}')) == 2
    assert refusal(f'{metric}{{UUID="G1"}} {beyond}').startswith(f"{metric} {beyond} is out of")
    assert refusal(f'{metric}{{UUID="G1"}} -1').startswith(f"{metric} -1 is out of range")


@pytest.mark.parametrize("blank", ["9.2233720368547758e+18", "9223372036854775807", "9.22e18"])
def test_what_means_not_known_is_dropped_and_counted(blank: str) -> None:
    batch = text(f'{ENERGY}{{UUID="G1"}} {blank}', f'{POWER}{{UUID="G1"}} 70')
    assert batch.table.to_pylist() == [row("G1", power_mw=70_000)]
    assert (batch.skipped, batch.quarantined) == ({"blank": 1}, ())


@pytest.mark.parametrize("value", ["NaN", "nan", "+Inf", "-Inf", "Inf", "-infinity"])
def test_a_value_that_is_not_finite_is_left_out_and_counted_and_the_rest_kept(value: str) -> None:
    batch = text(f'{POWER}{{UUID="G1"}} {value}', f'{UTIL}{{UUID="G1"}} 90')
    assert batch.table.to_pylist() == [row("G1", busy_ppm=900_000)]
    assert (batch.rows_read, batch.skipped, batch.quarantined) == (2, {"not_a_number": 1}, ())


@pytest.mark.parametrize("value", ["x", "1_0", "0x1F", "NaNs", "+-Inf", "sNaN"])
def test_a_value_that_is_no_number_is_refused(value: str) -> None:
    assert refusal(f'{POWER}{{UUID="G1"}} {value}') == (
        f"has the value {value!r}, which is no number"
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("gibberish", "is no line of Prometheus text"),
        ('{UUID="G1"} 5', "is no line of Prometheus text"),
        (f'{POWER}{{UUID="G1"', "is no line of Prometheus text"),
        (f'{POWER}{{UUID="G1}} 5', "has labels that cannot be read"),
        (f'{POWER}{{UUID="G1",UUID="G2"}} 5', "has the label UUID twice"),
        (f'{POWER}{{gpu="0"}} 5', "names no device"),
        (f"{POWER} 5", "names no device"),
        (f'{POWER}{{UUID="G1"}}', "has no value, or more than a value and a timestamp"),
        (f'{POWER}{{UUID="G1"}} 5 6 7', "has no value, or more than a value and a timestamp"),
        (f'{POWER}{{UUID="G1"}} 5 soon', "has the timestamp 'soon'"),
        (f'{POWER}{{UUID="G1"}} 5 1759244400', "has the impossible instant 1759244400 ms"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_its_place(line: str, reason: str) -> None:
    assert refusal(line) == reason


def test_bytes_that_are_no_text_cost_only_their_line() -> None:
    raw = b'\xff{UUID="G1"} 5\n' + f'{POWER}{{UUID="G1"}} 5'.encode()
    batch = parse(raw, "a.prom", DCGM, AT, None)
    assert [one.place for one in batch.quarantined] == ["a.prom:1"]
    assert batch.table.to_pylist() == [row("G1", power_mw=5_000)]


def test_labels_may_hold_braces_commas_and_escapes() -> None:
    assert labels_of(r'a="x}, y", b="\"\\\n",') == {"a": "x}, y", "b": '"\\\n'}
    line = f'{POWER}{{UUID="G1",pod="a}} b",namespace="n"}} 5'
    assert rows(line) == [row("G1", power_mw=5_000, workload="pod:n/a} b")]


def test_the_engine_is_preferred_to_the_utilisation_where_both_are_exported() -> None:
    lines = [f'{UTIL}{{UUID="G1"}} 97', f'{ENGINE}{{UUID="G1"}} 0.25', f'{UTIL}{{UUID="G2"}} 97']
    expected = [row("G1", busy_ppm=250_000), row("G2", busy_ppm=970_000)]
    assert rows(*lines) == rows(*lines[::-1])[::-1] == expected


def test_either_spelling_of_the_host_is_read() -> None:
    assert rows(f'{POWER}{{UUID="G1",Hostname="a"}} 5', f'{POWER}{{UUID="G2",hostname="b"}} 5') == [
        row("G1", power_mw=5_000, node="a"),
        row("G2", power_mw=5_000, node="b"),
    ]


@pytest.mark.parametrize(
    ("labels", "workload"),
    [
        ('namespace="a",pod="p",container="main"', "pod:a/p"),
        (
            'exported_namespace="a",exported_pod="p",namespace="gpu",pod="dcgm-exporter-x"',
            "pod:a/p",
        ),
        ('exported_namespace="a",exported_pod="p",container="nvidia-dcgm-exporter"', "pod:a/p"),
        ('namespace="gpu-operator",pod="nvidia-dcgm-exporter-x"', ""),
        ('namespace="gpu-operator",pod="x",container="nvidia-dcgm-exporter"', ""),
        ('exported_pod="",namespace="a",pod="p"', ""),
        ('pod_namespace="a",pod_name="p",container_name="c"', "pod:a/p"),
        ('namespace="",pod="",container=""', ""),
        ('hpc_job="41022"', "slurm:41022"),
        ('jobid="5",userid="1"', "slurm:5"),
        ('hpc_job="41022",namespace="slurm",pod="slurmd-0"', "slurm:41022"),
        ("", ""),
    ],
)
def test_a_workload_is_the_job_else_the_pod_but_not_the_exporters_own(
    labels: str, workload: str
) -> None:
    line = f'{POWER}{{UUID="G1",{labels}}} 5'
    assert rows(line) == [row("G1", power_mw=5_000, workload=workload)]


def test_copies_for_several_jobs_are_one_row_with_a_sorted_set() -> None:
    lines = [f'{UTIL}{{UUID="G1",hpc_job="{job}"}} 97' for job in (9, 10, 9)]
    expected = [row("G1", busy_ppm=970_000, workload="slurm:10\nslurm:9")]
    assert rows(*lines) == rows(*lines[::-1]) == expected


def test_copies_that_differ_are_rows_of_their_own_for_landing_to_tell() -> None:
    lines = [f'{UTIL}{{UUID="G1",hpc_job="{job}"}} {util}' for job, util in ((1, 97), (2, 90))]
    jobs = "slurm:1\nslurm:2"
    assert rows(*lines, f'{POWER}{{UUID="G1"}} 5') == [
        row("G1", busy_ppm=970_000, power_mw=5_000, workload=jobs),
        row("G1", busy_ppm=900_000, workload=jobs),
    ]


def test_a_slice_is_a_device_of_its_own_and_power_and_energy_are_its_boards() -> None:
    part = 'UUID="G1",modelName="NVIDIA A30",GPU_I_PROFILE="1g.6gb"'
    lines = [
        line
        for n in (3, 4)
        for line in (
            f'{ENGINE}{{{part},GPU_I_ID="{n}",hpc_job="{n}"}} 0.{n}',
            f'{ENERGY}{{{part},GPU_I_ID="{n}"}} 126272101025',
            f'{POWER}{{{part},GPU_I_ID="{n}"}} 100',
            f'{UTIL}{{{part},GPU_I_ID="{n}"}} 0',  # always 0 on a slice: not taken
        )
    ]
    by_uid = {str(one["device_uid"]): one for one in rows(*lines)}
    slice_3 = row("G1#GI3", parent="G1", slice="1g.6gb", busy_ppm=300_000, workload="slurm:3")
    slice_4 = row("G1#GI4", parent="G1", slice="1g.6gb", busy_ppm=400_000, workload="slurm:4")
    board = row("G1", model="a30", power_mw=100_000, energy_mj=126_272_101_025)
    assert by_uid == {"G1": board, "G1#GI3": slice_3, "G1#GI4": slice_4}


def test_a_slice_without_a_profile_is_still_a_slice() -> None:
    line = f'{MEMORY}{{UUID="G1",GPU_I_PROFILE="<<<NULL>>>",GPU_I_ID="0"}} 5'
    assert rows(line) == [row("G1#GI0", parent="G1", memory_mib=5)]


def test_the_lines_own_instant_counts_before_the_files() -> None:
    lines = (f'{POWER}{{UUID="G1"}} 5 {AT - 7}', f'{POWER}{{UUID="G1"}} 6')
    assert rows(*lines) == [
        row("G1", power_mw=5_000, sampled_ms=AT - 7),
        row("G1", power_mw=6_000),
    ]


def test_open_metrics_writes_instants_in_seconds() -> None:
    lines = (f'{POWER}{{UUID="G1"}} 5 1759244400.123 # {{trace="x"}} 1', "# EOF")
    assert rows(*lines) == [row("G1", power_mw=5_000, sampled_ms=AT + 123)]


@pytest.mark.parametrize(
    ("name", "instant"),
    [
        (f"{AT}.prom", AT),
        (f"node-1_{AT}.prom.gz", AT),
        ("2025-10-01.prom", None),
        (f"{AT}-{AT}.prom", None),
        (f"{AT}0.prom", None),
    ],
)
def test_a_files_name_may_hold_the_instant(name: str, instant: int | None) -> None:
    assert instant_of(name) == instant


def test_without_any_instant_a_line_is_refused() -> None:
    reason = "has no instant, neither of its own nor in the file's name"
    assert refusal(f'{POWER}{{UUID="G1"}} 5', at=None) == reason


def site_with(directory: Path, source: SourceConfig) -> Site:
    cluster = Cluster("hpc", hold_ms=60_000, scrape_ms=15_000, sources=(source,))
    return Site(
        directory, "site", CALENDAR, "lake", "", "duckdb", "2025-10", Issuer(*[""] * 6),
        (cluster,), (), None, directory / "documents",
    )  # fmt: skip


def test_samples_come_with_hold_on_both_sides_of_the_window(tmp_path: Path) -> None:
    instants = [AT - 60_001, AT - 60_000, AT, AT + 120_000, AT + 120_001]
    lines = "\n".join(f'{POWER}{{UUID="G1"}} 5 {at}' for at in instants)
    (tmp_path / "day.prom").write_text(lines)
    source = SourceConfig("dcgm", "exposition", "sample", family="dcgm", paths=("*.prom",))
    site = site_with(tmp_path, source)
    (batch,) = read(source, site.clusters[0], site, Period(AT, AT + 60_000))
    assert batch.table["sampled_ms"].to_pylist() == instants[1:4]
    assert (batch.rows_read, batch.skipped) == (5, {"outside_window": 2})


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("NVIDIA H100 80GB HBM3", "h100"), ("NVIDIA H200", "h200"), ("NVIDIA GH200 480GB", ""),
        ("NVIDIA A100-SXM4-80GB", "a100"), ("NVIDIA RTX A3000", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_model_is_known_by_a_whole_word_of_its_name(name: str, model: str) -> None:
    assert DCGM.model(name) == model


SAMPLES = {  # lines, devices, rows, quarantined
    "dcgm_h100": (30, 8, 8, 0),
    "dcgm_hpc_job.reconstructed": (2, 1, 1, 0),
    "dcgm_mig_a100": (21, 2, 2, 0),
    "dcgm_mig_energy_a30_issue317": (4, 1, 2, 0),
    "dcgm_mig_h100_issue512": (3, 3, 3, 0),
    "dcgm_new_hostname_pr736": (2, 0, 0, 0),
    "dcgm_slurm_fork_mig": (1, 1, 1, 0),
}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", SAMPLES)
def test_what_real_exporters_printed_is_read(name: str, formats: Path) -> None:
    raw = (formats / f"{name}.prom").read_bytes()
    batch = parse(raw, name, DCGM, AT, None)
    devices = len(set(batch.table["device_uid"].to_pylist()))
    found = (batch.rows_read, devices, batch.table.num_rows, len(batch.quarantined))
    assert found == SAMPLES[name]


@pytest.mark.shared_data
def test_the_energy_of_a_real_board_is_not_its_slices_added_up(formats: Path) -> None:
    raw = (formats / "dcgm_mig_energy_a30_issue317.prom").read_bytes()
    batch = parse(raw, "a30", DCGM, AT, None)
    board = "GPU-265c9814-6156-355b-e589-ff2064894f16"
    assert [(one["device_uid"], one["energy_mj"]) for one in batch.table.to_pylist()] == [
        (board, 126_272_106_318),
        (board, 126_272_101_025),
    ]


@pytest.mark.shared_data
def test_jobs_and_pods_of_real_texts_are_named(formats: Path) -> None:
    def workloads(name: str) -> set[object]:
        raw = (formats / f"{name}.prom").read_bytes()
        return set(parse(raw, name, DCGM, AT, None).table["workload"].to_pylist()) - {""}

    assert workloads("dcgm_hpc_job.reconstructed") == {"slurm:41022\nslurm:41023"}
    assert workloads("dcgm_slurm_fork_mig") == {"slurm:51234567"}
    assert workloads("dcgm_h100") == {"pod:dynamo-workload/vllm-agg-0-vllmdecodeworker-s65j5"}
