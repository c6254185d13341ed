"""Reads out of the source what documents, sheets and tables are called, by syntax tree."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# A parameter of these names is a title wherever it is; these others are for one function each.
TITLE_PARAMETERS = {"title", "heading"}
OWN_PARAMETERS = {("sheet", "name"), ("add", "name"), ("Title", "text")}
HOLE = "…"  # what an f-string fills in


@dataclass(frozen=True, slots=True)
class PrintedTitle:
    """A title and the place in the source that prints it."""

    text: str
    place: str

    @property
    def term(self) -> str:
        """What a glossary lists: without units, counts, months and chapter numbers."""
        text = re.sub(r"\([^)]*\)", "", self.text).partition(":")[0].partition("\n")[0]
        words = [word.rstrip(HOLE) for word in text.split() if not re.match("[Ⅰ-Ⅹ]", word)]
        return " ".join(word for word in words if word and HOLE not in word)


@dataclass(frozen=True, slots=True)
class _Module:
    name: str
    tree: ast.Module


def printed_titles(root: Path, folders: tuple[str, ...]) -> list[PrintedTitle]:
    """Every title that the modules of these folders print, in order of place."""
    modules = [
        _Module(path.relative_to(root).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for folder in folders
        for path in sorted((root / folder).rglob("*.py"))
    ]
    return titles_of({module.name: module.tree for module in modules})


def titles_of(trees: Mapping[str, ast.Module]) -> list[PrintedTitle]:
    """Every title that modules, by name, print."""
    takers = dict(_takers(trees.values()))
    makers = {
        node.name: node
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_title")
    }
    titles = []
    for name, tree in trees.items():
        for scope in ast.walk(tree):
            if isinstance(scope, ast.FunctionDef):
                for call in (node for node in ast.walk(scope) if isinstance(node, ast.Call)):
                    for value in _title_arguments(call, takers):
                        for text in _texts(value, scope, makers):
                            titles.append(PrintedTitle(text, f"{name}:{call.lineno}"))
                        for text in _looped(value, scope, tree):
                            titles.append(PrintedTitle(text, f"{name}:{call.lineno}"))
            for value in _title_mapping(scope):
                for text in _texts(value, tree, makers):
                    titles.append(PrintedTitle(text, f"{name}:{value.lineno}"))
    korean = [title for title in titles if re.search("[가-힣]", title.term)]
    return sorted(set(korean), key=lambda title: (title.place, title.text))


def _takers(trees: Iterable[ast.Module]) -> Iterator[tuple[str, tuple[str, int]]]:
    """What takes a title: name -> (its parameter, its place among those given by place). What
    takes the heading of a column is left out."""
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Column"):
                continue
            if isinstance(node, ast.FunctionDef):
                names = [argument.arg for argument in node.args.args]
                names = names[1:] if names[:1] == ["self"] else names
            elif isinstance(node, ast.ClassDef):
                names = [
                    field.target.id
                    for field in node.body
                    if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
                ]
                names = names or _of_init(node)
            else:
                continue
            for at, parameter in enumerate(names):
                if parameter in TITLE_PARAMETERS or (node.name, parameter) in OWN_PARAMETERS:
                    yield node.name, (parameter, at)


def _of_init(node: ast.ClassDef) -> list[str]:
    for step in node.body:
        if isinstance(step, ast.FunctionDef) and step.name == "__init__":
            return [argument.arg for argument in step.args.args][1:]
    return []


def _title_arguments(call: ast.Call, takers: Mapping[str, tuple[str, int]]) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in takers:
        return
    parameter, at = takers[name]
    yield from (keyword.value for keyword in call.keywords if keyword.arg == parameter)
    if at < len(call.args):
        yield call.args[at]


def _title_mapping(node: ast.AST) -> Iterator[ast.expr]:
    """The values of a constant that is called TITLES, or ends so."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and target.id.endswith("TITLES"):
            for part in ast.walk(node.value) if node.value else ():
                if isinstance(part, ast.Dict):
                    yield from (value for value in part.values)


def _texts(value: ast.expr, scope: ast.AST, makers: Mapping[str, ast.FunctionDef]) -> Iterator[str]:
    """Every text that an expression can be; nothing for what comes from outside."""
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            wholes = [""]
            for part in parts:
                if isinstance(part, ast.Constant):
                    pieces = [str(part.value)]
                else:
                    called = isinstance(part, ast.FormattedValue) and part.value
                    pieces = list(_texts(called, scope, makers)) if called else []
                    pieces = pieces if isinstance(called, ast.Call) and pieces else [HOLE]
                wholes = [whole + piece for whole in wholes for piece in pieces]
            yield from wholes
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body, scope, makers)
            yield from _texts(other, scope, makers)
        case ast.BinOp(left=left, op=ast.Add()):
            yield from _texts(left, scope, makers)
        case ast.Name(id=name):
            for node in ast.walk(scope):
                if isinstance(node, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id == name for target in node.targets
                ):
                    yield from _texts(node.value, scope, makers)
        case ast.Call(func=ast.Name(id=name)) if name in makers:
            for node in ast.walk(makers[name]):
                if isinstance(node, ast.Return) and node.value:
                    yield from _texts(node.value, makers[name], makers)
        case ast.Tuple(elts=[first, *_]):
            yield from _texts(first, scope, makers)


def _looped(value: ast.expr, scope: ast.AST, tree: ast.Module) -> Iterator[str]:
    """The texts of a title that a loop takes, first of a pair, out of pairs written out."""
    if not isinstance(value, ast.Name):
        return
    for node in ast.walk(scope):
        if isinstance(node, (ast.For, ast.comprehension)) and any(
            isinstance(pair, ast.Tuple)
            and isinstance(pair.elts[0], ast.Name)
            and pair.elts[0].id == value.id
            for pair in ast.walk(node.target)
        ):
            for pair in _pairs(node.iter, tree):
                if isinstance(pair, ast.Tuple) and isinstance(pair.elts[0], ast.Constant):
                    yield str(pair.elts[0].value)


def _pairs(source: ast.expr, tree: ast.Module) -> Iterator[ast.AST]:
    """What a loop goes over: pairs in the call itself, or in a constant of the module."""
    for node in ast.walk(source):
        if isinstance(node, ast.Tuple):
            yield node
        elif isinstance(node, ast.Name):
            for step in tree.body:
                if isinstance(step, (ast.Assign, ast.AnnAssign)) and step.value is not None:
                    targets = step.targets if isinstance(step, ast.Assign) else [step.target]
                    if any(isinstance(name, ast.Name) and name.id == node.id for name in targets):
                        yield from ast.walk(step.value)
