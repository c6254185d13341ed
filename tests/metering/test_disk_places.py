"""Whether a directory can be written, asked without a trace, and how much room it has."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from metering.disk_places import free_bytes, nearest, write_refusal
from tests.paths import ROOT


def test_a_directory_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    before = tmp_path.stat().st_mtime_ns
    assert write_refusal(tmp_path) is None
    assert (list(tmp_path.iterdir()), tmp_path.stat().st_mtime_ns) == ([], before)


def test_one_that_is_not_there_yet_is_asked_of_the_nearest_that_is(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    assert (nearest(deep), write_refusal(deep)) == (tmp_path, None)
    assert not (tmp_path / "a").exists()
    assert free_bytes(deep) == pytest.approx(free_bytes(tmp_path), rel=0.5)
    (tmp_path / "a").write_text("a file", encoding="utf-8")
    assert write_refusal(deep) == f"{tmp_path / 'a'} is no directory"


def test_one_that_refuses_says_why() -> None:
    """/proc takes no file of anybody."""
    assert "/proc" in str(write_refusal(Path("/proc/self")))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_one_of_somebody_else_refuses(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    code = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); from pathlib import Path\n"
        "from metering.disk_places import write_refusal\n"
        f"os.setuid(65534); print(write_refusal(Path({str(closed)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "Permission denied" in done.stdout, done.stderr
