"""Kills the rendering of a month's documents at boundaries, each time in a process of its own.

Run as a program with a directory that holds an issued site `base/` and its rules `rules/`, and how
many to kill; leaves the copy `whole`, which nobody killed, and the killed ones by number, the first
and the last boundary among them. A boundary lies before a file is opened to be written, before its
bytes are made safe, and before it takes its name.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from metering.site.open_site import OpenSite
from reports.documents import render_month
from tests.builders.sites.close_site import MONTH, open_ground

WRITES = os.O_WRONLY | os.O_RDWR


def die_at(boundary: int | None, opened: OpenSite) -> int:
    """Render the month, killed at a boundary counted from 0; gives how many it passed alive."""
    passed, alive = 0, True
    synced = os.fsync

    def pass_one() -> None:
        nonlocal passed
        if alive and passed == boundary:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += alive

    def seen(event: str, arguments: tuple[object, ...]) -> None:
        written = event == "os.rename" or (event == "open" and int(str(arguments[2])) & WRITES)
        if written and str(arguments[0]).startswith(str(opened.site.documents)):
            pass_one()

    def fsync(file: int) -> None:
        pass_one()
        synced(file)

    sys.addaudithook(seen)
    os.fsync = fsync  # no event tells of it
    render_month(opened, MONTH)
    alive, os.fsync = False, synced  # a hook stays for good
    opened.database.close()
    return passed


def main(folder: Path, kills: int) -> None:
    """Count the boundaries in a rendering that lives, and kill others at those asked for."""
    shutil.copytree(folder / "base", folder / "whole")
    count = die_at(None, open_ground(folder / "whole", None, folder / "rules"))
    many = min(kills, count)
    for boundary in sorted({at * (count - 1) // (many - 1) for at in range(many)}):
        root = folder / f"{boundary:03d}"
        shutil.copytree(folder / "base", root)
        child = os.fork()
        if child == 0:
            die_at(boundary, open_ground(root, None, folder / "rules"))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(f"boundary {boundary} was not reached")
    (folder / "boundaries").write_text(str(count), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
