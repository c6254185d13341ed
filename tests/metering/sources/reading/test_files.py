"""What a file holds: unpacked, in UTF-8 where it says that it is UTF-16, told apart by content."""

import gzip
from pathlib import Path

import pytest

from metering.errors import SourceError
from metering.sources.reading import files


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_text_that_powershell_wrote_reads_as_any_other(
    tmp_path: Path, encoding: str, packed: bool
) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    raw = mark + "JobID|Account\n1|연구실\n".encode(encoding)
    path = tmp_path / ("dump.psv.gz" if packed else "dump.psv")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    content = files.content("dump", path)
    assert content.decode("utf-8") == "JobID|Account\n1|연구실\n"
    assert files.digest(content) == files.digest("JobID|Account\n1|연구실\n".encode())


def test_a_text_that_only_begins_as_utf_16_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "dump.psv"
    path.write_bytes(b"\xff\xfea\x00b")
    with pytest.raises(SourceError, match="dump: cannot be read"):
        files.content("dump", path)
