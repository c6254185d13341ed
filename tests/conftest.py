"""What all tests share: where the real data lies, and that nothing is left out in silence."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.paths import ROOT

# the same examples on every machine, however slow it is just now
settings.register_profile("same", derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
# Most tests hold messages to their English record; those of their Korean name the language.
os.environ["LC_CTYPE"] = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or "C.UTF-8"
os.environ.pop("LC_ALL", None)
os.environ["LC_MESSAGES"] = "en_US.UTF-8"
DESELECTED = "shared_data_deselected"


def shared_directory() -> Path | None:
    """The directory that holds data/, if this machine has it."""
    given = os.environ.get("JEONGSAN_SHARED")
    directory = Path(given) if given else ROOT.parent / "shared"
    return directory if (directory / "data").is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The directory of the real data; ask for it in tests marked `shared_data` only."""
    directory = shared_directory()
    assert directory is not None, "mark this test with @pytest.mark.shared_data"
    return directory


@pytest.fixture
def traces(shared: Path) -> Path:
    return shared / "data" / "traces"


@pytest.fixture
def formats(shared: Path) -> Path:
    return shared / "data" / "formats"


@pytest.fixture
def formats2(shared: Path) -> Path:
    return shared / "data" / "formats2"


@pytest.fixture(scope="session")
def metered_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example site of a month, metered once for all workers; copy it before changing it."""
    # here, since the process that hands out the tests needs none of what this imports
    from tests.builders.sites.example_month import metered_once

    own = tmp_path_factory.getbasetemp()
    return metered_once(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


LONG = (
    "test_airflow.py", "test_renamed_dag.py", "test_example_month.py", "test_philly_months.py",
    "test_mlperf_energy.py", "test_close_crash.py", "test_adjust_postgres.py",
    "test_random_kill.py", "test_simulator.py",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long tests begin first; those of the real data are deselected and counted without it."""
    rank = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path.name, len(LONG)))
    if shared_directory() is not None:
        return
    needing = [item for item in items if item.get_closest_marker("shared_data")]
    if needing:
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if item not in set(needing)]
        config.stash[_COUNT] = len(needing)


_COUNT = pytest.StashKey[int]()


def pytest_collection_finish() -> None:
    """What is imported by now stays: walking over it again took up to a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def pytest_unconfigure() -> None:
    gc.unfreeze()  # libraries look for what is left over at the end


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """A worker tells how many it left out; under JEONGSAN_FAIL_ON_SKIP a skip is a failure."""
    worker = getattr(session.config, "workeroutput", None)
    if worker is not None:
        worker[DESELECTED] = session.config.stash.get(_COUNT, 0)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", ())) if reporter and worker is None else 0
    if skipped and os.environ.get("JEONGSAN_FAIL_ON_SKIP"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{skipped} skipped, and JEONGSAN_FAIL_ON_SKIP is set", red=True)
    return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    """Every worker collects all tests, so that the count of one is the count."""
    output = getattr(node, "workeroutput", {})
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    config.stash[_COUNT] = max(config.stash.get(_COUNT, 0), output.get(DESELECTED, 0))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many tests had no data to run on."""
    count = terminalreporter.config.stash.get(_COUNT, 0)
    if count:
        terminalreporter.write_line(
            f"{count} tests deselected: no real data in $JEONGSAN_SHARED or ../shared"
        )
