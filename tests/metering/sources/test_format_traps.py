"""Every trap of what sources really send has a named test on the sample that shows it.

TRAPS is the list of formats.md section 8, in its order. Where a sample shows a trap on a metric
that nothing reads (temperatures, free and total memory), the test puts one in its place that is
read, of the same unit, and leaves labels and values as they were printed.
"""

import importlib
import json
from pathlib import Path

import pytest

from metering.settings.source_options.kubernetes import Kubernetes
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.prometheus import Prometheus
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.exposition.source import parse
from metering.sources.families.family import family
from metering.sources.read import read
from metering.sources.reading.batch import Batch
from tests.builders.landing import Ground, device, kinds
from tests.builders.servers.replayed_answers import Asked, replaying
from tests.builders.sites.metering_site import MIDNIGHT, cluster
from tests.metering.sources.exposition.test_exposition_text import DCGM
from tests.metering.sources.families.test_families import AT, FURIOSA, RBLN, row
from tests.metering.sources.prometheus.test_prometheus_source import (
    HOUR,
    UTIL,
    batch,
    matrix,
    site_in,
)

HERE = "tests.metering.sources"
FAMILIES = f"{HERE}.families.test_families"
FURIOSA_TESTS = f"{HERE}.families.test_furiosa"
PROMETHEUS = f"{HERE}.prometheus.test_prometheus_source"
EXPOSITION = f"{HERE}.exposition.test_exposition_text"
SACCT_JSON = f"{HERE}.slurm.test_sacct_json"
JSON_ANSWER = f"{HERE}.prometheus.test_json_answer"
NHN = f"{HERE}.cloud.test_nhn"
SLURM = f"{HERE}.slurm.test_sacct_traps"
STORE = f"{HERE}.storage.test_storage_formats"
TRAPS = {
    "Hostname/hostname": ["test_hosts_of_real_texts_are_read_in_either_spelling"],
    "exported_* vs bare": ["test_exported_labels_of_the_real_answer_go_before_bare_ones"],
    "exporter_self idle rows": [
        f"{FAMILIES}.test_exporter_self_rows_of_the_real_answer_are_idle",
        f"{PROMETHEUS}.test_an_idle_gpu_that_inherits_the_exporters_own_pod_is_idle",
    ],
    "MIG whole and instance rows": [
        f"{FAMILIES}.test_whole_and_instance_rows_of_a_real_a100_stay_apart",
        "test_whole_rows_of_a_real_a100_are_not_added_to_its_instances",
        "test_mig_instances_of_a_real_h100_are_told_apart_by_their_number",
    ],
    "board energy copies": [
        f"{EXPOSITION}.test_the_energy_of_a_real_board_is_not_its_slices_added_up",
        "test_energy_that_a_real_a30_copies_on_four_instances_counts_once",
    ],
    "hpc_job copies": ["test_hpc_job_copies_of_one_reading_are_one_row_of_both_jobs"],
    "Furiosa partition double rows": ["test_double_rows_of_a_partitioned_furiosa_card_count_once"],
    "Furiosa W/uW": [
        f"{FURIOSA_TESTS}.test_old_label_names_are_read_and_old_microwatts_refused",
        f"{FURIOSA_TESTS}.test_the_vendors_example_of_2026_3_is_one_card_under_its_pod",
    ],
    "RBLN two names": [
        f"{FAMILIES}.test_real_texts_of_both_names_say_that_a_card_is_well",
        "test_rbln_memory_in_bytes_is_read_and_in_gib_refused",
    ],
    "RBLN GiB/bytes": ["test_rbln_memory_in_bytes_is_read_and_in_gib_refused"],
    "RBLN health inverted": [f"{FAMILIES}.test_real_texts_of_both_names_say_that_a_card_is_well"],
    "RBLN empty pod": [f"{FAMILIES}.test_a_card_with_empty_labels_is_idle"],
    "_total suffix": ["test_a_counter_with_and_without_the_total_suffix_is_one_counter"],
    "sacct | and UTF-8 job name": [
        f"{SLURM}.test_names_in_other_letters_of_a_real_dump_are_kept",
        "test_a_delimiter_in_the_utf_8_job_name_of_a_real_row_costs_nothing",
    ],
    "sacct Unknown start": [f"{SLURM}.test_unknown_as_eligible_and_as_start_of_real_rows"],
    "sacct CANCELLED by": [
        f"{SLURM}.test_pending_running_array_and_empty_rows_of_a_real_dump",
        "test_a_real_row_that_says_cancelled_by_somebody_is_cancelled",
    ],
    "sacct arrays": [f"{SLURM}.test_pending_running_array_and_empty_rows_of_a_real_dump"],
    "sacct typed and untyped gres": [
        f"{SLURM}.test_typed_and_untyped_counts_of_a_real_job_are_one_device"
    ],
    "sacct .extern": [
        f"{SLURM}.test_batch_extern_and_numbered_steps_repeat_the_devices_and_are_no_rows"
    ],
    "sacct requeue x4": [f"{SLURM}.test_four_runs_of_one_requeued_job_are_four_rows"],
    "sacct no gres": [
        f"{SLURM}.test_a_real_job_with_no_gres_at_all_is_a_finding_on_a_gpu_partition",
        f"{SACCT_JSON}.test_a_recorded_gpu_job_without_gres_is_a_finding_and_not_billed",
    ],
    "sacct energy -2": ["test_energy_of_minus_2_in_a_recorded_job_is_no_energy"],
    "KSM sanitised names": ["test_sanitised_names_of_kube_state_metrics_go_by_the_sites_map"],
    "VM JSONL ms": [f"{JSON_ANSWER}.test_the_documented_export_of_victoriametrics_is_read"],
    "NHN counterType": [f"{NHN}.test_the_documented_answer_is_read"],
    "GPFS header": [f"{STORE}.test_gpfs_sample_is_read_by_the_names_of_its_header"],
    "lfs wrapped path": [f"{STORE}.test_lustre_sample_with_a_wrapped_path_reads_without_h"],
}
H100_POD = "pod:dynamo-workload/vllm-agg-0-vllmdecodeworker-s65j5"
A100 = "GPU-34319582-d595-d1c7-d1d2-179bcfa61660"
A30 = "GPU-265c9814-6156-355b-e589-ff2064894f16"


def test_every_trap_has_a_test_on_its_sample() -> None:
    for trap, names in TRAPS.items():
        assert names, trap
        for name in names:
            module, _, function = name.rpartition(".")
            made = getattr(importlib.import_module(module or __name__), function)
            marks = {mark.name for mark in made.pytestmark}
            assert "shared_data" in marks, f"{trap}: {name} reads no sample"


def printed(formats: Path, sample: str, old: str = "", new: str = "", kind: str = "dcgm") -> Batch:
    """What the sample says, with one metric put in another's place."""
    raw = (formats / f"{sample}.prom").read_bytes()
    assert old.encode() in raw
    return parse(raw.replace(old.encode() or b"\0", new.encode()), sample, family(kind), AT, None)


@pytest.mark.shared_data
def test_hosts_of_real_texts_are_read_in_either_spelling(formats: Path) -> None:
    def nodes(found: Batch) -> set[object]:
        assert found.quarantined == ()
        return set(found.table["node"].to_pylist())

    assert b"Hostname=" in (formats / "dcgm_h100.prom").read_bytes()
    assert nodes(printed(formats, "dcgm_h100")) == {"gpu-node-1"}
    assert nodes(printed(formats, "dcgm_hpc_job.reconstructed", ",hostname=", ",hostname=")) == {
        "gpu-node-1"
    }
    # the exporter's own pod stands where a node should: nobody's node
    own = printed(formats, "dcgm_new_hostname_pr736", "FB_FREE", "FB_USED")
    assert (own.table.num_rows, nodes(own)) == (2, {""})


@pytest.mark.shared_data
def test_exported_labels_of_the_real_answer_go_before_bare_ones(
    formats: Path, tmp_path: Path
) -> None:
    """As a server without honorLabels gives that answer: bare names are its target's own."""
    answer = json.loads((formats / "prom_api_query_dcgm_h100.json").read_bytes())
    idle, busy = (one["metric"] for one in answer["data"]["result"])
    own = {name: idle[name] for name in ("namespace", "pod", "container")}
    exported = {f"exported_{name}": busy[name] for name in own}
    told = [
        (UTIL, {**busy, **own, **exported}, [(MIDNIGHT, "0")]),
        (UTIL, {**idle, **own}, [(MIDNIGHT, "0")]),
    ]
    rows = batch(tmp_path, *told).table.to_pylist()
    assert {(one["device_uid"], one["workload"]) for one in rows} == {
        (busy["UUID"], H100_POD),
        (idle["UUID"], ""),
    }


@pytest.mark.shared_data
def test_whole_rows_of_a_real_a100_are_not_added_to_its_instances(
    formats: Path, tmp_path: Path
) -> None:
    """Two scrapes 15 s apart: busy and memory stay where they are said, energy on the board."""
    part = f"{A100}#GI13"
    cards = (device(A100, model="a100", power_limit_w=400),
             device(part, model="a100", parent=A100, slice="1g.5gb"))  # fmt: skip
    ground = Ground(tmp_path, cards)
    raw = (formats / "dcgm_mig_a100.prom").read_bytes()
    later = raw.replace(b" 319159391\n", b" 319165391\n")
    for at, text in ((MIDNIGHT, raw), (MIDNIGHT + 15_000, later)):
        landed = ground.land(parse(text, "a100", DCGM, at, None).table)
        assert kinds(landed) == {}
    first = ground.rows("interval")[0]["started_ms"]
    assert ground.spans("device", "busy_ppm", "energy_uj", "memory_mib") == [
        (first, 15_000, A100, 995_630, 6_000_000, 4_845),
        (first, 15_000, part, 995_687, None, None),
    ]


@pytest.mark.shared_data
def test_mig_instances_of_a_real_h100_are_told_apart_by_their_number(formats: Path) -> None:
    """Three instances of one profile and board: (UUID, GPU instance) is the device."""
    board = "GPU-58e8f5ea-13cc-013a-d88f-2bcf5ae8bc77"
    space = "pod:model-playground-stg/"
    rows = printed(formats, "dcgm_mig_h100_issue512").table.to_pylist()
    named = ("device_uid", "parent", "slice", "busy_ppm", "workload")
    assert [tuple(one[name] for name in named) for one in rows] == [
        (f"{board}#GI{number}", board, "1g.10gb", 0, workload)
        for number, workload in (
            (7, f"{space}text-embedding-predictor-00008-deployment-57946f6c67-vdtjl"),
            (8, ""),
            (9, f"{space}tts-predictor-00011-deployment-5554f75554-8j8pl"),
        )
    ]


@pytest.mark.shared_data
def test_energy_that_a_real_a30_copies_on_four_instances_counts_once(
    formats: Path, tmp_path: Path
) -> None:
    """One of the four copies ran ahead: the larger wins and the difference is told."""
    ground = Ground(tmp_path, (device(A30, model="a30", power_limit_w=165),))
    raw = (formats / "dcgm_mig_energy_a30_issue317.prom").read_bytes()
    later = raw.replace(b" 126272101025", b" 126272106318")  # all four have come so far
    for at, text, told in (
        (MIDNIGHT, raw, {"differing_copies": (A30,)}),
        (MIDNIGHT + 15_000, later.replace(b" 126272106318", b" 126272107318"), {}),
    ):
        assert kinds(ground.land(parse(text, "a30", DCGM, at, None).table)) == told
    assert [span[1:] for span in ground.spans("device", "energy_uj")] == [(15_000, A30, 1_000_000)]


@pytest.mark.shared_data
def test_hpc_job_copies_of_one_reading_are_one_row_of_both_jobs(formats: Path) -> None:
    found = printed(formats, "dcgm_hpc_job.reconstructed")
    (one,) = found.table.to_pylist()
    assert (found.rows_read, one["busy_ppm"]) == (2, 970_000)
    assert one["workload"] == "slurm:41022\nslurm:41023"


@pytest.mark.shared_data
def test_double_rows_of_a_partitioned_furiosa_card_count_once(formats: Path) -> None:
    """The card's row stands once without a pod (0-7) and once more with its pod (0-3)."""
    sample = "furiosa_2025.2_partitioned"
    raw = (formats / f"{sample}.prom").read_bytes()
    power = raw.replace(b"hw_temperature", b"hw_power").replace(b'"ambient"', b'"rms"')
    found = parse(power, sample, family(FURIOSA), AT, None)
    assert (found.rows_read, found.quarantined) == (4, ())
    assert found.table.to_pylist() == [
        row("09512C86-0702-4303-8F40-474746474A40", model="rngd", node="cntk002",
            power_mw=50_000, workload="pod:default/furiosa")
    ]  # fmt: skip


@pytest.mark.shared_data
def test_rbln_memory_in_bytes_is_read_and_in_gib_refused(formats: Path) -> None:
    new = printed(formats, "rbln_new", "memory_total", "memory_used", RBLN)
    told = {one["device_uid"]: one["memory_mib"] for one in new.table.to_pylist()}
    card = "55668c63-d739-4193-8212-ad7ba933520c"
    assert (new.quarantined, told[card]) == ((), 16_096)
    old = printed(formats, "rbln_legacy", "DRAM_TOTAL", "DRAM_USED", RBLN)
    (gib,) = old.quarantined
    assert gib.reason.startswith("RBLN_DEVICE_STATUS:DRAM_USED 15.71875 is out of range")
    assert card not in old.table["device_uid"].to_pylist()


@pytest.mark.shared_data
def test_a_counter_with_and_without_the_total_suffix_is_one_counter(formats: Path) -> None:
    """Some parsers append it where a TYPE line says counter, as the sample's does."""
    name = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
    sample = "dcgm_mig_energy_a30_issue317"
    assert f"# TYPE {name} counter" in (formats / f"{sample}.prom").read_text()
    plain, suffixed = printed(formats, sample), printed(formats, sample, name, f"{name}_total")
    assert suffixed.table.equals(plain.table)
    assert suffixed.quarantined == ()


@pytest.mark.shared_data
def test_a_delimiter_in_the_utf_8_job_name_of_a_real_row_costs_nothing(formats: Path) -> None:
    slurm = importlib.import_module(SLURM)
    raw = slurm.xdmod(formats)
    assert raw.count(" Straße\n".encode()) == 1
    broken = raw.replace(" Straße\n".encode(), "|Straße| 학습|\n".encode())
    assert slurm.dump(broken).table.equals(slurm.dump(raw).table)
    assert slurm.dump(broken).quarantined == ()


@pytest.mark.shared_data
def test_a_real_row_that_says_cancelled_by_somebody_is_cancelled(formats: Path) -> None:
    slurm = importlib.import_module(SLURM)
    raw = (formats / "sacct_xdmod.psv").read_bytes().splitlines()
    assert [one.split(b"|")[1] for one in raw if b"|CANCELLED by 102216|" in one] == [b"4107166"]
    states = {
        run["allocation_id"]: run for run in slurm.dump(slurm.xdmod(formats)).table.to_pylist()
    }
    assert states["4107166"]["state"] == "CANCELLED"


@pytest.mark.shared_data
def test_energy_of_minus_2_in_a_recorded_job_is_no_energy(formats: Path) -> None:
    """-2 is NO_VAL; energy is the devices' own evidence, and no job's figure is taken at all."""
    slurm = importlib.import_module(SACCT_JSON)
    recorded = json.loads((formats / "slurmdb_job_gpu_25.11_v0.0.44.json").read_bytes())
    tres = recorded["jobs"][0]["tres"]["allocated"]
    assert [resource["count"] for resource in tres if resource["type"] == "energy"] == [-2]
    tres.append({"type": "gres", "name": "gpu", "id": 1001, "count": 4})
    found = slurm.dump(json.dumps(recorded).encode())
    (one,) = found.table.to_pylist()
    assert (found.quarantined, one["quantity_milli"]) == ((), 4_000)
    assert not [name for name in found.table.column_names if "energy" in name]


@pytest.mark.shared_data
def test_sanitised_names_of_kube_state_metrics_go_by_the_sites_map(
    formats: Path, tmp_path: Path
) -> None:
    """nvidia_com_mig_1g_10gb cannot be turned back: the map says what it is, or nothing does."""
    text = (formats / "kube_state_metrics_accel.reconstructed.prom").read_text()
    every = [HOUR.start_ms + 30_000 * n for n in range(1, 121)]
    requests, others = [], []
    for line in text.splitlines():
        block, _, many = line.partition("{")[2].rpartition("} ")
        labels = {k: v.strip('"') for k, v in (part.split("=") for part in block.split(","))}
        who = {name: labels[name] for name in ("namespace", "pod", "uid")}
        requests.append((line.partition("{")[0], labels, [(at, many) for at in every]))
        for metric, more, value in (
            ("kube_pod_status_phase", {"phase": "Running"}, "1"),
            ("kube_pod_status_scheduled_time", {}, str(HOUR.start_ms // 1000)),
        ):
            others.append((metric, who | more, [(at, value) for at in every]))

    def answer(asked: Asked) -> tuple[int, bytes]:
        own = [one for one in requests + others if f'__name__="{one[0]}"' in asked.form["query"]]
        return matrix(*own)

    mapped = {
        "nvidia_com_mig_1g_10gb": ("gpu", "h100.mig-1g.10gb"),
        "rebellions_ai_ATOM": ("npu", "atom"),
    }
    with replaying(answer) as replay:
        options = Kubernetes(Prometheus(), 120_000, mapped)
        source = SourceConfig("ksm", "kubernetes", "allocation",
                              endpoint=Endpoint(replay.url), options=options)  # fmt: skip
        (made,) = read(source, cluster(source), site_in(tmp_path), HOUR)
    rows = made.table.to_pylist()
    named = ("allocation_id", "resource", "model", "quantity_milli", "account")
    assert [tuple(one[name] for name in named) for one in rows] == [
        ("u1/nvidia_com_mig_1g_10gb", "gpu", "h100.mig-1g.10gb", 1_000, "co-a"),
        ("u2/rebellions_ai_ATOM", "npu", "atom", 2_000, "co-a"),
    ]
    (unknown,) = made.quarantined
    assert unknown.reason.startswith("requests furiosa_ai_rngd, which site.toml has neither")
