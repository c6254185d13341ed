"""Contracts: read strictly; tables held to them; digests that depend on the rows alone."""

import random
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

import metering.lake.contract
from metering.errors import ContractError
from metering.lake.contract import (
    Check,
    checks,
    contract,
    hour_digests,
    query,
    row_digest,
    tables,
)

SHARD = {"cluster": "a", "date": "2025-10-01", "shard": "3"}

GOOD = """\
description: Lamps.
owner: metering
reads: [lamp_plan]
partition: [cluster, date]
grain: [lamp]
hour: lit_ms
columns:
  lamp: {type: string, meaning: name}
  lit_ms: {type: int64, unit: ms, meaning: instant}
  lumen: {type: int32, null: true, min: 0, max: 10, meaning: light}
"""


@pytest.fixture
def lamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder sql/lamp, read in the place of the project's own."""
    monkeypatch.setattr(metering.lake.contract, "SQL", tmp_path)
    for cached in (contract, query, checks):
        cached.cache_clear()
    (tmp_path / "lamp").mkdir()
    (tmp_path / "lamp" / "table.yaml").write_text(GOOD, encoding="utf-8")
    yield tmp_path / "lamp"
    for cached in (contract, query, checks):
        cached.cache_clear()


def sets(ids: list[int], names: list[str]) -> pa.Table:
    return pa.table(
        {"workload_id": pa.array(ids, pa.int32()), "kind": ["slurm"] * len(ids), "name": names}
    )


def test_every_contract_of_the_project_can_be_read() -> None:
    assert "sample" in tables()
    assert [contract(table).table for table in tables()] == list(tables())


def test_a_contract_gives_the_arrow_schema_in_its_order() -> None:
    assert contract("workload").schema == pa.schema(
        [
            ("cluster", pa.string()),
            ("date", pa.date32()),
            ("shard", pa.int16()),
            ("workload_id", pa.int32()),
            ("kind", pa.string()),
            ("name", pa.string()),
        ]
    )
    assert contract("usage_day").schema.field("busy_ns").type == pa.decimal128(38, 0)


def test_null_and_bounds_are_read(lamps: Path) -> None:
    lumen = contract("lamp").columns[2]
    assert (lumen.name, lumen.kind, lumen.null) == ("lumen", pa.int32(), True)
    assert (lumen.low, lumen.high, lumen.unit, lumen.meaning) == (0, 10, "", "light")
    assert contract("lamp").hour == "lit_ms"
    assert contract("lamp").reads == ("lamp_plan",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("owner: metering", "owner: nobody", "owner 'nobody' is none of"),
        ("owner: metering", "owner: metering\ncolour: red", "unknown ['colour']"),
        ("description: Lamps.\n", "", "missing ['description']"),
        ("type: int32", "type: double", "type 'double' is none of"),
        ("min: 0", "min: 0.5", "bounds are integers"),
        ("null: true", "null: maybe", "null is true or false"),
        ("grain: [lamp]", "grain: [lumen]", "lumen orders rows"),
        ("grain: [lamp]", "grain: [lamps]", "lamps orders rows"),
        ("hour: lit_ms", "hour: lit", "lit orders rows"),
        ("meaning: light", "meaning: light, also dark", "unknown ['also dark']"),
        ("owner: metering", "owner: metering\nowner: billing", "'owner' is written twice"),
        ("max: 10", "max: 10, max: 11", "'max' is written twice"),
    ],
)
def test_a_mistake_in_a_contract_is_refused(lamps: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    (lamps / "table.yaml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        contract("lamp")
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["nothing", "../sql/sample", ""])
def test_a_table_without_contract_is_refused(name: str) -> None:
    with pytest.raises(ContractError, match="no table"):
        contract(name)


def test_checks_are_read_by_name_and_those_that_stop_come_first(lamps: Path) -> None:
    (lamps / "warn_dim.sql").write_text("SELECT 1", encoding="utf-8")
    (lamps / "fail_dark.sql").write_text("SELECT 2", encoding="utf-8")
    (lamps / "fail_broken.sql").write_text("SELECT 3", encoding="utf-8")
    assert checks("lamp") == (
        Check("broken", "fail", "SELECT 3"),
        Check("dark", "fail", "SELECT 2"),
        Check("dim", "warn", "SELECT 1"),
    )


def test_a_table_that_is_landed_has_no_query() -> None:
    with pytest.raises(ContractError, match="sample has no query"):
        query("sample")


def test_rows_come_out_sorted_by_their_grain_with_the_partition_filled_in() -> None:
    conformed = contract("workload").conform(sets([2, 1, 1], ["a", "c", "b"]), SHARD)
    assert conformed.schema == contract("workload").schema
    assert conformed.to_pylist() == [
        {"cluster": "a", "date": date(2025, 10, 1), "shard": 3, "kind": "slurm"} | row
        for row in (
            {"workload_id": 1, "name": "b"},
            {"workload_id": 1, "name": "c"},
            {"workload_id": 2, "name": "a"},
        )
    ]


def test_columns_may_come_in_any_order_and_strings_as_dictionaries() -> None:
    plain = sets([2, 1], ["a", "b"])
    shuffled = pa.table(
        {
            "name": plain.column("name").dictionary_encode(),
            "kind": plain.column("kind"),
            "workload_id": plain.column("workload_id"),
        }
    )
    kept = contract("workload")
    assert kept.conform(shuffled, SHARD).equals(kept.conform(plain, SHARD))


def test_no_rows_are_fine() -> None:
    assert (
        contract("workload").conform(sets([], []).cast(sets([1], ["a"]).schema), SHARD).num_rows
        == 0
    )


def test_columns_and_types_that_differ_are_named_all_at_once() -> None:
    wrong = pa.table({"workload_id": pa.array([1]), "kind": ["slurm"], "colour": ["red"]})
    with pytest.raises(ContractError) as caught:
        contract("workload").conform(wrong, SHARD)
    assert str(caught.value) == (
        "table workload does not keep its contract (sql/workload/table.yaml)\n"
        "  name: the column is missing\n"
        "  colour: the contract has no such column\n"
        "  workload_id: is int64, the contract says int32"
    )


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.float64(), [1.0]),
        (pa.int64(), [1]),
        (pa.int16(), [1]),
        (pa.decimal128(38, 0), [Decimal(1)]),
        (pa.string(), ["1"]),
    ],
)
def test_nothing_is_cast(kind: pa.DataType, values: list[object]) -> None:
    wrong = sets([1], ["a"]).set_column(0, "workload_id", pa.array(values, kind))
    with pytest.raises(ContractError, match=r"workload_id: is .*, the contract says int32"):
        contract("workload").conform(wrong, SHARD)


def sample(**changed: list[int | None]) -> pa.Table:
    rows: dict[str, list[int | None]] = {
        "device_id": [1, 1, 2],
        "sampled_ms": [10, 20, 10],
        "busy_ppm": [0, 1_000_000, None],
        "power_mw": [None, 1, 2],
        "energy_mj": [1, None, 3],
        "memory_mib": [1, 2, 3],
        "workload_id": [0, 0, 1],
        "health_ok": [None, None, None],
        "busy_cycles": [None, None, 7],
        "total_cycles": [None, None, 9],
    } | changed
    kept = contract("sample").schema
    return pa.table({name: pa.array(rows[name], kept.field(name).type) for name in rows})


def test_both_bounds_are_allowed_and_one_beyond_is_not() -> None:
    assert contract("sample").conform(sample(), SHARD).num_rows == 3
    with pytest.raises(ContractError) as caught:
        contract("sample").conform(sample(busy_ppm=[-1, 1_000_001, None]), SHARD)
    assert str(caught.value) == (
        "table sample does not keep its contract (sql/sample/table.yaml)\n"
        "  busy_ppm: below 0\n"
        "    row 0: device_id=1, sampled_ms=10\n"
        "  busy_ppm: above 1000000\n"
        "    row 1: device_id=1, sampled_ms=20"
    )


def test_a_null_where_none_is_allowed_is_named_with_its_rows() -> None:
    with pytest.raises(ContractError) as caught:
        contract("sample").conform(sample(workload_id=[0, None, None]), SHARD)
    assert str(caught.value).splitlines()[1:] == [
        "  workload_id: null is not allowed",
        "    row 1: device_id=1, sampled_ms=20",
        "    row 2: device_id=2, sampled_ms=10",
    ]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [2, 0, 3, 1]])
def test_rows_that_share_their_grain_are_refused_in_any_order(order: list[int]) -> None:
    twice = sets([1, 1, 2, 2], ["a", "b", "c", "c"]).take(order)
    with pytest.raises(ContractError) as caught:
        contract("workload").conform(twice, SHARD)
    assert str(caught.value).splitlines()[1:] == [
        "  workload_id, kind, name: 1 rows repeat the row before them",
        "    row 3: workload_id=2, kind='slurm', name='c'",
    ]


def test_of_many_bad_rows_the_first_are_shown_and_the_rest_counted() -> None:
    with pytest.raises(ContractError) as caught:
        contract("workload").conform(sets([0] * 9, list("abcdefghi")), SHARD)
    assert str(caught.value).splitlines()[-1] == "    and 6 more rows"


def test_rows_of_another_partition_are_refused() -> None:
    other = sets([1, 2], ["a", "b"]).append_column("shard", pa.array([3, 4], pa.int16()))
    with pytest.raises(ContractError) as caught:
        contract("workload").conform(other, SHARD)
    assert "shard: is not the partition's 3\n    row 1:" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"), [("date", "2025-13-01"), ("shard", "x"), ("shard", "40000")]
)
def test_a_partition_value_of_another_type_is_refused(key: str, value: str) -> None:
    with pytest.raises(ContractError, match=f"partition {key}={value} is not a"):
        contract("workload").conform(sets([1], ["a"]), SHARD | {key: value})


def test_millions_of_sorted_rows_are_not_sorted_again() -> None:
    """Rows across the slices in which the order is looked at; the last two change places."""
    count = (1 << 20) + 2
    ids = pa.array(range(1, count + 1), pa.int32())
    rows = pa.table(
        {"workload_id": ids, "kind": pa.repeat("pod", count), "name": pa.repeat("x", count)}
    )
    swapped = pa.concat_tables(
        [rows.slice(0, count - 2), rows.slice(count - 1), rows.slice(count - 2, 1)]
    )
    kept = contract("workload")
    assert row_digest(kept.conform(swapped, SHARD)) == row_digest(kept.conform(rows, SHARD))


def test_a_digest_does_not_depend_on_chunks_dictionaries_or_the_order_before_sorting() -> None:
    generator = random.Random(1)
    rows = [
        {"workload_id": number, "kind": generator.choice(["pod", "slurm"]), "name": f"잡-{number}"}
        for number in range(1, 200)
    ]
    schema = pa.schema(list(contract("workload").schema)[3:])
    kept = contract("workload")
    expected = row_digest(kept.conform(pa.Table.from_pylist(rows, schema), SHARD))
    for _ in range(10):
        generator.shuffle(rows)
        cuts = sorted(generator.sample(range(200), 3))
        bounds = zip([0, *cuts], [*cuts, 199], strict=True)
        chunked = pa.concat_tables(
            [pa.Table.from_pylist(rows[low:high], schema) for low, high in bounds]
        )
        encoded = chunked.set_column(2, "name", chunked.column("name").dictionary_encode())
        assert row_digest(kept.conform(encoded, SHARD)) == expected


def test_a_digest_is_the_same_before_and_after_a_slice() -> None:
    table = pa.table(
        {"a": [None, "x", "yz", ""], "b": [True, None, False, True], "c": [1, 2, None, 4]}
    )
    assert row_digest(table.slice(1, 2)) == row_digest(
        pa.table({"a": ["x", "yz"], "b": [None, False], "c": [2, None]})
    )


@pytest.mark.parametrize(
    "other",
    [
        {"a": ["ab", "c"], "b": [1, 3]},
        {"a": ["a", "bc"], "b": [1, 2]},
        {"a": ["c", "ab"], "b": [2, 1]},
        {"a": ["ab", "c"], "b": [1, None]},
        {"a": ["ab", None], "b": [1, 2]},
        {"a": ["ab", ""], "b": [1, 2]},
        {"a": ["ab", "c"], "c": [1, 2]},
        {"a": ["ab", "c"]},
        {"a": ["ab"], "b": [1]},
    ],
)
def test_a_digest_tells_other_rows_apart(other: dict[str, list[object]]) -> None:
    assert row_digest(pa.table({"a": ["ab", "c"], "b": [1, 2]})) != row_digest(pa.table(other))


def test_a_null_is_not_a_zero_nor_an_empty_text() -> None:
    for kind, zero in (
        (pa.int64(), 0),
        (pa.string(), ""),
        (pa.bool_(), False),
        (pa.date32(), 0),
        (pa.decimal128(38, 0), 0),
    ):
        null = pa.table({"a": pa.array([None], kind)})
        assert row_digest(null) != row_digest(pa.table({"a": pa.array([zero], kind)}))


def test_bytes_under_a_null_do_not_count() -> None:
    hidden = pa.Array.from_buffers(
        pa.int64(), 2, [pa.py_buffer(b"\x01"), pa.py_buffer(b"\x07" * 16)]
    )
    plain = pa.array([hidden[0].as_py(), None], pa.int64())
    assert row_digest(pa.table({"a": hidden})) == row_digest(pa.table({"a": plain}))


def test_an_hours_digest_is_that_of_its_rows_alone() -> None:
    hour = 3_600_000
    kept = contract("sample")
    rows = kept.conform(sample(sampled_ms=[hour - 1, hour, 3 * hour]), SHARD)
    own = rows.drop_columns(list(SHARD))
    assert hour_digests(rows, kept) == {
        0: row_digest(own.slice(0, 1)),
        hour: row_digest(own.slice(1, 1)),
        3 * hour: row_digest(own.slice(2, 1)),
    }


def test_hours_of_devices_are_gathered_and_instants_before_1970_have_their_hour() -> None:
    hour = 3_600_000
    kept = contract("sample")
    rows = kept.conform(sample(sampled_ms=[-1, 5, -hour]), SHARD)
    own = rows.drop_columns(list(SHARD))
    assert hour_digests(rows, kept) == {
        -hour: row_digest(own.take([0, 2])),
        0: row_digest(own.slice(1, 1)),
    }


def test_a_table_without_hours_has_no_hour_digests() -> None:
    kept = contract("workload")
    assert hour_digests(kept.conform(sets([1], ["a"]), SHARD), kept) == {}
