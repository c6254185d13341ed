"""Every reason for which a reader leaves a row out has a Korean word, and no other has one."""

import ast
from collections.abc import Iterator

import pytest

from metering.sources.exposition.text import COUNTED
from reports.wording.left_out_words import LEFT_OUT
from tests.paths import ROOT

RAISED = {"IgnoredError", "NoRowError", "NothingHeldError", "SkippedError", "_holds_nothing"}


def texts(*nodes: ast.expr | None) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value


def name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def reasons(node: ast.AST) -> Iterator[str]:
    """What a piece of a reader counts left-out rows by."""
    match node:
        case ast.Subscript() if name_of(node.value).endswith("skipped"):
            yield from texts(node.slice)
        case ast.Call() if name_of(node.func) in RAISED:
            yield from texts(*node.args)
        case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=value):
            name = name_of(target)
            if name == "left_out" and value is not None:
                yield from texts(value)
            if name.endswith(("skipped", "counts")) or name == "NOT_A_NUMBER":
                yield from of_value(value)
        case ast.keyword(arg="left_out", value=value):
            yield from texts(value)
        case ast.Tuple(elts=[ast.Name(), ast.Constant(value=str(text))]) if text:
            yield text  # (fate, reason)
        case _:
            return


def of_value(value: ast.expr | None) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Dict(keys=keys):
            yield from texts(*keys)
        case ast.Call(func=ast.Name(id="Counter"), keywords=keywords):
            yield from (keyword.arg for keyword in keywords if keyword.arg)
        case _:
            return


def counted() -> set[str]:
    reasons_read = set(COUNTED.values())
    for path in sorted((ROOT / "metering" / "sources").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        reasons_read |= {text for node in ast.walk(tree) for text in reasons(node)}
    return reasons_read


def test_every_reason_has_a_word() -> None:
    assert counted() - set(LEFT_OUT) == set()


@pytest.mark.parametrize("reason", sorted(LEFT_OUT))
def test_no_word_is_for_nothing(reason: str) -> None:
    sources = (ROOT / "metering" / "sources").rglob("*.py")
    assert any(f'"{reason}"' in path.read_text(encoding="utf-8") for path in sources) or (
        reason in counted()
    )
