"""Lines of a text, in the letters in which it was saved."""

import pytest

from metering.sources.reading.files import numbered_lines

LINES = "JobID|훈련\r\n\r\n7|gpu01\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_text_is_the_same_in_each_encoding_that_windows_writes(encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    read = list(numbered_lines(mark + LINES.encode(encoding)))
    assert read == [(1, "JobID|훈련", "JobID|훈련".encode()), (3, "7|gpu01", b"7|gpu01")]


def test_a_utf_16_text_that_is_cut_within_a_letter_keeps_its_whole_lines() -> None:
    first, last = numbered_lines("1|a\n2|b\n".encode("utf-16")[:-3])
    assert first == (1, "1|a", b"1|a")
    assert last[1] != "2|b"


def test_a_line_that_is_no_utf_8_is_given_as_bytes() -> None:
    assert list(numbered_lines("훈련\n1".encode("cp949"))) == [
        (1, None, "훈련".encode("cp949")),
        (2, "1", b"1"),
    ]
