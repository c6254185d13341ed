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
