"""OpenMetrics: its end tells that it is whole, and what else it writes is passed over."""

from pathlib import Path

import pytest

from metering.calendar import Calendar, Period
from metering.settings.sections import Cluster
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.exposition.open_metrics import cut_short
from metering.sources.exposition.source import parse
from metering.sources.exposition.text import TextReader
from metering.sources.families.family import family
from metering.sources.read import read
from tests.metering.sources.exposition.test_exposition_text import site_with

AT = 1_759_244_400_000
ENERGY = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
UTIL = "DCGM_FI_DEV_GPU_UTIL"
WHOLE = f"""# TYPE {ENERGY} counter
# UNIT {ENERGY} millijoules
{ENERGY}_total{{UUID="G"}} 1.5e+06 1759244400 # {{trace_id="00ab"}} 1.0 1759244400.5
{ENERGY}_created{{UUID="G"}} 1759158000.25 1759244400
# TYPE {UTIL} gauge
{UTIL}{{UUID="G"}} NaN
{UTIL}{{UUID="H"}} +Inf
# EOF
"""
SECOND = f"""# TYPE {ENERGY}_total counter
{ENERGY}_total{{UUID="G"}} 1500000 1759244400.5 st@1759158000.25
# TYPE req_seconds histogram
req_seconds{{path="/v1"}} {{count:2,sum:1.2e2,positive_spans:[1:2]}} st@1759158000.25
# EOF
"""
POWER = 'DCGM_FI_DEV_POWER_USAGE{UUID="G"} 70'


def test_a_whole_text_is_read_with_its_exemplars_and_created_lines() -> None:
    batch = parse(WHOLE.encode(), "a.prom", family("dcgm"), AT, None)
    assert [(row["energy_mj"], row["sampled_ms"]) for row in batch.table.to_pylist()] == [
        (1_500_000, AT)
    ]
    assert (batch.rows_read, batch.quarantined) == (4, ())
    assert batch.skipped == {"other_metric": 1, "not_a_number": 2}


def test_a_second_versions_start_stamp_and_composite_values_are_passed_over() -> None:
    batch = parse(SECOND.encode(), "a.prom", family("dcgm"), AT, None)
    assert [(row["energy_mj"], row["sampled_ms"]) for row in batch.table.to_pylist()] == [
        (1_500_000, AT + 500)
    ]
    assert (batch.skipped, batch.quarantined) == ({"other_metric": 1}, ())


@pytest.mark.parametrize("text", [WHOLE, SECOND])
def test_a_text_that_was_cut_short_is_refused_whole_and_told(text: str) -> None:
    raw = text.encode().removesuffix(b"# EOF\n")
    for end in (len(raw), len(raw) - 2):
        batch = parse(raw[:end], "a.prom", family("dcgm"), AT, None)
        assert (batch.table.num_rows, batch.rows_read) == (0, 1)
        (refused,) = batch.quarantined
        assert (refused.place, refused.reason) == (
            "a.prom", "is OpenMetrics without its `# EOF`: it was cut short"
        )  # fmt: skip
        (note,) = batch.notes
        assert (note.severity, note.kind, note.subject) == ("warn", "cut_short", "a.prom")


@pytest.mark.parametrize(
    "text",
    [
        POWER,
        f"# HELP x # UNIT y\n# TYPE x gauge\n{POWER}\n",
        '# TYPE x untyped\nx{y="} 5 # {"} 97\n',
        'x{y=" st@5"} 97\n',
        "",
    ],
)
def test_the_older_text_needs_no_end(text: str) -> None:
    assert not cut_short(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        f"# UNIT x joules\n{POWER}\n",
        f"{POWER}\n# TYPE x info\n",
        f"{POWER}\n# EOF\n{POWER}\n# EOF more",
        f'{POWER} 1759244400 # {{trace_id="a",span="b"}} 1 2\n',
        f"{POWER} 1759244400 st@1759158000\n",
    ],
)
def test_what_only_open_metrics_writes_asks_for_its_end(text: str) -> None:
    assert cut_short(text.encode())
    assert not cut_short(text.encode() + b"# EOF\n") or "# EOF more" in text


def test_what_an_exporter_says_of_its_text_counts() -> None:
    kind = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    for said, end, taken in ((kind, "", 0), (kind, "\n# EOF", 1), ("text/plain", "", 1)):
        reader = TextReader(family("dcgm"), None)
        reader.take((POWER + end).encode(), "a", AT, said)
        assert len(reader) == taken


def test_one_text_that_was_cut_short_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / f"{AT}.prom").write_text(f'# UNIT x y\n{UTIL}{{UUID="G"}} 9', encoding="utf-8")
    (tmp_path / f"{AT + 15_000}.prom").write_text(f'{UTIL}{{UUID="G"}} 90', encoding="utf-8")
    source = SourceConfig("dcgm", "exposition", "sample", family="dcgm", paths=("*.prom",))
    site = site_with(tmp_path, source)
    batches = list(read(source, Cluster("hpc", hold_ms=60_000), site, Period(AT, AT + 60_000)))
    assert [row["busy_ppm"] for batch in batches for row in batch.table.to_pylist()] == [900_000]
    (note,) = [note for batch in batches for note in batch.notes]
    assert (note.kind, note.day) == ("cut_short", Calendar("Asia/Seoul").day_of(AT))
    assert "1건" in note.detail
