"""What Airflow reads before any task: the workers the program, the DAG processor the timetables."""

import ast
import json
import sys
from pathlib import Path

import pytest

from tests.dags.conftest import python, source
from tests.dags.test_dags import TIMETABLES
from tests.paths import ROOT

IMPORTED = """
import importlib, json, sys
for name in PROGRAM:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


def assigned(name: str, variable: str) -> str:
    """The statement of a module that gives a variable its value."""
    (statement,) = (
        node
        for node in source(name).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == variable
    )
    return ast.unparse(statement)


@pytest.mark.breadth
def test_a_worker_has_imported_all_that_tasks_import(tmp_path: Path) -> None:
    code = f"{assigned('ready_workers', 'PROGRAM')}{IMPORTED}"
    imported = set(json.loads(python(code, tmp_path)))
    used = {node.module for node in ast.walk(source("stages")) if isinstance(node, ast.ImportFrom)}
    assert used - set(sys.stdlib_module_names) - {"collections.abc"} <= imported


def test_airflow_reads_only_the_timetables_for_dags() -> None:
    ignored = (ROOT / "dags" / ".airflowignore").read_text(encoding="utf-8").splitlines()[1:]
    files = {path.name for path in (ROOT / "dags").glob("*.py")}
    assert files - set(ignored) == {f"{name}.py" for name in TIMETABLES}
    assert set(ignored) <= files
