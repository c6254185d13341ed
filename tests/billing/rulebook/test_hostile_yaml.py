"""A file of rules that no person wrote: one mistake each, never the end of the program."""

from pathlib import Path

import pytest

from tests.fuzz.bounded_child import refused

IMPORTS = """
from pathlib import Path
from metering.errors import Mistakes
from billing.rulebook.rule_book import read_rulebook
"""
ACT = 'read_rulebook(Path("."))'
STRANGE = {
    "a hundred thousand brackets": (b"[" * 100_000, "tax.yaml:1: lists and mappings stand within"),
    "a hundred thousand braces": (b"{a: " * 100_000, "tax.yaml:1: lists and mappings stand within"),
    "a hundred thousand dashes": (b"- " * 100_000, "tax.yaml:1: lists and mappings stand within"),
    "steps without end": (
        b"".join(b" " * n + b"a:\n" for n in range(500)), "tax.yaml:33: lists and mappings stand"
    ),
    "two mebibytes": (b"#" * 2**21, "tax.yaml: has more than 1 MiB"),
    "keys by the thousand": (b"".join(b"k%d: 1\n" % n for n in range(50_000)), "unknown key k0"),
    "aliases that grow": (
        b"a: &a [x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (n, n, n - 1, n - 1)
                                  for n in range(ord("b"), ord("z"))), "no anchors"
    ),
    "a zero": (b"a: \0", "not YAML"),
    "half a letter": (b"\xff", "not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "reason"), STRANGE.values(), ids=STRANGE)
def test_what_no_person_wrote_is_a_mistake(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "tax.yaml").write_bytes(content)
    assert reason in refused(IMPORTS, ACT, "Mistakes", tmp_path)
