"""Ten seeds are lived and judged; a judge that could not fail would be no judge."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders.servers.fork_server import run_forked
from tests.simulator import centre, judge, plan
from tests.simulator.centre import ACCOUNTS
from tests.simulator.plan import AFTER

pytestmark = pytest.mark.breadth

# Among them are a bucket that fails (18), samples (28), and a level (77), a row (106) and a run
# (277) that nobody ever tells rightly.
SEEDS, MORE = (277,), (3, 7, 9, 13, 15, 18, 28, 77, 106)
REVENUE = """UPDATE posting SET amount_krw = amount_krw + 1 WHERE rowid =
(SELECT min(rowid) FROM posting WHERE account = 'revenue')"""
PLANTED_IN = 277  # a seed whose run vanishes


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where the seeds were lived, and what was printed of those that failed."""
    folder = tmp_path_factory.mktemp("simulator")
    return folder, run_forked("tests.simulator.story", folder, *SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_against_a_seed(lived: tuple[Path, str], seed: int) -> None:
    folder, printed = lived
    assert (folder / str(seed) / "complaints").read_text(encoding="utf-8") == "", printed


def test_nothing_is_against_nine_more(tmp_path: Path) -> None:
    assert run_forked("tests.simulator.story", tmp_path, *MORE) == ""


def plant(site: Path, statement: str) -> None:
    """Changes rows behind the program's back, which the database itself would not let happen."""
    with closing(sqlite3.connect(site / "jeongsan.db")) as database, database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f"DROP TRIGGER {name}")
        assert database.execute(statement).rowcount > 0


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        (REVENUE, "sum to 1"),
        ("UPDATE invoice_number_series SET last = last + 1", "the last is"),
        ("DELETE FROM finding WHERE kind = 'vanished_run'", "vanished in silence"),
        ("DELETE FROM manifest_head WHERE table_name = 'usage_day'", "is metered"),
        ("DELETE FROM invoice WHERE rowid = (SELECT max(rowid) FROM invoice)", "documents say"),
    ],
)  # fmt: skip
def test_the_judge_hears_of_a_fault_that_is_planted(
    lived: tuple[Path, str], tmp_path: Path, fault: str, heard: str
) -> None:
    site = shutil.copytree(lived[0] / str(PLANTED_IN) / "site", tmp_path / "site")
    plant(site, fault)
    world = centre.draw(PLANTED_IN, 1, small=True)
    complaints = judge.judge(site, world, plan.draw(world), {world.months[0]: AFTER}, ACCOUNTS)
    assert any(heard in text for text in complaints), complaints


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1000, 2000, 10))
def test_nothing_is_against_a_thousand_seeds(tmp_path: Path, first: int) -> None:
    printed = run_forked("tests.simulator.story", tmp_path, *range(first, first + 10))
    assert printed == ""
