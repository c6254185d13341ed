"""What public reports put into the accounting, from the files to the day's usage."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from metering.settings.source_options.slurm import SlurmOptions
from metering.settings.source_options.source_config import SourceConfig
from tests.builders.sites.metering_site import GPU_HOUR_US, LAST, REGISTRY, Ground, device
from tests.metering.sources.slurm.test_slurm_collect import EVENTS, SACCT, SREPORT, made, run, utc

FIELDS = "JobIDRaw|Cluster|Account|Partition|NodeList|State|Submit|Start|End|AllocTRES"
OURS = SlurmOptions(slurm_cluster="hpc")


def row(job: str, tres: str, hours: int, cluster: str = "hpc", partition: str = "gpu") -> str:
    """A run from the day's first hour on."""
    return (
        f"{job}|{cluster}|lab|{partition}|n1|COMPLETED|{utc(1)}|{utc(1)}|{utc(1 + hours)}|{tres}\n"
    )


def collected(path: Path, rows: str, options: SlurmOptions | None, *more: SourceConfig) -> Ground:
    """A site whose sacct has these rows, with eight boards on its node."""
    hpc = made(
        path / "site", replace(SACCT, options=options), *more, partition_models={"gpu": "h100"}
    )
    boards = tuple(device(f"gpu-{number}") for number in range(8))
    hpc.load(replace(REGISTRY, devices=boards))
    (hpc.opened.site.directory / "sacct.psv").write_text(f"{FIELDS}\n{rows}")
    return hpc


def stops(hpc: Ground) -> list[tuple[str, str]]:
    """What stops: of collecting, then of metering."""
    findings = [*run(hpc).findings, *hpc.meter(LAST)]
    return [(finding.kind, finding.subject) for finding in findings if finding.severity == "fail"]


def milli_hours(hpc: Ground) -> Mapping[str, int]:
    """Milli-device hours of the day by SKU."""
    return {str(line[2]): int(str(line[3])) * 1000 // GPU_HOUR_US for line in hpc.usage(LAST)}


TWO = row("1", "gres/gpu:h100=1,gres/gpu=1", 10) + "".join(
    row(job, "gres/gpu:h100=1,gres/gpu=1", 5, cluster="hpc-old") for job in ("1", "2")
)


def test_of_two_clusters_in_one_dump_only_ours_is_billed(tmp_path: Path) -> None:
    hpc = collected(tmp_path, TWO, OURS)
    assert stops(hpc) == []
    assert milli_hours(hpc) == {"gpu.h100": 10_000}


def test_two_clusters_in_one_dump_and_no_word_of_ours_bill_nothing_and_stop(
    tmp_path: Path,
) -> None:
    hpc = collected(tmp_path, TWO, None)
    assert stops(hpc) == [("several_clusters", "sacct")]
    assert milli_hours(hpc) == {}


def test_another_cluster_s_events_and_totals_change_nothing_of_ours(tmp_path: Path) -> None:
    hpc = collected(tmp_path, row("1", "gres/gpu=1", 10), OURS, EVENTS, SREPORT)
    directory = hpc.opened.site.directory
    (directory / "events.psv").write_text(
        f"Cluster|NodeName|TimeStart|TimeEnd|State|Reason\nhpc-old|n1|{utc(0)}|{utc(23)}|DOWN|disk\n"
    )
    (directory / "sreport.txt").write_text(
        "Cluster Utilization 2025-10-31T15:00:00 - 2025-11-01T14:59:59\n"
        "Usage reported in TRES Seconds\n"
        "Cluster|TRES Name|Allocated|Down|PLND Down|Idle|Planned|Reported\n"
        "hpc|gres/gpu|36000|0|0|655200|0|691200\n"
        "hpc-old|gres/gpu|18000|0|0|327600|0|345600\n"
    )
    assert stops(hpc) == []
    hours = hpc.lake.read("capacity_hour", cluster="hpc").to_pylist()
    assert {hour["down"] for hour in hours} == {0}
    totals = hpc.lake.read("control_total", cluster="hpc").to_pylist()
    assert [total["allocated"] for total in totals] == [36_000_000]
    assert "control_total_differs" not in {finding.kind for finding in hpc.meter(LAST)}


SHARED = (
    row("1", "gres/shard:h100=40,gres/shard=40,mem=50G", 10, partition="share")
    + row("2", "gres/mps:h100=100,gres/mps=100", 10, partition="share")
    + row("3", "cpu=10", 10, partition="share")
)


def test_shared_devices_stop_until_the_site_says_what_makes_one(tmp_path: Path) -> None:
    hpc = collected(tmp_path, SHARED, None)
    assert stops(hpc) == [("unknown_gres", "gres/mps"), ("unknown_gres", "gres/shard")]
    assert milli_hours(hpc) == {}


def test_shared_devices_are_billed_as_the_fractions_that_they_are(tmp_path: Path) -> None:
    hpc = collected(tmp_path, SHARED, SlurmOptions(shards={"": 64}, mps={"": 200}))
    assert stops(hpc) == []
    assert milli_hours(hpc) == {"gpu.h100": 6_250 + 5_000}


DETECTED = row("1", "gres/gpu:nvidia_h100_80gb_hbm3=8,gres/gpu=8", 10)


@pytest.mark.parametrize(
    ("models", "stop", "milli"),
    [
        ({}, [("unknown_gres", "gres/gpu:nvidia_h100_80gb_hbm3")], {}),
        ({"nvidia_h100_80gb_hbm3": "h100"}, [], {"gpu.h100": 80_000}),
        (
            {"nvidia_h100_80gb_hbm3": "h100-sxm"},
            [("unknown_model", "gpu.h100-sxm")],
            {"gpu.h100-sxm": 80_000},
        ),
    ],
)
def test_a_type_as_slurm_detects_it_is_a_model_by_the_map(
    models: Mapping[str, str],
    stop: list[tuple[str, str]],
    milli: Mapping[str, int],
    tmp_path: Path,
) -> None:
    hpc = collected(tmp_path, DETECTED, SlurmOptions(gres_models=models))
    assert stops(hpc) == stop
    assert milli_hours(hpc) == milli
