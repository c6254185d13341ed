"""Names as text format 1.0 quotes them and as scrapers have them escaped: four spellings of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.sources.exposition.source import parse
from metering.sources.families.family import family, read_family
from metering.sources.families.series import LabelError, labels_of, name_and_labels
from metering.sources.families.spellings import meanings, original, underscored
from metering.sources.reading.batch import Batch

AT = 1_759_244_400_000
POWER = "DCGM_FI_DEV_POWER_USAGE"
DOTTED = read_family(
    "dotted",
    """
title: names of many letters
blank: "9.22e18"
metrics:
  hw.gpu.energy: {field: energy_mj, unit: J, factor: "1000", range: ["0", "1e13"]}
labels:
  device: [hw.id]
  slice_id: []
  slice: []
  model_name: [hw.model]
  node: [host.name]
  job: []
  namespace: [k8s.namespace.name]
  pod: [k8s.pod.name]
  container: [k8s.container.name]
exporter: {containers: [], pods: []}
models: {}
""",
)


def dcgm(*lines: str) -> Batch:
    return parse("\n".join(lines).encode(), "a.prom", family("dcgm"), AT, None)


def dotted(*lines: str) -> Batch:
    return parse("\n".join(lines).encode(), "a.prom", DOTTED, AT, None)


SPELLINGS = [
    '{"hw.gpu.energy","hw.id"="G","k8s.namespace.name"="a","k8s.pod.name"="p"} 1.5',
    'hw_gpu_energy{hw_id="G",k8s_namespace_name="a",k8s_pod_name="p"} 1.5',
    (
        'hw_dot_gpu_dot_energy{hw_dot_id="G",k8s_dot_namespace_dot_name="a",'
        'k8s_dot_pod_dot_name="p"} 1.5'
    ),
    (
        'U__hw_2e_gpu_2e_energy{U__hw_2e_id="G",U__k8s_2E_namespace_2E_name="a",'
        'U__k8s_2E_pod_2E_name="p"} 1.5'
    ),
]


@pytest.mark.parametrize("line", SPELLINGS)
def test_each_spelling_is_the_same_series(line: str) -> None:
    batch = dotted('# TYPE "hw.gpu.energy" counter', '# HELP "hw.gpu.energy" 계량', line)
    assert (batch.quarantined, batch.skipped) == ((), {})
    (row,) = batch.table.to_pylist()
    assert (row["device_uid"], row["workload"], row["energy_mj"]) == ("G", "pod:a/p", 1_500)


def test_four_spellings_of_one_value_are_one_value() -> None:
    batch = dotted(*SPELLINGS)
    assert (batch.rows_read, batch.table.num_rows, batch.quarantined) == (4, 1, ())


def test_two_names_that_only_their_spelling_makes_one_are_refused() -> None:
    batch = dotted(
        '{"hw/gpu/energy","hw.id"="G"} 1',
        '{"hw-gpu-energy","hw.id"="G"} 2',
        '{"hw.gpu.energy","hw.id"="H"} 3',
    )
    assert [row.reason for row in batch.quarantined] == [
        "is hw.gpu.energy by its spelling, as 'hw/gpu/energy' is"
    ]
    assert [row["device_uid"] for row in batch.table.to_pylist()] == ["G", "H"]


def test_two_labels_that_are_one_by_their_spelling_are_refused() -> None:
    batch = dotted('{"hw.gpu.energy","hw.id"="G",hw_id="H"} 1')
    assert [row.reason for row in batch.quarantined] == [
        "has the label hw.id twice, as 'hw.id' and as 'hw_id'"
    ]


def test_a_quoted_label_among_old_ones_costs_nothing() -> None:
    batch = dcgm(f'{POWER}{{gpu="0",UUID="G1",Hostname="n","k8s.cluster.name"="hpc"}} 70')
    assert batch.quarantined == ()
    (row,) = batch.table.to_pylist()
    assert (row["device_uid"], row["node"], row["power_mw"]) == ("G1", "n", 70_000)


def test_an_old_name_is_known_where_its_underscores_are_doubled() -> None:
    batch = dcgm('DCGM__FI__DEV__POWER__USAGE{UUID="G1",exported__pod="p"} 70')
    assert [row["power_mw"] for row in batch.table.to_pylist()] == [70_000]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{UUID="G1"} 5', "is no line of Prometheus text"),
        (f'{POWER}{{"{POWER}",UUID="G1"}} 5', "is no line of Prometheus text"),
        (f'{{"{POWER}","{POWER}",UUID="G1"}} 5', "has labels that cannot be read"),
        (f"{POWER}{{UUID}} 5", "has labels that cannot be read"),
        (f'{{"{POWER}",UUID="G1","UUID"="G2"}} 5', "has the label UUID twice"),
    ],
)
def test_names_between_braces_keep_to_the_grammar(line: str, reason: str) -> None:
    assert [row.reason for row in dcgm(line).quarantined] == [reason]


def test_quoted_names_and_values_are_unescaped() -> None:
    block = r'"gpu.util",note="a \"b\" \\ c\nd","k\"8s"="x"'
    assert name_and_labels(block) == ("gpu.util", {"note": 'a "b" \\ c\nd', 'k"8s': "x"})
    with pytest.raises(LabelError):
        labels_of(block)


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("U__gpu_2E_energy", "gpu.energy"),
        ("U__gpu_2e_energy__total", "gpu.energy_total"),
        ("U__a_AC00_", "a가"),
        ("U__a_D800_b", "a_D800_b"),  # no character
        ("gpu_dot_energy", "gpu.energy"),
        ("a___dot_b", "a_.b"),
        ("plain", "plain"),
    ],
)
def test_what_a_spelling_escapes_is_told(spelled: str, name: str) -> None:
    assert original(spelled) == name


@given(st.text(st.sampled_from("ab_.:/가 0"), min_size=1, max_size=12))
def test_every_escape_leads_back_to_the_name(name: str) -> None:
    def escaped(character: str, by_dot: bool) -> str:
        if character == "_":
            return "__"
        if character.isascii() and (character.isalnum() or character == ":"):
            return character
        return "_dot_" if by_dot and character == "." else f"_{ord(character):x}_"

    assert original("U__" + "".join(escaped(each, False) for each in name)) == name
    assert meanings(underscored(name))[0] == underscored(name)
