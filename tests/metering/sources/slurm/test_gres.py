"""What an AllocTRES holds: whole devices by type, shares of one, names that nobody explained."""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from metering.settings.sections import Cluster
from metering.settings.source_options.slurm import SlurmOptions
from metering.sources.slurm.gres import Accelerators, Held, Rows, WrongGresError
from metering.sources.slurm.source import parse
from tests.metering.sources.slurm.test_sacct_text import CALENDAR, line

HPC = Cluster("hpc", "HPC", partition_models={"share": "h100"}, node_models={"a1": "a100"})


def held(tres: str, partition: str = "share", nodes: str = "", **said: object) -> Held:
    return Accelerators(HPC, SlurmOptions(**said)).of(tres, partition, nodes)  # type: ignore[arg-type]


def devices_of(tres: str) -> Rows:
    """The devices of an AllocTRES where site.toml says nothing at all."""
    return Accelerators(Cluster("hpc"), SlurmOptions()).of(tres, "", "").rows


def test_typed_devices_make_rows_and_the_untyped_count_checks_them() -> None:
    tres = "gres/gpu:h100=4,gres/gpu:a100=2,gres/gpu=6,mem=62.50G"
    assert devices_of(tres) == (("gpu", "a100", 2000), ("gpu", "h100", 4000))
    assert devices_of("gres/gpu:H100=4") == (("gpu", "h100", 4000),)
    assert devices_of("gres/gpu=4") == (("gpu", "", 4000),)
    assert devices_of("gres/npu:rngd=2,gres/npu=2,gres/gpu=1") == (
        ("gpu", "", 1000),
        ("npu", "rngd", 2000),
    )
    assert devices_of("cpu=4,gres/gpu=0,gres/gpumem=38888M,gres/gpuutil=80") == ()


@pytest.mark.parametrize(
    ("tres", "reason"),
    [
        ("gres/gpu:h100=4,gres/gpu=6", "AllocTRES counts 4 gpu by type and 6 in all"),
        ("gres/gpu:h100=4K", "AllocTRES 'gres/gpu:h100=4K' is no count"),
        ("gres/gpu:h100=-1", "AllocTRES 'gres/gpu:h100=-1' is no count"),
        ("gres/gpu:h100=1,gres/gpu:H100=1", "AllocTRES counts gres/gpu:H100 twice"),
        ("gres/gpu=1,gres/gpu=1", "AllocTRES counts gres/gpu twice"),
        ("gres/shard:h100=16,gres/shard=17", "AllocTRES counts 16 shard by type and 17 in all"),
        ("gres/shard=1.5", "AllocTRES 'gres/shard=1.5' is no count"),
        ("gres/rngd=1K", "AllocTRES has no whole count of gres/rngd"),
    ],
)
def test_counts_that_contradict_themselves_are_refused(tres: str, reason: str) -> None:
    with pytest.raises(WrongGresError) as caught:
        held(tres, shards={"": 32}, gres_devices={"rngd": ("npu", "rngd")})
    assert str(caught.value) == reason
    assert [row.reason for row in batch(line(alloctres=tres)).quarantined] == (
        [] if "rngd" in tres else [reason]
    )


def batch(*lines: str, **said: object):  # type: ignore[no-untyped-def]
    options = SlurmOptions(**said)  # type: ignore[arg-type]
    return parse("\n".join(lines).encode(), "sacct.psv", HPC, CALENDAR, None, options)


@pytest.mark.parametrize(
    ("tres", "unsaid"),
    [
        ("gres/fpga=1", [("gres/fpga", "resource")]),
        ("gres/fpga:u250=1,gres/fpga=1", [("gres/fpga", "resource")]),
        ("gres/craynetwork=4", [("gres/craynetwork", "resource")]),
        ("gres/tmpdisk=10G", [("gres/tmpdisk", "resource")]),
        ("gres/fpga=0", []),
        ("gres/shard=4", [("gres/shard", "share")]),
        ("gres/mps=50", [("gres/mps", "share")]),
        ("gres/gpu:nvidia_h100_80gb_hbm3=8,gres/gpu=8",
         [("gres/gpu:nvidia_h100_80gb_hbm3", "type")]),
    ],
)  # fmt: skip
def test_a_name_that_nobody_explained_is_no_device_and_kept(
    tres: str, unsaid: list[tuple[str, str]]
) -> None:
    counted = held(f"cpu=8,{tres}")
    assert (counted.rows, list(counted.unsaid)) == ((), unsaid)


def test_a_known_device_beside_an_unknown_name_is_taken_and_the_name_kept() -> None:
    counted = held("gres/fpga=1,gres/gpu:h100=2")
    assert counted.rows == (("gpu", "h100", 2000),)
    assert counted.unsaid == (("gres/fpga", "resource"),)


def test_what_site_toml_ignores_is_nothing_typed_or_not() -> None:
    tres = "gres/nic=2,gres/nic:fast=1,gres/tmpdisk=10G"
    assert held(tres, ignored_gres=("nic", "tmpdisk")) == Held((), counted=False)


@pytest.mark.parametrize(
    ("given", "rows"),
    [(("npu", ""), (("npu", "a100", 2000),)), (("npu", "rngd"), (("npu", "rngd", 2000),))],
)
def test_devices_may_go_by_another_name_with_the_model_that_they_always_are(
    given: tuple[str, str], rows: Rows
) -> None:
    assert held("gres/rngd=2", nodes="a1", gres_devices={"rngd": given}).rows == rows


def test_types_as_slurm_detects_them_are_models_by_the_map() -> None:
    models = {"nvidia_h100_80gb_hbm3": "h100", "nvidia_a100_3g.20gb": "a100.mig-3g.20gb"}
    tres = "gres/gpu:NVIDIA_H100_80GB_HBM3=2,gres/gpu:nvidia_a100_3g.20gb=1,gres/gpu=3"
    assert held(tres, gres_models=models).rows == (
        ("gpu", "a100.mig-3g.20gb", 1000),
        ("gpu", "h100", 2000),
    )


def test_two_types_of_one_model_are_one_row() -> None:
    tres = "gres/gpu:h100=2,gres/gpu:nvidia_h100_80gb_hbm3=1,gres/gpu=3"
    assert held(tres, gres_models={"nvidia_h100_80gb_hbm3": "h100"}).rows == (
        ("gpu", "h100", 3000),
    )


@pytest.mark.parametrize(
    ("tres", "said", "milli"),
    [
        ("gres/shard=16", {"shards": {"": 64}}, 250),
        ("gres/shard:h100=16,gres/shard=16", {"shards": {"": 64}}, 250),
        ("gres/shard=40", {"shards": {"": 32}}, 1250),  # on more than one device
        ("gres/mps=50", {"mps": {"": 200}}, 250),
        ("gres/mps=100", {"mps": {"": 100}}, 1000),
        ("gres/gpu=1,gres/shard=16", {"shards": {"": 32}}, 1500),
    ],
)
def test_shares_are_a_fraction_of_a_device_by_how_many_make_one(
    tres: str, said: Mapping[str, object], milli: int
) -> None:
    counted = held(tres, **said)
    assert (counted.rows, counted.unsaid, counted.left) == ((("gpu", "h100", milli),), (), ())


@pytest.mark.parametrize(
    ("nodes", "partition", "milli"),
    [
        ("gpu01", "share", 500),
        ("gpu[01-02]", "share", 500),
        ("gpu10", "share", 250),
        ("gpu01,gpu10", "share", None),  # nobody knows how many lie on which
        ("gpu01,z9", "share", None),
        ("z9", "share", 125),
        ("z9", "other", None),
        ("", "share", 125),
    ],
)
def test_how_many_make_a_device_may_differ_by_node_and_by_partition(
    nodes: str, partition: str, milli: int | None
) -> None:
    shards = {"gpu[01-04]": 32, "gpu10": 64, "share": 128}
    counted = held("gres/shard:h100=16", partition, nodes, shards=shards)
    assert counted.rows == (() if milli is None else (("gpu", "h100", milli),))
    assert counted.unsaid == (() if milli else (("gres/shard", "share"),))


def test_a_share_is_floored_to_a_milli_device_and_the_rest_is_kept() -> None:
    counted = held("gres/shard=1", shards={"": 64})
    assert counted.rows == (("gpu", "h100", 15),)
    assert counted.left == (("gres/shard", Fraction(5, 8)),)
    all_of_one = held("gres/shard=63", shards={"": 64})
    assert all_of_one.rows == (("gpu", "h100", 984),)  # never more than the device


def test_what_shares_leave_over_is_told_by_day_with_its_time() -> None:
    long = line(alloctres="gres/shard=1", end="2026-07-02T12:00:00", jobidraw="8")
    read = batch(line(alloctres="gres/shard=1"), long, shards={"": 64})
    assert read.table["quantity_milli"].to_pylist() == [15, 15]
    ((note),) = read.notes
    assert (note.severity, note.kind, note.subject, str(note.day)) == (
        "warn", "share_remainder", "gres/shard", "2026-07-01",
    )  # fmt: skip
    # 0.625 milli-devices for 25 hours
    assert "작업 2건(7, 8)" in note.detail
    assert "나머지가 0.0156 장비시간입니다" in note.detail


def test_unknown_names_stop_by_day_and_name_in_any_partition_and_say_what_to_write() -> None:
    rows = [
        line(alloctres="gres/shard=4,cpu=4", partition="nowhere"),
        line(alloctres="gres/shard=4,cpu=4", partition="nowhere", jobidraw="8"),
        line(alloctres="gres/gpu:h100=1,gres/gpu=1,gres/fpga=1", jobidraw="9"),
        line(alloctres="gres/gpu:tesla_v100=1,gres/gpu=1", jobidraw="10"),
        line(alloctres="gres/fpga=1", end="2026-07-01T12:00:00", jobidraw="11"),  # no time
    ]
    read = batch(*rows)
    assert read.table["allocation_id"].to_pylist() == ["9"]
    assert (read.skipped, read.quarantined) == ({"unknown_gres": 3, "no_time": 1}, ())
    assert [(note.severity, note.kind, note.subject) for note in read.notes] == [
        ("fail", "unknown_gres", "gres/fpga"),
        ("fail", "unknown_gres", "gres/gpu:tesla_v100"),
        ("fail", "unknown_gres", "gres/shard"),
    ]
    fpga, v100, shard = (note.detail for note in read.notes)
    assert "작업 1건(9)이 쓴 gres/fpga을(를) 청구하지 않았습니다(sacct.psv)" in fpga
    assert 'ignored_gres = ["fpga"]' in fpga
    assert 'gres_models = { "tesla_v100" = "h100" }' in v100
    assert "작업 2건(7, 8)" in shard
    assert "shards = 32" in shard
