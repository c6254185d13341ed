"""A site.toml that no person wrote: one mistake each, and neither a traceback nor all memory."""

from pathlib import Path

import pytest

from metering.errors import Mistakes
from metering.settings.site_toml import read_site
from tests.fuzz.bounded_child import refused

IMPORTS = """
from pathlib import Path
from metering.errors import Mistakes
from metering.settings.site_toml import read_site
"""
ACT = 'read_site(Path("."))'
STRANGE = {
    "five thousand digits": ("x = " + "9" * 5000, "site.toml: has a number that is none"),
    "an exponent without end": ("x = 1e" + "9" * 30, "site.toml: has a number that is none"),
    "lists without end": ("x = " + "[" * 100_000, "more than 32 deep"),
    "lists thirty-three deep": ("x = " + "[" * 33 + "]" * 33, "more than 32 deep"),
    "tables without end": ("x" + ".x" * 100_000 + " = 1", "more than 32 deep"),
    "a header without end": ("[x" + ".x" * 100_000 + "]", "more than 32 deep"),
    "tables within tables": ("x = " + "{x = " * 50_000, "more than 32 deep"),
    "two mebibytes": ("#" * 2**21, "site.toml: has more than 1 MiB"),
    "a zero": ("x = '\0'", "site.toml:1"),
    "half a letter": (b"\xff", "site.toml: is not UTF-8"),
}


@pytest.mark.parametrize(("text", "reason"), STRANGE.values(), ids=STRANGE)
def test_what_no_person_wrote_is_one_mistake(
    tmp_path: Path, text: str | bytes, reason: str
) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "site.toml").write_bytes(content)
    assert reason in refused(IMPORTS, ACT, "Mistakes", tmp_path)


def mistakes(folder: Path, *lines: str) -> str:
    (folder / "site.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(Mistakes) as raised:
        read_site(folder)
    return str(raised.value)


SOURCE = (
    "[cluster.hpc]", "[[cluster.hpc.source]]", 'name = "sacct"', 'kind = "slurm"',
    'record = "allocation"', 'paths = ["x"]',
)  # fmt: skip


@pytest.mark.parametrize("share", ["nan", "inf", "-inf", "-nan", "1.1", "-0.1", "1e999999"])
def test_a_share_that_is_none_is_a_mistake_of_its_line(tmp_path: Path, share: str) -> None:
    said = mistakes(tmp_path, SOURCE[0], f"quarantine_share_max = {share}", *SOURCE[1:])
    assert "site.toml:2: cluster.hpc.quarantine_share_max: must be from 0 to 1" in said


@pytest.mark.parametrize(
    "name", ["x" * 10_000, "\u202egnp.exe", "n\u0000ul", "line\nbreak", "\ufeffmark"]
)
def test_a_name_that_cannot_be_printed_or_is_without_end(tmp_path: Path, name: str) -> None:
    written = "".join(f"\\u{ord(letter):04x}" for letter in name)
    said = mistakes(tmp_path, SOURCE[0], f'title = "{written}"', *SOURCE[1:])
    assert "site.toml:2: cluster.hpc.title: " in said
    assert len(said) < 5_000


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ("{ time = 5 }", "time: must be a time in quotes"),
        ("{ size_mib = 0 }", "size_mib: must be 1 or more"),
        ("{ depth = 501 }", "depth: must be 500 at most"),
        ("{ columns = true }", "columns: must be a whole number"),
        ("{ memory = 5 }", "memory: there is no such key here"),
        ("5", "limits: must be a table"),
    ],
)
def test_wrong_limits_are_mistakes(tmp_path: Path, limits: str, reason: str) -> None:
    assert reason in mistakes(tmp_path, *SOURCE, f"limits = {limits}")
