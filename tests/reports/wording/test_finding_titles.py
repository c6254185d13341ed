"""Every kind of finding that the source can emit has a Korean title, and no other has one."""

import ast
from collections.abc import Iterator

from metering.lake.contract import checks
from metering.landing.anomalies import DETAILS
from reports.wording.finding_titles import FINDING_TITLES, kind_text
from tests.paths import ROOT

# Where a kind is no literal in `Finding(...)`: it is handed on by these, and given as told here.
HANDED_ON = {
    "metering/landing/anomalies.py",  # the keys of DETAILS
    "metering/usage/sql_checks.py",  # the names of the fail_ and warn_ queries
    "metering/database/findings.py",  # findings that were made before
    "metering/collect/doubtful_meters.py",  # _finding(kind, ...)
    "metering/collect/portion.py",  # notes of sources: Note(severity, kind, ...)
    "metering/collect/land_readings.py",  # _Kind(table, columns, severity, overlap, detail)
    "billing/subsidy/award_terms.py",  # _finding(kind, ...)
    "billing/subsidy/subsidise.py",  # self._find(kind, ...)
}
# What a pod or claim holds that cannot be counted: the error carries the kind to the note.
HOLDS, CARRIED = "metering/sources/kubernetes/", ("HoldError", "_note")
FIRST_ARGUMENT = {"_finding": 0, "_find": 0, "_Kind": 3}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    for folder in ("metering", "billing", "reports", "dags"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    match node.func:
                        case ast.Name(id=name) | ast.Attribute(attr=name):
                            yield path.relative_to(ROOT).as_posix(), name, node


def literal(call: ast.Call, position: int) -> str | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "kind"]
    match [*named, *call.args[position : position + 1]]:
        case [ast.Constant(value=str(text)), *_]:
            return text
        case _:
            return None


def emitted() -> set[str]:
    kinds = set(DETAILS)
    kinds |= {check.name for path in (ROOT / "sql").iterdir() for check in checks(path.name)}
    for name, called, call in calls():
        carried = called in CARRIED and name.startswith(HOLDS)
        if (called in ("Finding", "Note") or carried) and (kind := literal(call, 1)):
            kinds.add(kind)
        if name in HANDED_ON and called in FIRST_ARGUMENT:
            kind = literal(call, FIRST_ARGUMENT[called])
            kinds |= {kind} if kind else set()
    return kinds


def test_every_kind_of_finding_has_a_korean_title_and_no_title_is_left_over() -> None:
    assert sorted(FINDING_TITLES) == sorted(emitted())


def test_a_kind_that_is_no_literal_is_handed_on_where_this_test_looks() -> None:
    unclear = {
        name
        for name, called, call in calls()
        if called == "Finding" and (call.args or call.keywords) and literal(call, 1) is None
    }
    assert unclear == HANDED_ON


def test_a_title_stands_beside_its_key() -> None:
    assert kind_text("dark") == "관측 공백 (dark)"
    assert kind_text("of a later version") == "of a later version"
