"""Who asks the machine what time it is and who is there: one module of the command line and the
DAGs."""

import ast
import pwd

import pytest

from jeongsan import clock
from tests.paths import ROOT

READERS = ("now", "today", "utcnow", "time", "time_ns", "localtime", "gmtime")


def test_one_module_of_the_command_line_and_the_dags_reads_the_clock() -> None:
    """A stopwatch (`time.monotonic`, how long to wait) tells no instant and is no clock."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("jeongsan", "dags")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READERS
    }
    assert readers == {"jeongsan/clock.py"}


def test_one_module_asks_under_which_login_it_runs() -> None:
    askers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("metering", "billing", "reports", "example", "jeongsan", "dags")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("getuser", "getlogin", "getuid", "geteuid", "getpwuid")
    }
    assert askers == {"jeongsan/clock.py"}


def test_the_login_is_that_of_the_system_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = clock.login()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody else")
    assert clock.login() == own

    def nobody(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    monkeypatch.setattr("os.getuid", lambda: 1234)
    assert clock.login() == "uid 1234"


def test_reading_waits_until_no_more_was_read_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(clock.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(clock.time, "sleep", sleep)
    wait = clock.paced(2)
    wait(1 << 20)
    now[0] += 2.0  # somebody else was slow
    wait(1 << 20)
    wait(4 << 20)
    assert waited == [0.5, 0.5]
    full = clock.paced(0)
    full(1 << 40)
    assert waited == [0.5, 0.5]
