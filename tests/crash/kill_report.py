"""Kills the rendering of a month's documents at boundaries, each time in a process of its own.

`main` runs in a process that has opened nothing, with a directory that holds an issued site `base/`
and its rules `rules/`, and how many to kill; leaves the copy `whole`, which nobody killed, and the
killed ones by number, the first and the last boundary among them. A boundary lies before a file is
opened to be written, before its bytes are made safe, and before it takes its name.
"""

import os
import shutil
import signal
import sys
from functools import partial
from pathlib import Path

from reports.documents import render_month
from tests.builders.sites.close_site import MONTH, open_ground
from tests.crash.forking import be_killed, count_of

WRITES = os.O_WRONLY | os.O_RDWR


def die_at(boundary: int | None, root: Path, rules: Path) -> int:
    """Render the month, killed at a boundary counted from 0; gives how many it passed alive."""
    passed = 0
    opened = open_ground(root, None, rules)
    synced = os.fsync

    def pass_boundary() -> None:
        nonlocal passed
        if passed == boundary:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1

    def seen(event: str, arguments: tuple[object, ...]) -> None:
        written = event == "os.rename" or (event == "open" and int(str(arguments[2])) & WRITES)
        if written and str(arguments[0]).startswith(str(opened.site.documents)):
            pass_boundary()

    def fsync(file: int) -> None:
        pass_boundary()
        synced(file)

    sys.addaudithook(seen)  # stays for good, as this process does not
    os.fsync = fsync  # no event tells of it
    render_month(opened, MONTH)
    opened.database.close()
    return passed


def main(directory: str, most: str) -> None:
    """Count the boundaries in a rendering that lives, and kill others at those asked for."""
    folder = Path(directory)
    shutil.copytree(folder / "base", folder / "whole")
    count = count_of(folder, partial(die_at, None, folder / "whole", folder / "rules"))
    many = min(int(most), count)
    for boundary in sorted({at * (count - 1) // (many - 1) for at in range(many)}):
        root = folder / f"{boundary:03d}"
        shutil.copytree(folder / "base", root)
        if not be_killed(partial(die_at, boundary, root, folder / "rules")):
            sys.exit(f"boundary {boundary} was not reached")
