"""Breaks the code in each of the ways of `breaks.yaml` and runs the test that has to fail then.

`python -m tests.mutations` runs all of them, `python -m tests.mutations 7 12` those of these
numbers. The code is broken in a copy; a break that its test does not notice is printed and is an
exit code of 1.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.paths import ROOT

BREAKS = Path(__file__).with_name("breaks.yaml")
COPIED = (
    "billing", "dags", "docs", "example", "jeongsan", "metering", "reports", "sql", "tests",
    "pyproject.toml",
)  # fmt: skip


@dataclass(frozen=True)
class Break:
    """One line that is made wrong, and the test that has to notice."""

    number: int
    file: str
    old: str
    new: str
    test: str


def breaks() -> tuple[Break, ...]:
    """All of them, numbered from 1."""
    rows = yaml.safe_load(BREAKS.read_text(encoding="utf-8"))
    return tuple(Break(number, **row) for number, row in enumerate(rows, start=1))


def survivors(wanted: tuple[Break, ...], folder: Path) -> Iterator[Break]:
    """The breaks that their tests do not notice; an empty folder is given to work in."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    for each in wanted:
        path = folder / each.file
        right = path.read_text(encoding="utf-8")
        path.write_text(right.replace(each.old, each.new), encoding="utf-8")
        noticed = fails(each.test, folder)
        path.write_text(right, encoding="utf-8")
        print(f"{each.number:3} {each.file}: {'noticed' if noticed else 'NOT NOTICED'}", flush=True)
        if not noticed:
            yield each


def fails(test: str, folder: Path) -> bool:
    """Whether a test that can be run fails in the copy."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):  # of pytest: it could not run it
        sys.exit(f"{test}: {done.stdout.decode()}{done.stderr.decode()}")
    return done.returncode == 1


def main() -> None:
    """Run the breaks that are asked for."""
    numbers = {int(word) for word in sys.argv[1:]}
    wanted = tuple(each for each in breaks() if not numbers or each.number in numbers)
    with tempfile.TemporaryDirectory() as folder:
        left = list(survivors(wanted, Path(folder)))
    print(f"{len(wanted)} breaks, {len(left)} not noticed")
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    main()
