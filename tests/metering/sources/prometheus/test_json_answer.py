"""Answers as JSON: equal to a plain decode, exactly; what is no whole answer is an error."""

import gc
import json
from decimal import Decimal
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metering.errors import SourceError
from metering.sources.prometheus.decoded_series import DecodedSeries, no_collection
from metering.sources.prometheus.json_answer import decode_export, decode_matrix
from metering.sources.reading.number_kernel import ODD

Plain = list[tuple[dict[str, str], list[tuple[int, Decimal | None]]]]
WRITTEN = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=6).map(lambda n: f"{n:f}"),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["NaN", "+Inf", "-Inf", "0", "-0", "9" * 18, "1" + "0" * 18, "1e21", "1e-07"]),
)
LABELS = st.dictionaries(
    st.sampled_from(["__name__", "UUID", "values", "metric", "pod"]),
    st.one_of(st.text(max_size=8), st.sampled_from(['"values":[[1,"2"]]', "values", "a\\", "]}"])),
    max_size=3,
)
MOMENTS = st.integers(0, 4_102_444_800_000)
SERIES = st.lists(st.tuples(LABELS, st.lists(st.tuples(MOMENTS, WRITTEN), max_size=5)), max_size=4)


def listed(samples: DecodedSeries) -> Plain:
    return [
        (dict(labels), [(int(samples.at_ms[row]), samples.value(row)) for row in rows])
        for labels, rows in samples.series()
    ]


def number(text: str) -> Decimal | None:
    value = Decimal(text.replace("Inf", "Infinity"))
    return value if value.is_finite() and value.adjusted() < 40 else None


def seconds(at_ms: int) -> str:
    return f"{at_ms // 1000}.{at_ms % 1000:03d}".rstrip("0").rstrip(".")


def answer(series: str, **said: object) -> bytes:
    rest = "".join(f',"{name}":{json.dumps(value)}' for name, value in said.items())
    return (
        f'{{"status":"success","data":{{"resultType":"matrix","result":[{series}]}}{rest}}}'
    ).encode()


def written(labels: dict[str, str], points: list[tuple[int, str]]) -> str:
    values = ",".join(f'[{seconds(at)},"{value}"]' for at, value in points)
    return f'{{"metric":{json.dumps(labels)},"values":[{values}]}}'


def one(value: str) -> DecodedSeries:
    return decode_matrix(answer(f'{{"metric":{{}},"values":[[1,"{value}"]]}}'), "server")


@pytest.mark.breadth
@settings(deadline=None)  # the first call loads the loops
@given(SERIES, st.sampled_from([None, 0, 1]))
@example([({"values": '"values":[[1,"2"]]'}, [(1, "1")])], 1)
def test_a_matrix_is_what_a_plain_decode_gives(
    series: list[tuple[dict[str, str], list[tuple[int, str]]]], indent: int | None
) -> None:
    body = answer(",".join(written(labels, points) for labels, points in series))
    if indent is not None:
        body = json.dumps(json.loads(body, parse_float=str), indent=indent).encode()
        body = json.dumps(orjson.loads(body), indent=indent).encode()
    plain = [
        (
            one["metric"],
            [(int(Decimal(str(at)) * 1000), number(value)) for at, value in one["values"]],
        )
        for one in orjson.loads(body)["data"]["result"]
    ]
    assert listed(decode_matrix(body, "server")) == plain


@settings(deadline=None)
@given(SERIES)
def test_an_export_is_what_a_plain_decode_gives(
    series: list[tuple[dict[str, str], list[tuple[int, str]]]],
) -> None:
    lines = []
    plain = []
    for labels, points in series:
        values = [value if number(value) is not None else "null" for _, value in points]
        moments = [at for at, _ in points]
        lists = f'"values":[{",".join(values)}],"timestamps":{json.dumps(moments)}'
        lines.append(f'{{"metric":{json.dumps(labels)},{lists}}}\n')
        told = [None if value == "null" else number(value) for value in values]
        plain.append((labels, list(zip(moments, told, strict=True))))
    assert listed(decode_export("".join(lines).encode(), "server")) == plain


@pytest.mark.parametrize(
    ("text", "value", "odd"),
    [
        ("999999999999999999", Decimal("999999999999999999"), False),  # 18 digits fit the loop
        ("1000000000000000000", Decimal(10**18), True),
        ("9007199254740993", Decimal("9007199254740993"), False),  # no float holds it
        ("0.00000000000000001", Decimal("1e-17"), False),
        ("0.000000000000000001", Decimal("1e-18"), True),
        ("113.611000", Decimal("113.611"), False),
        ("-0.5", Decimal("-0.5"), False),
        ("1e21", Decimal(10**21), True),
        ("5.", Decimal(5), True),
        ("+Inf", None, False),
        ("NaN", None, False),
        ("x", None, True),
        ("", None, True),
        ("é", None, True),
    ],
)
def test_a_number_is_read_exactly(text: str, value: Decimal | None, odd: bool) -> None:
    samples = one(text)
    assert (samples.value(0), bool(samples.scale[0] == ODD)) == (value, odd)


@pytest.mark.parametrize(
    ("at", "at_ms"),
    [
        ("1435781430.781", 1_435_781_430_781),
        ("1435781430.7", 1_435_781_430_700),
        ("1435781430", 1_435_781_430_000),
        ("1.435781430781e9", 1_435_781_430_781),  # not as Prometheus writes it, but a number
        ("1435781430.7819", 1_435_781_430_781),
        ("-1.5", -1_500),
    ],
)
def test_an_instant_is_read_exactly(at: str, at_ms: int) -> None:
    body = answer(f'{{"metric":{{"a":"b"}},"values":[[{at},"7"],[2,"8.5"]]}}')
    assert listed(decode_matrix(body, "server")) == [
        ({"a": "b"}, [(at_ms, Decimal(7)), (2000, Decimal("8.5"))])
    ]


def test_series_in_another_order_of_keys_keep_their_labels() -> None:
    body = answer('{"values":[[1,"1"]],"metric":{"a":"1"}},{"histograms":[],"metric":{"a":"2"}}')
    assert listed(decode_matrix(body, "server")) == [({"a": "1"}, [(1000, Decimal(1))])]


def test_a_value_with_an_escape_is_read_the_plain_way() -> None:
    assert one("\\u0031").value(0) == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"status":"error","errorType":"timeout","error":"too long"}', "answers error: too long"),
        (answer("", warnings=["a store is away"]), r"warns, .*partial: \['a store is away'\]"),
        (b"", "gives no answer of Prometheus"),
        (b"<html>", "gives no answer of Prometheus"),
        (answer(written({}, [(1, "1")]))[:-1], "gives no answer of Prometheus"),
        (answer(written({}, [(1, "1")]))[:-9] + b"}", "gives no answer of Prometheus"),
        (answer(written({}, [(1, "1")]), values=[[1, "2"]]), "lists of values outside its series"),
        (answer('{"metric":{},"values":[[1,2]]}'), "gives no answer of Prometheus"),
        (answer('{"values":[[1,"2"]]}'), "gives no answer of Prometheus"),
        (b'{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}', "no answer of"),
        (b'{"status":"success"}', "gives no answer of Prometheus"),
        (b"[]", "gives no answer of Prometheus"),
    ],
)
def test_what_is_no_whole_answer_is_an_error(body: bytes, told: str) -> None:
    with pytest.raises(SourceError, match=f"server.*{told}"):
        decode_matrix(body, "server")


def test_what_a_server_only_remarks_is_no_error() -> None:
    body = answer(written({}, [(1, "1")]), infos=["metric might not be a counter"], warnings=[])
    assert len(decode_matrix(body, "server")) == 1


@pytest.mark.parametrize(
    "line",
    [
        '{"metric":{},"values":[1],"timestamps":[1,2]}',
        '{"metric":{},"values":[1]}',
        '{"metric":{},"values":[1],"timestamps":[1.5,"x"]}',
        '{"values":[1],"timestamps":[1]}',
        '{"metric":{},"values":[1],"timestamps":[1]',
        '{"a":{"metric":{},"values":[1],"timestamps":[1]}}',
        "<html>",
    ],
)
def test_what_is_no_export_is_an_error(line: str) -> None:
    whole = '{"metric":{},"values":[1],"timestamps":[1]}\n'
    with pytest.raises(SourceError, match="server gives no export of series"):
        decode_export((whole + line).encode(), "server")


def test_an_export_has_infinities_as_texts() -> None:
    body = b'{"metric":{},"values":["Infinity",null,1e30,2],"timestamps":[1,2,3,4]}\n'
    samples = decode_export(body, "server")
    assert [samples.text(row) for row in range(4)] == ["NaN", "NaN", "1e30", "2"]
    assert [samples.value(row) for row in range(4)] == [None, None, Decimal("1e30"), Decimal(2)]


def test_samples_of_a_stretch_keep_their_series_and_odd_texts() -> None:
    body = answer(
        written({"a": "1"}, [(1, "1e30"), (2, "2"), (3, "1e31")])
        + ","
        + written({"a": "2"}, [(1, "4")])
        + ","
        + written({"a": "3"}, [(3, "5")])
    )
    assert listed(decode_matrix(body, "server").between(1, 3)) == [
        ({"a": "1"}, [(2, Decimal(2)), (3, Decimal("1e31"))]),
        ({"a": "2"}, []),
        ({"a": "3"}, [(3, Decimal(5))]),
    ]


def test_the_collector_is_off_while_something_decodes_and_on_afterwards() -> None:
    assert gc.isenabled()
    with no_collection():
        with no_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.shared_data
def test_the_documented_answer_to_a_range_is_read(formats: Path) -> None:
    samples = decode_matrix((formats / "prom_query_range.json").read_bytes(), "server")
    assert listed(samples) == [
        (
            {"__name__": "up", "job": job, "instance": f"localhost:{port}"},
            [(1_435_781_430_781 + 15_000 * n, Decimal(value)) for n, value in enumerate(values)],
        )
        for job, port, values in (("prometheus", 9090, "111"), ("node", 9091, "001"))
    ]


@pytest.mark.shared_data
def test_the_documented_export_of_victoriametrics_is_read(formats: Path) -> None:
    samples = decode_export((formats / "victoriametrics_export.jsonl").read_bytes(), "server")
    moments = ((1549891472010, 1549891487724, 1549891503438),
               (1549891461511, 1549891476511, 1549891491511))  # fmt: skip
    assert listed(samples) == [
        (
            {"__name__": "up", "job": job, "instance": f"localhost:{port}"},
            [(at, Decimal(value)) for at in own],
        )
        for job, port, own, value in (
            ("node_exporter", 9100, moments[0], 0),
            ("prometheus", 9090, moments[1], 1),
        )
    ]
