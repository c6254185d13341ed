"""Every English sentence of the source that a person may see, and every Korean one of a finding,
read from the syntax tree.

Not only what is raised: a reason is handed on as a value before it is raised or kept, so each piece
of prose counts, wherever it stands, but for what is named here as seen by nobody."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.paths import ROOT

LAYERS = ("metering", "billing", "reports", "example", "jeongsan", "dags")
HANGUL = re.compile("[가-힣]")
GAP = "\0"  # where a value stands
LOGGED = re.compile("%[sd]")  # where a log line has one
FORMATTED = re.compile(r"(?<=[가-힣 (])\{(?:count:,|reason|said|own)\}")  # and str.format
# Two words beside one another, or a word and a value.
PROSE = re.compile(
    rf"[a-z]{{2,}}`?[,;:]? [a-z(`{GAP}'\"]|{GAP} [a-z]{{2,}}|[a-z]{{2}}: {GAP}|{GAP}s [a-z]"
)
# What is handed to these is no sentence: points at which tests kill, keys, columns, patterns,
# types, names of inputs and rule values, commands, and what stands in both languages beside it.
CALLS = {
    "fault", "_keys", "RegistrySheet", "compile", "fullmatch", "cast", "filterwarnings", "Batch",
    "dated", "Frame", "NextStep", "Option", "Argument", "add_argument",
}  # fmt: skip
# Our own promises, and what only Python's importing catches.
RAISED = {"AssertionError", "TypeError", "ModuleNotFoundError"}
# Tables of columns, names and addresses; the words of migrations are the database's own.
CONSTANTS = {
    "example/first_look.py", "example/telemetry.py", "metering/site/new_site.py",
    "metering/sources/families/family.py", "metering/sources/reading/certificates.py",
    "metering/sources/slurm/sacct_text.py", "reports/explain/recompute_queries.py",
    "reports/explain/row_queries.py", "reports/frames/database_frames.py",
    "reports/frames/registry_frames.py",
}  # fmt: skip
# And the catalogues themselves.
ELSEWHERE = (
    "metering/database/migrations/", "reports/wording/english/", "reports/wording/messages/",
)  # fmt: skip
# Names, commands and parts of them, as they are in every language.
NAMES = {
    "- adjustment: {}", "--approve --digest {}", "--only {}", "--printed {}", "Bearer {}", "and as",
    "claim {}", "jeongsan repair",
    "default: $JEONGSAN_SITE, else the example: of `make demo`, or made in HOME/example",
    "from: business_number, name, representative, address", "issue {}", "jeongsan adjust {}",
    "jeongsan meter {}..{}", "jeongsan report {}{}", "jeongsan rows 1: {}",
    "jeongsan status --month {} --findings", "jeongsan tax {}", "jeongsan {}", "landing of {}",
    "market.yaml {}", "number of {}", 'of {}="{}"', "on {}", "org_type, size, place", "pf.yaml {}",
    'pip install "jeongsan[postgres]"', "pod {}", "quota gb",
    "title blank metrics labels exporter models", "tres name", "uid {}", "{} --site {}",
    "{} --site {} status --findings", "{} days", "{} explain {} 1", "{} for {}", "{} in {}",
    "{} is {}", "{} quota {} --company {}", "{} simulate {} --rules {}", "{} to {}", "{} to {} {}",
}  # fmt: skip


# Modules whose Korean is read or printed by whoever reads Korean anyway, and words of progress.
KOREAN_ELSEWHERE = (
    "metering/settings/bank_layout.py", "metering/written_time.py", "billing/money.py",
    "billing/adjust/recalculations_file.py", "billing/grant/settlement.py",
    "billing/payment/set_offs.py",
)  # fmt: skip
KOREAN_NAMES = {"계측한 날", "달", "대조", "증빙", "다른 순서", "없음", "사본", "되살림"}


class Message(NamedTuple):
    """A line of a message: its text, GAP where a value stands, where it is and each value's
    expression, the same one by the same text."""

    shape: str
    place: str
    values: tuple[str, ...]


@cache
def messages() -> tuple[Message, ...]:
    """All English ones, in the order of the source."""
    return tuple(
        message
        for message in _of_layers(LAYERS)
        if not HANGUL.search(message.shape) and PROSE.search(message.shape.replace("{}", GAP))
    )


@cache
def korean_messages() -> tuple[Message, ...]:
    """All Korean ones below the reports: what findings say, and pieces of it."""
    return tuple(
        message
        for message in _of_layers(LAYERS[:2])
        if HANGUL.search(message.shape) and not message.place.startswith(KOREAN_ELSEWHERE)
    )


def _of_layers(layers: tuple[str, ...]) -> Iterator[Message]:
    for layer in layers:
        for path in sorted((ROOT / layer).rglob("*.py")):
            if not path.relative_to(ROOT).as_posix().startswith(ELSEWHERE):
                yield from _of_module(path)


def shape_of(template: str) -> str:
    """A template of the catalogue as messages are compared: {} where a value stands."""
    return re.sub(r"(?<!\{)((?:\{\{)*)\{\w+\}", r"\1{}", template)


def _of_module(path: Path) -> Iterator[Message]:
    name = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=name)
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr | ast.Constant):
            continue
        if isinstance(above[node], ast.JoinedStr | ast.Expr) or _unseen(name, node, above):
            continue
        for line, values in _lines(node):
            shape = line.replace("{", "{{").replace("}", "}}").replace(GAP, "{}")
            yield Message(shape, f"{name}:{node.lineno}", values)


def _lines(node: ast.JoinedStr | ast.Constant) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Its lines, without the blanks around them, and the values of each."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    text, values = "", []
    for part in parts:
        if isinstance(part, ast.FormattedValue):
            text += GAP
            values.append(ast.unparse(ast.JoinedStr([part])))
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            text += FORMATTED.sub(GAP, LOGGED.sub(GAP, part.value))
    rest = iter(values)
    for line in text.split("\n"):
        yield line.strip(), tuple(next(rest, f"%{at}") for at in range(line.count(GAP)))


def _unseen(name: str, node: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    """Whether nobody is ever shown it."""
    while not isinstance(node, ast.stmt):
        node = above[node]
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            word = called if isinstance(called, str) else getattr(called, "id", "")
            if word in CALLS or (word in RAISED and isinstance(above[node], ast.Raise)):
                return True
    constant = isinstance(node, ast.AnnAssign | ast.Assign) and isinstance(above[node], ast.Module)
    return isinstance(node, ast.Assert) or (constant and name in CONSTANTS)
