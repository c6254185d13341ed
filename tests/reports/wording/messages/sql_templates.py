"""What the checks of SQL say of a finding: their `detail`, put together of texts and values."""

import re
from collections.abc import Iterator
from functools import cache

from tests.paths import ROOT
from tests.reports.wording.messages.templates import HANGUL, Message

TEXT = re.compile(r"'([^']*)'")
WORD = re.compile(r"'[^']*'|\|\||[(),]|\bCASE\b|\bEND\b|\bSELECT\b|\bAS detail\b|[^\s'|(),]+")


@cache
def sql_messages() -> tuple[Message, ...]:
    """Every detail, {} where a value stands, and the Korean texts among its values."""
    return tuple(
        Message(shape, path.relative_to(ROOT).as_posix(), ())
        for path in sorted((ROOT / "sql").glob("*/*.sql"))
        for shape in _details(re.sub("--.*", "", path.read_text(encoding="utf-8")))
    )


def _details(query: str) -> Iterator[str]:
    """The details of a query: what stands before each `AS detail`, back to where it begins."""
    expression: list[str] = []
    begins: list[int] = []  # of the parentheses and CASEs that are open
    start = 0
    for word in WORD.findall(query):
        if word == "AS detail":
            yield from _shapes(expression[start:])
        if word in ("(", "CASE"):
            begins.append(start)
        expression.append(word)
        if TEXT.fullmatch(word) and word.endswith(".'") and expression[-2:-1] != ["||"]:
            yield from _shapes([word])  # of a further SELECT, which names no column
        if word in (")", "END") and begins:
            start = begins.pop()
        elif word in (",", "SELECT", "("):
            start = len(expression)


def _shapes(words: list[str]) -> Iterator[str]:
    parts: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += (word in ("(", "CASE")) - (word in (")", "END"))
        if word == "||" and depth == 0:
            parts.append([])
        else:
            parts[-1].append(word)
    plain = [TEXT.fullmatch(" ".join(part)) for part in parts]
    shape = "".join(text[1] if text else "{}" for text in plain)
    if HANGUL.search(shape):
        yield shape.strip()
    inner = [part for part, text in zip(parts, plain, strict=True) if not text]
    for part in inner:
        yield from _branches(part)


def _branches(part: list[str]) -> Iterator[str]:
    """The Korean texts of a value, such as both that a CASE gives."""
    if "CASE" not in part:
        return
    branch: list[str] = []
    for word in [*part[part.index("CASE") + 1 :], "END"]:
        if word in ("WHEN", "THEN", "ELSE", "END"):
            if any(HANGUL.search(text) for text in branch):
                yield from _shapes(branch)
            branch = []
        else:
            branch.append(word)
