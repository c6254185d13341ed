"""The versions of all that a month's result and documents may depend on, kept in its bundle."""

import platform
import tomllib
import zlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from billing.paths import PROJECT

PROGRAM = "jeongsan"

# What the result and its documents are computed and drawn with; koreanize-matplotlib is the font.
LIBRARIES = (
    "duckdb",
    "holidays",
    "koreanize-matplotlib",
    "numba",
    "numpy",
    "pillow",
    "pyarrow",
    "pyyaml",
    "reportlab",
    "tzdata",
    "xlsxwriter",
)


def versions() -> dict[str, str]:
    """The versions of Python, zlib (whose streams lie in documents), the program and libraries."""
    return {
        "python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        PROGRAM: program_version(PROJECT),
        **{name: _installed(name) for name in LIBRARIES},
    }


def program_version(project: Path) -> str:
    """The program's own version: of the source tree that runs, else as it was installed.

    What was installed from a source tree keeps the number of that day when the tree moves on.
    """
    if project.is_file():
        described = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {})
        if described.get("name") == PROGRAM and "version" in described:
            return str(described["version"])
    return _installed(PROGRAM)


@cache
def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
