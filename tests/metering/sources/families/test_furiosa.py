"""FuriosaAI's exporters: cores and cycles of a card, partitions, the units of each version."""

from pathlib import Path

import pytest

from tests.metering.sources.families.test_families import (
    FURIOSA,
    FURIOSA_2025_1,
    of_sample,
    row,
    rows,
    taken,
    text,
)


def furiosa(metric: str, core: str, value: str, more: str = "") -> str:
    return f'furiosa_npu_{metric}{{arch="rngd",core="{core}",device="npu0",uuid="U"{more}}} {value}'


POD = ',namespace="a",pod="{}",container="c"'


def test_a_card_is_as_busy_as_its_cores_on_average() -> None:
    lines = [furiosa("core_utilization", str(n), u) for n, u in enumerate(("100", "50", "0.0001"))]
    assert rows(FURIOSA, *lines) == [row("U", model="rngd", busy_ppm=500_000)]
    assert rows(FURIOSA, *lines[:2]) == [row("U", model="rngd", busy_ppm=750_000)]


def test_a_core_without_a_good_value_is_not_counted_as_idle() -> None:
    lines = [furiosa("core_utilization", "0", "80"), furiosa("core_utilization", "1", "180")]
    batch = text(FURIOSA, *lines)
    assert batch.table.to_pylist() == [row("U", model="rngd", busy_ppm=800_000)]
    assert len(batch.quarantined) == 1


def test_a_partitioned_cards_copies_count_once_and_its_pods_make_a_set() -> None:
    cores = [
        furiosa("core_utilization", str(n), value, POD.format(pod))
        for n, value, pod in ((0, "90", "p"), (1, "90", "p"), (2, "30", "q"), (3, "30", "q"))
    ]
    bare = [furiosa("core_utilization", str(n), v) for n, v in enumerate(("90", "90", "30", "30"))]
    power = [
        furiosa("hw_power", core, "50", more + ',label="rms"')
        for core, more in (("0-7", ""), ("0-3", POD.format("p")), ("4-7", POD.format("q")))
    ]
    expected = row(
        "U", model="rngd", busy_ppm=600_000, power_mw=50_000, workload="pod:a/p\npod:a/q"
    )
    assert rows(FURIOSA, *cores, *bare, *power) == [expected]


def cycles(core: int, value: int, more: str = "") -> list[str]:
    """A core's counters: so many cycles worked of 100."""
    said = ((core, "task_execution_cycle", value), (core, "total_cycle_count", 100))
    return [furiosa(metric, str(core), str(told), more) for core, metric, told in said]


def test_a_cards_cycles_are_those_of_all_its_cores() -> None:
    every = [line for core in range(8) for line in cycles(core, core)]
    summed = row("U", model="rngd", busy_cycles=28, total_cycles=800)
    assert rows(FURIOSA, *every) == [summed]
    pods = [line for core in range(4) for line in cycles(core, core, POD.format("p"))]
    assert rows(FURIOSA, *every, *pods) == [{**summed, "workload": "pod:a/p"}]


@pytest.mark.parametrize("cores", [7, 9])
def test_cycles_of_fewer_or_more_cores_than_a_card_has_are_no_sum(cores: int) -> None:
    lines = [line for core in range(cores) for line in cycles(core, core)]
    util = furiosa("core_utilization", "0", "50")
    batch = text(FURIOSA, *lines, util)
    assert batch.table.to_pylist() == [row("U", model="rngd", busy_ppm=500_000)]
    assert (batch.skipped, batch.quarantined) == ({"missing_cores": 2 * cores}, ())


def test_cycles_of_a_card_whose_cores_nobody_knows_are_left_out() -> None:
    told = [line.replace("rngd", "warboy") for line in cycles(0, 5)]
    unnamed = furiosa("task_execution_cycle", "0", "5").replace('core="0",', "")
    assert text(FURIOSA, *told, unnamed).skipped == {"other_metric": 3}


@pytest.mark.parametrize(
    ("arch", "value", "is_taken"),
    [
        ("rngd", "0", True), ("rngd", "300", True), ("rngd", "300.01", False),
        ("warboy", "500", True), ("warboy", "500.1", False), ("rngd", "4795000", False),
    ],
)  # fmt: skip
def test_microwatts_are_refused_by_the_range_of_the_model(
    arch: str, value: str, is_taken: bool
) -> None:
    line = f'furiosa_npu_hw_power{{arch="{arch}",label="rms",uuid="U"}} {value}'
    assert taken(FURIOSA, line) is is_taken


def test_power_of_another_kind_is_not_the_cards() -> None:
    assert text(FURIOSA, furiosa("hw_power", "0-7", "5", ',label="peak"')).skipped == {
        "other_metric": 1
    }


def test_dram_is_counted_in_whole_mib() -> None:
    lines = [furiosa("dram_usage", "0-7", str(5 * 2**20 - 1)), furiosa("alive", "0-7", "0")]
    assert rows(FURIOSA, *lines) == [row("U", model="rngd", memory_mib=4, health_ok=False)]


@pytest.mark.shared_data
def test_the_vendors_example_of_2026_3_is_one_card_under_its_pod(formats: Path) -> None:
    batch = of_sample(formats, FURIOSA, "furiosa_2026.3")
    assert batch.quarantined == ()
    assert batch.table.to_pylist() == [
        row("09512C86-0702-4303-8F40-474746474A40", model="rngd", node="cntk002",
            busy_ppm=996_831, power_mw=50_000, health_ok=True, workload="pod:default/furiosa",
            busy_cycles=4 * (5_686_392_711 + 5_685_170_235),
            total_cycles=4 * (17_242_541_456 + 17_175_902_913))
    ]  # fmt: skip


@pytest.mark.shared_data
def test_old_label_names_are_read_and_old_microwatts_refused(formats: Path) -> None:
    batch = of_sample(formats, FURIOSA, "furiosa_2025.1_legacy")
    (power,) = batch.quarantined
    assert power.reason == "furiosa_npu_hw_power 4795000 is out of range (0 to 300 W)"
    (one,) = batch.table.to_pylist()
    assert one == row("uuid", model="rngd", node="node", busy_ppm=one["busy_ppm"], health_ok=True)
    assert one["busy_ppm"] == 900_000


@pytest.mark.shared_data
def test_an_exporter_of_2025_1_that_is_named_so_is_read_in_microwatts(formats: Path) -> None:
    batch = of_sample(formats, FURIOSA_2025_1, "furiosa_2025.1_legacy")
    assert batch.quarantined == ()
    assert batch.table.to_pylist() == [
        row("uuid", model="rngd", node="node", busy_ppm=900_000, power_mw=4_795, health_ok=True)
    ]


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [("1000000", True), ("999999", False), ("300000000", True), ("300000001", False)],
)
def test_watts_are_refused_where_microwatts_are_said(value: str, is_taken: bool) -> None:
    line = f'furiosa_npu_hw_power{{arch="rngd",label="rms",uuid="U"}} {value}'
    assert taken(FURIOSA_2025_1, line) is is_taken


@pytest.mark.shared_data
def test_the_vendors_partitioned_example_says_nothing_that_is_metered(formats: Path) -> None:
    batch = of_sample(formats, FURIOSA, "furiosa_2025.2_partitioned")
    assert (batch.table.num_rows, batch.quarantined) == (0, ())
    assert batch.skipped == {"other_metric": 4}


# Rebellions
