"""The architecture, read from the source: imports, floats, clocks, SQL, sizes, references."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.paths import ROOT

LAYERS = ("metering", "billing", "reports", "example", "jeongsan", "dags")
SOURCE = sorted(path for folder in LAYERS for path in (ROOT / folder).rglob("*.py"))
PURE = [path for path in SOURCE if path.relative_to(ROOT).parts[0] in ("metering", "billing")]
DISTRIBUTIONS = {"yaml": "pyyaml"}
# what an extra brings, and the one module that imports it and says how to get it
EXTRAS = {"statsmodels": "reports/quota/forecast.py"}
TABLES = sorted(path.parent.name for path in (ROOT / "sql").glob("*/table.yaml"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name_of(path))


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def importers(module: str) -> list[str]:
    return [
        name_of(path)
        for path in SOURCE
        if any(name.split(".")[0] == module or name == module for _, name in imports(tree_of(path)))
    ]


def calls(tree: ast.AST) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield node.lineno, name, node


def test_imports_point_one_way() -> None:
    wrong = []
    for path in SOURCE:
        layer = path.relative_to(ROOT).parts[0]
        above = {*LAYERS[LAYERS.index(layer) + 1 :], "tests"}
        wrong += [
            f"{name_of(path)}:{line} imports {name}"
            for line, name in imports(tree_of(path))
            if name.split(".")[0] in above
        ]
    assert wrong == []


def test_a_plain_install_has_every_package_that_is_imported() -> None:
    """What only an extra brings would fail on the machine of somebody who installed without it."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.split(r"[>=<\[]", one)[0] for one in declared["dependencies"]}
    imported = {
        name.split(".")[0]
        for path in SOURCE
        if path.relative_to(ROOT).parts[0] != "dags"
        for _, name in imports(tree_of(path))
        if EXTRAS.get(name.split(".")[0]) != name_of(path)
    }
    ours = {*LAYERS, *sys.stdlib_module_names}
    assert {DISTRIBUTIONS.get(name, name) for name in imported - ours} <= named


def test_duckdb_is_imported_in_one_module() -> None:
    assert importers("duckdb") == ["metering/usage/duckdb_engine.py"]


def test_pandas_is_imported_in_one_folder() -> None:
    assert {str(Path(name).parent) for name in importers("pandas")} == {"reports/frames"}


def test_civil_time_lives_in_one_module() -> None:
    users = [name for name in importers("zoneinfo") if not name.startswith("example/")]
    assert users == ["metering/calendar.py"]


@pytest.mark.parametrize(
    ("folder", "owner"), [("sql", "metering/paths.py"), ("rules", "billing/paths.py")]
)
def test_a_folder_is_named_by_one_module(folder: str, owner: str) -> None:
    """A path is joined with the folder's name in its owner only."""
    joined = set()
    for path in SOURCE:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                match node.right:
                    case ast.Constant(value=str(text)) if text.split("/")[0] == folder:
                        joined.add(name_of(path))
    assert joined == {owner}


def test_files_beside_the_code_are_found_by_paths_alone() -> None:
    """A module that looks from where it lies itself finds nothing once it has moved.

    Airflow's folder and the example's template are what their own folder is.
    """
    lookers = {
        name_of(path)
        for path in SOURCE
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Name) and node.id == "__file__"
    }
    own = {"dags/standalone.py", "example/generate.py"}
    assert lookers - own == {"metering/paths.py", "billing/paths.py"}


def written_tables(path: Path, module: str) -> set[str]:
    """The tables of a module that a file inserts into, changes or deletes from."""
    tree = tree_of(path)
    tables = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    }
    return {
        tables[call.args[0].id]
        for _, verb, call in calls(tree)
        if verb in ("insert", "update", "delete") and call.args
        if isinstance(call.args[0], ast.Name) and call.args[0].id in tables
    }


def test_every_table_of_money_is_written_by_one_module() -> None:
    writers: dict[str, list[str]] = {}
    for path in SOURCE:
        for table in written_tables(path, "billing.ledger.tables"):
            writers.setdefault(table, []).append(name_of(path))
    by_module: dict[str, set[str]] = {}
    for table, modules in writers.items():
        assert len(modules) == 1, f"{table} is written by {modules}"
        by_module.setdefault(modules[0], set()).add(table)
    assert by_module == {
        "billing/ledger/ledger.py": {
            "month_state", "bundle", "invoice", "claim", "posting",
        },
        "billing/ledger/invoice_numbers.py": {"invoice_number_series"},
        "billing/ledger/adjustment_ledger.py": {
            "adjustment", "adjusted_month", "claim_restatement", "adjustment_draft",
        },
        "billing/ledger/number_register.py": {"number_register"},
        "billing/close/draft_history.py": {"draft_record"},
        "billing/payment/bank_line_ledger.py": {"bank_line", "bank_line_decision"},
        "billing/payment/payment_ledger.py": {
            "bank_file", "payment", "payment_use", "payment_posting",
        },
        "billing/grant/settlement_ledger.py": {"grant_entry", "grant_filing"},
    }  # fmt: skip


def test_no_float_and_no_clock_in_metering_and_billing() -> None:
    wrong = []
    for path in PURE:
        tree = tree_of(path)
        wrong += [
            f"{name_of(path)}:{line} calls {name}"
            for line, name, _ in calls(tree)
            if name in ("float", "now", "today", "utcnow", "time", "time_ns", "localtime")
        ]
        wrong += [
            f"{name_of(path)}:{node.lineno} writes the float {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, float)
        ]
    assert wrong == []


def test_no_formatted_string_reaches_a_database() -> None:
    wrong = []
    for path in SOURCE:
        for line, name, call in calls(tree_of(path)):
            if name not in ("execute", "executemany", "sql", "query", "text", "exec_driver_sql"):
                continue
            for argument in call.args[:1]:
                built = isinstance(argument, (ast.JoinedStr, ast.BinOp)) or (
                    isinstance(argument, ast.Call)
                    and isinstance(argument.func, ast.Attribute)
                    and argument.func.attr in ("format", "join", "replace")
                )
                if built:
                    wrong.append(f"{name_of(path)}:{line} builds what it gives to {name}")
    assert wrong == []


def test_errors_are_never_swallowed() -> None:
    wrong = []
    for path in SOURCE:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ExceptHandler):
                bare = node.type is None
                silent = all(isinstance(step, ast.Pass) for step in node.body)
                if bare or silent:
                    wrong.append(f"{name_of(path)}:{node.lineno}")
    assert wrong == []


def test_modules_and_functions_stay_small() -> None:
    wrong = []
    for path in SOURCE:
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > 400:
            wrong.append(f"{name_of(path)} has {len(text.splitlines())} lines")
        for node in ast.walk(tree_of(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 50:
                    wrong.append(f"{name_of(path)}:{node.lineno} {node.name} has {length} lines")
    assert wrong == []


def test_no_module_is_named_for_nothing() -> None:
    empty = {
        "utils",
        "util",
        "helper",
        "helpers",
        "common",
        "base",
        "manager",
        "data",
        "item",
        "process",
    }
    assert [name_of(path) for path in SOURCE if path.stem in empty] == []


def test_one_class_name_is_one_class() -> None:
    """A reader who meets a name in a signature looks for it in one place."""
    owners: dict[str, list[str]] = {}
    for path in SOURCE:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                owners.setdefault(node.name, []).append(f"{name_of(path)}:{node.lineno}")
    assert {name: places for name, places in owners.items() if len(places) > 1} == {}


def test_every_module_says_what_it_owns() -> None:
    silent = [
        name_of(path)
        for path in SOURCE
        if path.read_text(encoding="utf-8").strip() and ast.get_docstring(tree_of(path)) is None
    ]
    assert silent == []


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_an_owner_and_meanings(table: str) -> None:
    contract = yaml.safe_load((ROOT / "sql" / table / "table.yaml").read_text(encoding="utf-8"))
    assert contract["owner"] in ("metering", "billing")
    assert contract["description"]
    assert all(column.get("meaning") for column in contract["columns"].values())


@pytest.mark.parametrize(
    "query", sorted((ROOT / "sql").glob("*/query.sql")), ids=lambda p: p.parent.name
)
def test_every_query_has_a_case_and_keeps_to_its_size(query: Path) -> None:
    text = query.read_text(encoding="utf-8")
    cases = list((ROOT / "tests" / "sql" / query.parent.name).glob("*.yaml"))
    assert cases, f"tests/sql/{query.parent.name}/ has no case"
    assert len(text.splitlines()) <= 120
    assert text.startswith("--")
    assert "::" not in text


def values(node: object, path: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    """Every mapping in a rule file that carries a `value`."""
    if isinstance(node, dict):
        if "value" in node:
            yield path, node
        for key, child in node.items():
            yield from values(child, f"{path}/{key}")
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from values(child, f"{path}[{number}]")


@pytest.mark.parametrize(
    "rules", sorted((ROOT / "billing" / "rules").rglob("*.yaml")), ids=lambda p: p.name
)
def test_every_rule_value_has_a_reference_or_says_assumed(rules: Path) -> None:
    found = list(values(yaml.safe_load(rules.read_text(encoding="utf-8"))))
    assert found, f"{rules.name} has no dated value"
    assert [
        path for path, value in found if not (value.get("reference") or value.get("assumed"))
    ] == []
