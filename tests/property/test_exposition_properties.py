"""The quick reading of Prometheus text is the plain one, line for line, warm or cold."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.calendar import Period
from metering.sources.exposition.open_metrics import cut_short
from metering.sources.exposition.text import Heads, TextReader
from metering.sources.families.family import Metric, family
from metering.sources.reading import exact_numbers
from tests.references.exposition_text import Plain

AT = 1_759_244_400_000
DIGITS = st.text("0123456789", min_size=1, max_size=20)
NUMBERS = st.one_of(
    st.integers(0, 120).map(str),
    st.decimals(0, 2000, places=6).map(str),
    st.integers(0, 2 * 10**19).map(str),
    st.builds("{}.{}".format, DIGITS, DIGITS),
    st.builds("{}.{}e{}".format, st.integers(0, 9), DIGITS, st.integers(-25, 25)),
    st.builds("{}E+{:02d}".format, DIGITS, st.integers(0, 20)),
    st.sampled_from(
        ["-1", "-0", "+5", "NaN", "+Inf", ".5", "5.", ".", "", "1e", "1e+", "1_0", "0x1F", "1e5}",
         "9.22e18", "9.2233720368547758e+18", "999999999999999999", "1000000000000000000",
         "0.000000000000000001", "0.0000000000000000001", "٣", "5e0", "1e-400", "1e999"]
    ),
)  # fmt: skip
STAMPS = st.one_of(
    st.integers(AT - 3, AT + 3).map(str),
    st.integers((AT - 3) // 1000, (AT + 3) // 1000).map(str),
    st.decimals((AT - 3) // 1000, (AT + 3) // 1000, places=3).map(str),
    st.sampled_from(
        ["0", "-5", "soon", "1e12", f"{AT}.0", str(exact_numbers.FIRST_MS), str(10**30)]
    ),
)
LABELS = st.sampled_from(
    ['{UUID="A",pod="p",namespace="n"}', '{UUID="A"}', '{UUID="B",x="} 5 # {"}', '{UUID="B",x="é"}',
     '{uuid="C",GPU_I_ID="1"}', "{}", '{UUID="D"', '{UUID="E",}', '{ UUID = "A" }', "", '{x="\\""}',
     '{arch="rngd",uuid="A",core="0",label="rms"}', '{arch="rngd",uuid="A",core="1",label="rms"}']
)  # fmt: skip
NAMES = st.sampled_from(
    ["DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "DCGM_FI_DEV_POWER_USAGE",
     "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION_total",
     "furiosa_npu_core_utilization", "furiosa_npu_hw_power", "furiosa_npu_dram_usage",
     "furiosa_npu_alive", "rbln_npu_power", "rbln_npu_memory_used", "rbln_npu_health",
     "go_goroutines", "#DCGM_FI_DEV_GPU_UTIL"]
)  # fmt: skip
GAPS = st.sampled_from([" "] * 9 + ["  ", "\t", ""])
TAILS = st.sampled_from([""] * 9 + ["\r", " ", ' # {trace="x"} 1', " 5", "\x0b"])
LINES = st.one_of(
    st.builds("".join, st.tuples(NAMES, LABELS, GAPS, NUMBERS, TAILS)).map(str.encode),
    st.builds("".join, st.tuples(NAMES, LABELS, GAPS, NUMBERS, GAPS, STAMPS, TAILS)).map(
        str.encode
    ),
    st.sampled_from(
        [b"", b"  ", b"\r", b" \r", b"# HELP x", b"# \xff", b"#\xc3\xa9", b"\xff 5", b"gibberish",
         b" 5", b"a 5", b"}", b"} 5", b" } 5", b"5", b"{", b"a}b 5 6", b"x 5 6 7"]
    ),
)  # fmt: skip
TEXTS = st.builds(
    lambda mark, lines, end: mark + b"\n".join(lines) + end,
    st.sampled_from([b"", b"", b"\xef\xbb\xbf"]),
    st.lists(LINES, max_size=12),
    st.sampled_from([b"", b"\n", b"\n# EOF", b"\n# EOF\n"]),
)


@settings(max_examples=100, deadline=None)
@given(
    name=st.sampled_from(["dcgm", "furiosa", "rebellions"]),
    texts=st.lists(TEXTS, min_size=1, max_size=3),
    instant=st.sampled_from([AT, AT, None]),
    window=st.sampled_from([None, Period(AT - 1, AT + 2)]),
)
def test_what_is_read_quickly_is_what_is_read_plainly(
    name: str, texts: list[bytes], instant: int | None, window: Period | None
) -> None:
    quick, plain = TextReader(family(name), window), Plain(family(name), instant, window)
    for raw in [*texts, *texts]:
        taken = quick.take(raw, "a", instant)
        if cut_short(raw):
            assert (taken.rows_read, [row.place for row in taken.quarantined]) == (1, ["a"])
            continue
        plain.take(raw)
        refused = [(int(row.place.removeprefix("a:")), row.reason) for row in taken.quarantined]
        assert refused == plain.refused
        assert (taken.rows_read, taken.skipped) == (plain.rows_read, dict(plain.skipped))
        assert quick.table().to_pylist() == plain.table().to_pylist()
        assert quick.observed.stuck == plain.observed.stuck


def near(bound: Decimal) -> st.SearchStrategy[str]:
    """Numbers at a bound and a little beside it, written plainly or with a power of ten."""
    close_by = st.integers(0, 12).flatmap(
        lambda n: st.sampled_from(
            [bound, bound + Decimal(1).scaleb(-n), bound - Decimal(1).scaleb(-n)]
        )
    )
    return close_by.flatmap(
        lambda number: st.sampled_from([f"{number:f}", f"{number:e}", f"{number:E}"])
    )


METRICS = [
    (name, metric)
    for name in ("dcgm", "furiosa", "rebellions", "amd", "all_smi")
    for metric in family(name).metrics.values()
    if metric.whole
]
EXTREMES = st.one_of(
    DIGITS,
    st.builds("{}.{}".format, DIGITS, DIGITS),
    st.integers(10**15, 10**21).map(str),
    st.integers(2**63 - 2000, 2**63 + 2000).map(str),
    st.builds("{}e{}".format, DIGITS, st.integers(-22, 22)),
)


@settings(max_examples=80, deadline=None)
@given(data=st.data(), chosen=st.sampled_from(METRICS))
def test_a_known_series_numbers_at_their_limits_are_read_as_plainly(
    data: st.DataObject, chosen: tuple[str, Metric]
) -> None:
    name, metric = chosen
    known = family(name)
    device = known.labels["device"][0]
    more = "".join(f',{label}="{values[0]}"' for label, values in metric.only.items())
    part = "".join(f',{label}="0"' for label in known.labels["part"])
    head = f'{metric.name}{{{device}="A"{more}{part}}}'
    limits = {metric.low, metric.high, known.blank, Decimal(0), Decimal(1)}
    texts = data.draw(
        st.lists(st.one_of(EXTREMES, *map(near, sorted(limits))), min_size=20, max_size=40)
    )
    raw = "\n".join(f"{head} {text} {AT + n}" for n, text in enumerate(texts)).encode()
    window = Period(AT, AT + len(texts) - 1)
    quick, plain = TextReader(known, window), Plain(known, None, window)
    first = f"{head} {metric.high} {AT}".encode()
    quick.take(first, "a", None)
    plain.take(first)
    taken = quick.take(raw, "a", None)
    plain.take(raw)
    refused = [(int(row.place.removeprefix("a:")), row.reason) for row in taken.quarantined]
    assert refused == plain.refused
    assert (taken.rows_read, taken.skipped) == (plain.rows_read, dict(plain.skipped))
    assert quick.table().to_pylist() == plain.table().to_pylist()


NUMBER = 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{UUID="A"}'


@pytest.mark.parametrize(
    "text", ["123456789012345678", "12345678901234567.8", "1.6877882368e+10", "0.5", "5e0"]
)
def test_a_plain_number_of_a_known_series_never_goes_the_slow_way(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = TextReader(family("dcgm"), None)
    reader.take(f"{NUMBER} 1\ngo_goroutines 9\n".encode(), "a", AT)
    reader.table()
    monkeypatch.setattr(exact_numbers, "number", None)
    exposed = f"{NUMBER} {text} {AT}\ngo_goroutines 10\n# HELP x\n".encode()
    value = int(float(text)) if "e" in text else int(text.split(".")[0])
    if value <= 10**16:
        reader.take(exposed, "a", None)
        assert reader.table()["energy_mj"].to_pylist() == [value]
    else:
        with pytest.raises(TypeError):
            reader.take(exposed, "a", None)


@pytest.mark.parametrize("text", ["18446744073709551621", "184467440737095517e2", "1.84e19"])
def test_a_number_beyond_64_bits_does_not_come_round_as_a_small_one(text: str) -> None:
    reader = TextReader(family("dcgm"), None)
    reader.take(f"{NUMBER} 1".encode(), "a", AT)
    reader.table()
    assert reader.take(f"{NUMBER} {text}".encode(), "a", AT).skipped == {"blank": 1}
    assert reader.table().num_rows == 0


def test_heads_are_found_however_many_there_are() -> None:
    reader = TextReader(family("dcgm"), None)
    lines = [f'DCGM_FI_DEV_POWER_USAGE{{UUID="G{n}"}} {n % 1500}' for n in range(5000)]
    raw = "\n".join(lines).encode()
    reader.take(raw, "a", AT)
    cold = reader.table()
    reader.take(raw, "a", AT)
    assert reader.table() == cold
    assert cold["power_mw"].to_pylist() == [n % 1500 * 1000 for n in range(5000)]


def test_an_empty_store_of_heads_knows_none() -> None:
    heads = Heads()
    assert heads.get(b"a") is None
    heads.add(b"a", 7)
    assert (heads.get(b"a"), heads.get(b"b")) == (7, None)
