"""Sites that many tests begin with: made once a process by what a person would do, then copied.

A test that has another program make its site (`dict(ROWS)`) makes it itself.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from metering.site.open_site import OpenSite


@cache
def _made(make: Callable[[Path], OpenSite]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="site-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make(folder / "site").database.close()
    return folder / "site"


def copy_of(make: Callable[[Path], OpenSite], root: Path) -> None:
    """Puts what `make` makes of a new directory into this one."""
    shutil.copytree(_made(make), root, dirs_exist_ok=True)
