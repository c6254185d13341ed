"""Vendor families: each exporter's traps, on what it really prints and on both sides of limits."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from metering.errors import SourceError
from metering.paths import FAMILIES
from metering.sources.exposition.source import parse
from metering.sources.families.family import family, read_family
from metering.sources.families.series import series_of
from metering.sources.reading.batch import Batch

AT = 1_759_244_400_000
EMPTY = {
    "parent": "", "slice": "", "model": "", "node": "", "sampled_ms": AT, "busy_ppm": None,
    "power_mw": None, "energy_mj": None, "memory_mib": None, "workload": "", "health_ok": None,
    "busy_cycles": None, "total_cycles": None,
}  # fmt: skip
FURIOSA, RBLN, AMD, ALL_SMI = "furiosa", "rebellions", "amd", "all_smi"
FURIOSA_2025_1 = "furiosa_2025_1"


def text(name: str, *lines: str) -> Batch:
    return parse("\n".join(lines).encode(), "a.prom", family(name), AT, None)


def rows(name: str, *lines: str) -> list[dict[str, object]]:
    batch = text(name, *lines)
    assert batch.quarantined == ()
    return batch.table.to_pylist()


def row(uid: str, **values: object) -> dict[str, object]:
    return {"device_uid": uid} | EMPTY | values


def taken(name: str, line: str) -> bool:
    """Whether a line is taken; where it is not, it must be for its range."""
    batch = text(name, line)
    assert all("out of range" in one.reason for one in batch.quarantined)
    return batch.table.num_rows == 1


def of_sample(formats: Path, name: str, sample: str) -> Batch:
    batch = parse((formats / f"{sample}.prom").read_bytes(), sample, family(name), AT, None)
    assert batch.rows_read > 0
    return batch


def test_every_family_is_written_as_it_should_be() -> None:
    names = sorted(family(path.stem).name for path in FAMILIES.glob("*.yaml"))
    assert names == ["all_smi", "amd", "dcgm", "furiosa", "furiosa_2025_1", "rebellions"]
    with pytest.raises(SourceError, match="no family 'nvml'"):
        family("nvml")


WRITTEN = """
title: invented
blank: "1e18"
metrics:
  m: {field: busy_ppm, unit: percent, factor: "10000", range: ["0", "100"]}
labels: {device: [u], slice_id: [], slice: [], model_name: [], node: [], job: [],
         namespace: [n], pod: [p], container: [c]}
exporter: {containers: [], pods: []}
models: {X: x}
"""


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("title: invented", "", "needs title"),
        ("title: invented", "title: a\nsurprise: b", "does not know surprise"),
        ("busy_ppm", "busy", "field 'busy' is none of"),
        ('"10000"', "10000", 'write 10000 as "10000"'),
        ('"10000"', '"0"', "factor 0 is not above 0"),
        ('"10000"', '"1/3"', "1/3 is no decimal"),
        ('"100"]', '"-1"]', "the range from 0 to -1 is empty"),
        ('"100"]', '"100"], ranges: {y: ["0", "1"]}', "ranges or sum of no model of the family: y"),
        ('"100"]', '"100"], board: "yes"', "board is true or false"),
        ('"100"]', '"100"], mean: true', "a mean or sum needs labels: part"),
        ('"100"]', '"100"], sum: {x: 8}', "a mean or sum needs labels: part"),
        ('"100"]', '"100"], sum: {x: 8.0}', "sum: write each model's cores"),
        ('"100"]', '"100"], sum: {x: 0}', "sum: write each model's cores"),
        ('"100"]', '"1e18"], sum: {x: 10}', "sum: write each model's cores"),
        ('"100"]', '"100"], sum: {y: 8}', "ranges or sum of no model of the family: y"),
        ('"100"]', '"100"], only: {a: b}', "write a list of texts, not 'b'"),
        ('"100"]', '"100"], good: "1"', "does not know good"),
        ('busy_ppm, unit: percent, factor: "10000"', "health_ok, unit: flag", "needs good"),
        ("pod: [p]", "pod: []", "namespace, pod and container are lists of equal length"),
        ("u]", "u]]", "is not written as it should be"),
        ("blank:", "title: again\nblank:", "'title' is written twice"),
    ],
)
def test_a_family_that_is_not_of_the_form_is_refused(old: str, new: str, reason: str) -> None:
    assert read_family("x", WRITTEN).name == "x"
    assert WRITTEN.count(old) == 1
    with pytest.raises(SourceError, match=r"families/x\.yaml") as refused:
        read_family("x", WRITTEN.replace(old, new))
    assert reason in str(refused.value)


def test_a_share_is_read_whatever_was_rounded_before() -> None:
    assert Decimal(1) / 3 != 0  # leaves its mark on the thread's context
    shared = read_family("x", WRITTEN.replace('"10000"', '"1/1048576"'))
    assert shared.metrics["m"].factor == Decimal("0.00000095367431640625")


def test_what_one_metric_leaves_out_of_a_device_another_says() -> None:
    lines = (
        'all_smi_energy_consumed_joules_total{host="n1", scope="gpu", gpu_uuid="G"} 8430.5',
        'all_smi_gpu_utilization{gpu="NVIDIA H100 80GB HBM3", instance="n1", gpu_uuid="G"} 50',
    )
    whole = row("G", model="h100", node="n1", busy_ppm=500_000, energy_mj=8_430_500)
    assert rows(ALL_SMI, *lines) == rows(ALL_SMI, *lines[::-1]) == [whole]


# DCGM


def test_an_engine_that_says_0_all_along_under_load_is_a_finding() -> None:
    engine, util = "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "DCGM_FI_DEV_GPU_UTIL"

    def stuck(active: str, percent: str, later: str = "0") -> list[tuple[str, str]]:
        device = '{UUID="G1"}'
        batch = text(
            "dcgm",
            *(f"{engine}{device} {active}", f"{util}{device} {percent}"),
            *(f"{engine}{device} {later} {AT + 1}", f'{util}{{UUID="G2"}} 99'),
        )
        assert batch.table["busy_ppm"].to_pylist()[0] == int(float(active) * 1_000_000)
        return [(note.kind, note.subject) for note in batch.notes]

    assert stuck("0", "50") == [("stuck_metric", "G1")]
    assert stuck("0", "49") == []
    assert stuck("0.01", "99") == []
    assert stuck("0", "99", later="0.01") == []


def test_a_host_that_is_the_exporters_own_pod_is_no_node() -> None:
    line = 'DCGM_FI_DEV_FB_USED{UUID="G",hostname="dcgm-exporter-wwwjh"} 5'
    assert rows("dcgm", line) == [row("G", memory_mib=5)]


def test_whole_board_rows_and_instance_rows_stay_apart() -> None:
    engine = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
    lines = (f'{engine}{{UUID="G"}} 0.5', f'{engine}{{UUID="G",GPU_I_ID="1"}} 0.25')
    assert rows("dcgm", *lines) == [
        row("G", busy_ppm=500_000),
        row("G#GI1", parent="G", busy_ppm=250_000),
    ]


def test_pods_that_share_a_device_by_time_or_claim_are_a_set_of_one_value() -> None:
    def line(labels: str) -> str:
        return f'DCGM_FI_DEV_GPU_UTIL{{UUID="G"{labels}}} 90'

    shared = [
        line(f',namespace="a",pod="{pod}",container="c",{more}')
        for pod, more in (("p", 'vgpu="0"'), ("q", 'vgpu="1"'), ("r", 'dra_claim_name="x"'))
    ]
    pods = "pod:a/p\npod:a/q\npod:a/r"
    assert rows("dcgm", line(""), *shared) == [row("G", busy_ppm=900_000, workload=pods)]


@pytest.mark.shared_data
def test_exporter_self_rows_of_the_real_answer_are_idle(formats: Path) -> None:
    known = family("dcgm")
    answer = json.loads((formats / "prom_api_query_dcgm_h100.json").read_bytes())
    workloads = []
    for one in answer["data"]["result"]:
        metric = known.metric(one["metric"].pop("__name__"))
        assert metric is not None
        series = series_of(known, metric, one["metric"])
        assert series is not None
        workloads.append(series.workload)
    assert workloads == ["", "pod:dynamo-workload/vllm-agg-0-vllmdecodeworker-s65j5"]


@pytest.mark.shared_data
def test_whole_and_instance_rows_of_a_real_a100_stay_apart(formats: Path) -> None:
    batch = of_sample(formats, "dcgm", "dcgm_mig_a100")
    uid = "GPU-34319582-d595-d1c7-d1d2-179bcfa61660"
    told = {
        one["device_uid"]: (one["busy_ppm"], one["power_mw"]) for one in batch.table.to_pylist()
    }
    assert told == {uid: (995_630, 409_692), f"{uid}#GI13": (995_687, None)}


# FuriosaAI


NEW = {"UTILIZATION": "utilization", "CARD_POWER": "power", "DRAM_USED": "memory_used"}


def rebellions(metric: str, value: str, uid: str = "U", new: bool = False) -> str:
    name = f"rbln_npu_{NEW[metric]}" if new else f"RBLN_DEVICE_STATUS:{metric}"
    return f'{name}{{card="RBLN-CA25",container="",namespace="",pod="",uuid="{uid}"}} {value}'


@pytest.mark.parametrize("new", [False, True])
def test_either_set_of_names_is_read_and_empty_labels_are_no_workload(new: bool) -> None:
    lines = [
        rebellions("UTILIZATION", "98.7", new=new),
        rebellions("CARD_POWER", "43.9", new=new),
        rebellions("DRAM_USED", "16877882368", new=new),
    ]
    assert rows(RBLN, *lines) == [
        row("U", model="atom-max", busy_ppm=987_000, power_mw=43_900, memory_mib=16_096)
    ]


def test_both_sets_of_names_at_once_are_one_value() -> None:
    lines = [rebellions("CARD_POWER", "43.9"), rebellions("CARD_POWER", "43.9", new=True)]
    assert rows(RBLN, *lines) == [row("U", model="atom-max", power_mw=43_900)]


@pytest.mark.parametrize(
    ("metric", "value", "is_taken"),
    [
        ("DRAM_USED", "0", True),
        ("DRAM_USED", "15.71875", False),  # GiB
        ("DRAM_USED", "1048575", False),
        ("DRAM_USED", "1048576", True),
        ("DRAM_USED", "1e12", True),
        ("DRAM_USED", "1000000000001", False),
        ("CARD_POWER", "0", False),  # a phantom
        ("CARD_POWER", "0.0439", False),  # a thousandth
        ("CARD_POWER", "1", True),
        ("CARD_POWER", "1000", True),
        ("CARD_POWER", "1000.1", False),
    ],
)
def test_another_unit_is_refused_by_its_range(metric: str, value: str, is_taken: bool) -> None:
    assert taken(RBLN, rebellions(metric, value)) is is_taken


@pytest.mark.parametrize("name", ["RBLN_DEVICE_STATUS:HEALTH", "rbln_npu_health"])
def test_health_is_0_where_a_card_is_well(name: str) -> None:
    lines = [f'{name}{{uuid="U"}} 0', f'{name}{{uuid="V"}} 1']
    assert rows(RBLN, *lines) == [row("U", health_ok=True), row("V", health_ok=False)]
    assert not taken(RBLN, f'{name}{{uuid="U"}} 2')


@pytest.mark.shared_data
@pytest.mark.parametrize("sample", ["rbln_legacy", "rbln_new"])
def test_real_texts_of_both_names_say_that_a_card_is_well(sample: str, formats: Path) -> None:
    batch = of_sample(formats, RBLN, sample)
    assert batch.quarantined == ()
    assert batch.skipped == {"other_metric": 2}  # total memory, temperature
    assert batch.table.to_pylist() == [
        row("8e65fc0d-df7d-4e21-a81b-a76a1a1e69ab", model="atom-max", health_ok=True,
            node="sw-mpc-clsdk-bm-worker-01", workload="pod:default/rebel-device-plugin-testpod-1")
    ]  # fmt: skip


@pytest.mark.shared_data
def test_a_card_with_empty_labels_is_idle(formats: Path) -> None:
    batch = of_sample(formats, RBLN, "rbln_default_v0.2.5.reconstructed")
    told = [(one["busy_ppm"], one["power_mw"], one["workload"]) for one in batch.table.to_pylist()]
    pod = "pod:default/rebel-device-plugin-testpod-1"
    assert told == [(987_000, None, pod), (None, 43_900, "")]


# all-smi and AMD


def test_the_fallbacks_own_pod_is_no_workload_and_other_scopes_are_no_device() -> None:
    lines = (
        'all_smi_gpu_power_consumption_watts{gpu="RNGD", gpu_uuid="U", pod="all-smi-x"} 51.5',
        'all_smi_energy_consumed_joules_total{host="n", scope="chassis"} 6.13e7',
    )
    batch = text(ALL_SMI, *lines)
    assert batch.table.to_pylist() == [row("U", model="rngd", power_mw=51_500)]
    assert (batch.skipped, batch.quarantined) == ({"other_metric": 1}, ())


def test_the_fallbacks_instances_are_slices_and_their_boards_busy_is_its_own() -> None:
    part = 'gpu_uuid="G", gpu="NVIDIA A100", mig_uuid="MIG-x", mig_profile="1g.5gb"'
    name = "all_smi_mig_instance_utilization_gpu"
    lines = [f'{name}{{{part}, gpu_instance_id="7"}} 75', 'all_smi_gpu_utilization{gpu_uuid="G"} 0']
    assert rows(ALL_SMI, *lines) == [
        row("G#GI7", parent="G", slice="1g.5gb", busy_ppm=750_000),
        row("G", busy_ppm=0),
    ]
    (refused,) = text(ALL_SMI, f'{name}{{{part}, gpu_instance_id=""}} 75').quarantined
    assert refused.reason == "names no slice"


@pytest.mark.shared_data
def test_a_host_without_accelerators_has_none(formats: Path) -> None:
    batch = of_sample(formats, ALL_SMI, "all_smi_host")
    assert (batch.table.num_rows, batch.quarantined) == (0, ())
    assert batch.skipped == {"other_metric": batch.rows_read}


def amd(metric: str, value: str, kind: str = "spx", part: str = "0", more: str = "") -> str:
    return (
        f'gpu_{metric}{{card_model="Instinct MI300X",gpu_compute_partition_type="{kind}",'
        f'gpu_partition_id="{part}",hostname="n1",serial_number="S"{more}}} {value}'
    )


def test_an_undivided_amd_board_with_a_slurm_job() -> None:
    job = ',job_id="77",job_user="u"'
    lines = [
        amd("gfx_activity", "97", more=job),
        amd("package_power", "748", more=job),
        amd("power_usage", "700", more=job),
        amd("energy_consumed", "1.4e17", more=job),
        amd("used_vram", "183265", more=job),
    ]
    assert rows(AMD, *lines) == [
        row("S", model="mi300x", node="n1", busy_ppm=970_000, power_mw=748_000,
            energy_mj=140_000_000_000_000, memory_mib=183_265, workload="slurm:77")
    ]  # fmt: skip


def test_a_divided_amd_boards_power_counts_once() -> None:
    lines = [
        line
        for part in ("0", "1")
        for line in (amd("package_power", "700", "cpx", part), amd("used_vram", "5", "cpx", part))
    ] + [amd("gfx_activity", "97", "cpx")]
    assert rows(AMD, *lines) == [
        row("S", model="mi300x", node="n1", power_mw=700_000),
        row("S#GI0", parent="S", slice="cpx", node="n1", memory_mib=5),
        row("S#GI1", parent="S", slice="cpx", node="n1", memory_mib=5),
    ]


@pytest.mark.parametrize(("value", "is_taken"), [("0", True), ("2000", True), ("2000.1", False)])
def test_amd_power_has_a_range(value: str, is_taken: bool) -> None:
    assert taken(AMD, amd("package_power", value)) is is_taken


@pytest.mark.shared_data
def test_real_amd_clocks_are_other_metrics(formats: Path) -> None:
    batch = of_sample(formats, AMD, "amd_gpu_clock")
    assert (batch.skipped, batch.quarantined) == ({"other_metric": 5}, ())
