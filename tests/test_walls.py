"""The walls inside a layer, drawn from the source: folders, their sizes, what they say they own."""

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.paths import ROOT

LAYERS = ("metering", "billing", "reports", "example", "jeongsan", "dags")
MODULES_MAX = 15
LINES_MAX = 400
STEPS = "metering/database/migrations/versions"  # named by revision, loaded by Alembic
SOURCE = sorted(
    path for layer in LAYERS for path in (ROOT / layer).rglob("*.py") if path.parent != ROOT / STEPS
)
TESTS = sorted(path for part in ("tests", "bench") for path in (ROOT / part).rglob("*.py"))
FOLDERS = sorted({path.parent.relative_to(ROOT).as_posix() for path in SOURCE})
# Words that say nothing of what a thing is.
NAMELESS = {"one", "found", "made", "told", "stood", "beside"}
Graph = Mapping[str, set[str]]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name_of(path))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {dotted(path): path for path in SOURCE}


def imported(path: Path) -> Iterator[Path]:
    """The modules of the source that a module imports, wherever in it the import stands."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (MODULES[alias.name] for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                module = MODULES.get(f"{node.module}.{alias.name}") or MODULES.get(node.module)
                if module is not None:
                    yield module


def circles(arrows: Graph) -> list[list[str]]:
    """The circles of a graph, each as the nodes of a strongly connected part (Tarjan)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    parts: list[list[str]] = []

    def visit(node: str) -> None:
        number[node] = low[node] = len(number)
        stack.append(node)
        for target in sorted(arrows.get(node, ())):
            if target not in number:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], number[target])
        if low[node] == number[node]:
            part = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(part) > 1:
                parts.append(sorted(part))

    for node in sorted(arrows):
        if node not in number:
            visit(node)
    return parts


def folder_arrows(paths: Iterable[Path]) -> dict[str, set[str]]:
    arrows: dict[str, set[str]] = {}
    for path in paths:
        here = path.parent.relative_to(ROOT).as_posix()
        for module in imported(path):
            there = module.parent.relative_to(ROOT).as_posix()
            if here != there:
                arrows.setdefault(here, set()).add(there)
    return arrows


def test_a_circle_is_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == [["b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}}) == []


def test_folders_import_one_way() -> None:
    arrows = folder_arrows(SOURCE)
    assert len(arrows) > 40, "the graph is drawn from the source"
    assert circles(arrows) == []


def drawn_order(layer: str) -> list[str]:
    """The folders of a layer as the table of ARCHITECTURE.md has them, lowest first."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if line.startswith(f"| `{layer}/` "))
    names = re.findall(r"`([\w/]+)`", row.split("|")[2])
    sources = [path.name for path in (ROOT / layer / "sources").glob("*/")]
    return [f"{layer}/{'sources/' if name in sources else ''}{name}" for name in names]


@pytest.mark.parametrize("layer", ["metering", "billing", "reports"])
def test_the_page_draws_the_folders_as_they_import(layer: str) -> None:
    order = drawn_order(layer)
    inside = {folder for folder in FOLDERS if folder.startswith(f"{layer}/")}
    roots = {f"{layer}/sources", f"{layer}/database/migrations"}  # which only lead further
    assert set(order) == inside - roots
    rank = {folder: place for place, folder in enumerate(order)}
    upward = [
        (here, there)
        for here, targets in folder_arrows(SOURCE).items()
        for there in targets
        if here in rank and there in rank and rank[there] > rank[here]
    ]
    assert upward == []


def test_every_file_that_the_page_names_is_there() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    places = {name_of(path) for path in (*SOURCE, *TESTS)}
    named = set(re.findall(r"`([\w/]+\.py)`", page))
    assert len(named) > 40
    assert [name for name in named if not any(f"/{p}".endswith(f"/{name}") for p in places)] == []


def test_modules_import_one_way() -> None:
    arrows = {
        name_of(path): {name_of(module) for module in imported(path) if module != path}
        for path in SOURCE
    }
    assert circles(arrows) == []


def test_a_folder_has_room_for_all_its_modules() -> None:
    counts: dict[str, int] = {}
    for path in (*SOURCE, *TESTS):
        if path.name != "__init__.py":
            folder = path.parent.relative_to(ROOT).as_posix()
            counts[folder] = counts.get(folder, 0) + 1
    assert {folder: count for folder, count in counts.items() if count > MODULES_MAX} == {}


def test_no_module_is_too_long_to_be_read_at_once() -> None:
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in (*SOURCE, *TESTS)
    }
    assert {name: lines for name, lines in lengths.items() if lines > LINES_MAX} == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_says_what_it_owns_what_not_and_where_one_enters(folder: str) -> None:
    path = ROOT / folder / "__init__.py"
    tree = tree_of(path)
    assert len(tree.body) == 1, f"{folder}/__init__.py holds more than its words"
    owns, _, rest = (ast.get_docstring(tree) or "").partition("\n\n")
    lines = rest.splitlines()
    assert owns
    assert lines, f"{folder}/__init__.py says neither what is not there nor the entry"
    assert lines[0].startswith("Not here: ")
    (entry,) = (line for line in lines if line.startswith("Entry: "))
    names = re.findall(r"`([\w.]+)`", entry)
    assert names
    assert [name for name in names if not exists(folder, name)] == []


def exists(folder: str, name: str) -> bool:
    """Whether a module defines a name: the module said from the root, or from its folder."""
    module, _, what = name.rpartition(".")
    path = MODULES.get(module) or MODULES.get(f"{folder.replace('/', '.')}.{module}")
    return path is not None and what in {
        defined for node in tree_of(path).body for defined in definitions(node)
    }


def definitions(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def bound_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Variables and parameters; a field of a record is a key of documents and keeps its name."""
    fields = {
        id(statement.target)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            if id(node) not in fields:
                yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg


def test_a_variable_is_called_by_what_it_is() -> None:
    assert [
        f"{name_of(path)}:{line} {name}"
        for path in SOURCE
        for line, name in bound_names(tree_of(path))
        if name in NAMELESS
    ] == []


def test_every_benchmark_finds_what_it_imports() -> None:
    """Nothing else runs them between one release and the next."""
    modules = [dotted(path) for path in TESTS if path.parent == ROOT / "bench"]
    assert "bench.documents" in modules
    for name in modules:
        importlib.import_module(name)
