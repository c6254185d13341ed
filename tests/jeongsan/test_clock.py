"""Who reads the clock: one module of the command line and the DAGs."""

import ast

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
