"""Tables as spreadsheets save them, and lines that a quote swallows: read or counted."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.errors import SourceError
from metering.sources.reading.batch import Batch
from tests.metering.sources.table.test_table import DAY, JOBS, batch_of, map_of, mapped, refusals

KOREAN = mapped(
    JOBS,
    columns={
        "allocation_id": "번호", "account": "계정", "started_ms": "시작", "ended_ms": "종료",
        "quantity_milli": "대수",
    },
)  # fmt: skip
HEAD = "번호,계정,시작,종료,대수"


def table(directory: Path, *lines: str, encoding: str = "utf-8") -> Batch:
    path = directory / "jobs.csv"
    path.write_bytes("\r\n".join([HEAD, *lines, ""]).encode(encoding))
    return batch_of(path, KOREAN)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_a_table_out_of_a_korean_spreadsheet_is_read(tmp_path: Path, encoding: str) -> None:
    batch = table(tmp_path, f"7,김정산,{DAY},2", encoding=encoding)
    assert (refusals(batch), batch.table["account"].to_pylist()) == ([], ["김정산"])


@pytest.mark.parametrize("delimiter", list(";|\t"))
def test_a_table_may_be_parted_by_other_marks(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text(f"{HEAD}\n7,a,{DAY},2\n".replace(",", delimiter), encoding="utf-8")
    assert batch_of(path, KOREAN).table["quantity_milli"].to_pylist() == [2000]


def test_a_table_that_is_no_text_is_one_error_that_says_what_to_save(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_bytes(f"{HEAD}\n".encode("utf-16-le"))
    with pytest.raises(SourceError, match=r"jobs\.csv: is no text .*; save it as CSV UTF-8"):
        batch_of(path, KOREAN)


def test_a_quote_before_two_accounts_costs_the_lines_between_and_they_are_counted(
    tmp_path: Path,
) -> None:
    lines = [f"{n},acc,{DAY},1" for n in range(1, 9)]
    lines[2], lines[5] = lines[2].replace("acc", '"acc'), lines[5].replace("acc", '"acc')
    batch = table(tmp_path, *lines)
    reason = "is of a quoted cell that runs over lines, 4 to 7"
    assert refusals(batch) == [(f"jobs.csv:{n}", reason) for n in range(4, 8)]
    assert batch.table["allocation_id"].to_pylist() == ["1", "2", "7", "8"]
    assert batch.rows_read == 8


def test_one_cell_of_ten_thousand_lines_is_the_end_of_the_file(tmp_path: Path) -> None:
    lines = [f"{n},a,{DAY},1" for n in range(10_002)]
    with pytest.raises(SourceError, match=r"jobs\.csv:2: is of a quoted cell that runs over lines"):
        table(tmp_path, lines[0].replace("a", '"a'), *lines[1:])


@given(
    st.lists(
        st.sampled_from(
            [f"1,a,{DAY},1", f'2,"a,{DAY},1', "3,a,,,1", f"4,a,{DAY},0", f"5,a,{DAY},x", "6,a",
             f'7,"a"b,{DAY},1', f"8,,{DAY},1", f'9,"a""b",{DAY},1']
        ),
        max_size=15,
    )
)  # fmt: skip
def test_lines_are_landed_left_out_or_refused(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    batch = table(tmp_path_factory.mktemp("t"), *lines)
    left_out = sum(batch.skipped.values())
    assert batch.rows_read == len(lines)
    assert len(lines) == batch.table.num_rows + left_out + len(batch.quarantined)
    assert len({row.place for row in batch.quarantined}) == len(batch.quarantined)
    assert map_of(KOREAN).columns["account"] == "계정"
