"""CSV as spreadsheets save it: letters and delimiters, and what a quote too many swallows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.csv_text import CsvText, UnreadableCsvError, is_broken, read_csv

HEAD, ROW = ["번호", "계정"], ["1", "김정산, 하나"]


def written(rows: list[list[str]], delimiter: str) -> str:
    def cell(text: str) -> str:
        return f'"{text}"' if delimiter in text or '"' in text else text

    return "".join(delimiter.join(map(cell, row)) + "\r\n" for row in rows)


def rows_of(text: CsvText) -> list[tuple[int, list[str]]]:
    return list(text.rows())


@pytest.mark.parametrize("delimiter", list(",;|\t"))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16-le", "utf-16-be"])
def test_a_file_says_itself_in_which_letters_it_is_and_what_parts_its_cells(
    encoding: str, delimiter: str
) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    content = mark + written([HEAD, ROW], delimiter).encode(encoding)
    assert rows_of(read_csv(content, HEAD)) == [(1, HEAD), (2, ROW)]


def test_the_columns_tell_the_delimiter_before_the_number_of_cells() -> None:
    content = "이름;메모, 하나, 둘, 셋\n가;나\n".encode()
    assert rows_of(read_csv(content, ["이름"]))[1] == (2, ["가", "나"])
    assert rows_of(read_csv(content, []))[0] == (1, ["이름;메모", " 하나", " 둘", " 셋"])


def test_the_line_with_the_columns_may_stand_below_others_where_that_is_asked() -> None:
    content = "거래내역, 조회, 11월\n번호;계정\n1;가\n".encode()
    assert rows_of(read_csv(content, HEAD, anywhere=True))[1:] == [(2, HEAD), (3, ["1", "가"])]
    assert rows_of(read_csv(content, HEAD))[1:] == [(2, ["번호;계정"]), (3, ["1;가"])]


@pytest.mark.parametrize(
    "content",
    [
        "번호,계정\n".encode("utf-16-le"),  # without the mark
        "번호,계정\n".encode("utf-32"),
        b"\xff\xfe" + "번호".encode("utf-16-le") + b"\x01",  # cut in the middle of a letter
        b"PK\x03\x04\x14\x00\x06\x00",  # a workbook under another name
    ],
)
def test_a_file_that_is_no_text_is_one_mistake_that_says_what_to_save(content: bytes) -> None:
    with pytest.raises(UnreadableCsvError, match="save it as CSV UTF-8"):
        read_csv(content, HEAD)


def test_bytes_that_are_no_letters_cost_their_line_only() -> None:
    lines = [b"no,name", "1,가".encode(), b"2,\xff\xff", "3,나다".encode()]
    text = read_csv(b"\n".join(lines), ["no"])
    assert [number for number, cells in text.rows() if any(map(is_broken, cells))] == [3]
    assert text.broken_line() == 3
    assert read_csv(b"\n".join(lines[:2]), ["no"]).broken_line() is None


def test_a_broken_line_does_not_turn_a_file_of_utf_8_into_another() -> None:
    lines = ["no,name", "1,무등", "2,빛고을", "3,가".encode("cp949").decode("latin-1")]
    content = "\n".join(lines[:3]).encode() + b"\n" + lines[3].encode("latin-1")
    rows = rows_of(read_csv(content, ["no"]))
    assert rows[1:3] == [(2, ["1", "무등"]), (3, ["2", "빛고을"])]
    assert is_broken(rows[3][1][1])


def test_a_quote_that_swallows_lines_is_refused_with_all_of_them() -> None:
    text = read_csv(b'no,name\n1,a\n2,"b\n3,c\n\n4,"d\n5,e\n', ["no"])
    assert rows_of(text) == [(1, ["no", "name"]), (2, ["1", "a"]), (7, ["5", "e"])]
    reason = "is of a quoted cell that runs over lines, 3 to 6"
    assert list(text.refused_lines()) == [
        (3, reason, '2,"b'), (4, reason, "3,c"), (6, reason, '4,"d')
    ]  # fmt: skip


def test_a_cell_with_a_line_end_in_it_is_refused_though_its_quotes_are_whole() -> None:
    text = read_csv(b'no,name\n1,"a\nb"\n2,c\n', ["no"])
    assert rows_of(text)[1:] == [(4, ["2", "c"])]
    assert [(run.first, run.last) for run in text.refused] == [(2, 3)]


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ('2,"b', "is no CSV: unexpected end of data"),
        ('2,"b\n3,c', "is of a quoted cell that runs over lines, 2 to 3"),
        ('2,"b"c', "is no CSV: ',' expected after '\"'"),
    ],
)
def test_a_quote_that_nothing_closes_is_refused(last: str, reason: str) -> None:
    text = read_csv(f"no,name\n{last}".encode(), ["no"])
    assert rows_of(text) == [(1, ["no", "name"])]
    assert {why for _, why, _ in text.refused_lines()} == {reason}


def test_a_swallowed_cell_may_be_of_any_length() -> None:
    content = 'no,name\n1,"a\n' + "2,b\n" * 60_000 + '3,"c\n4,d\n'
    text = read_csv(content.encode(), ["no"])
    assert rows_of(text)[1:] == [(60_004, ["4", "d"])]
    assert sum(1 for _ in text.refused_lines()) == 60_002


@given(st.lists(st.sampled_from(["1,a", '2,"b', "", '"', 'c"d,5', '6,"e"', '"7"8,f']), max_size=20))
def test_each_line_is_a_row_or_refused_and_none_is_both(lines: list[str]) -> None:
    text = read_csv("\n".join(lines).encode(), [])
    taken = [number for number, _ in text.rows()]
    refused = [number for number, _, _ in text.refused_lines()]
    full = [number for number, line in enumerate(lines, start=1) if line]
    assert sorted([*taken, *refused]) == full
