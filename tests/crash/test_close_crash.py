"""An issue that is killed anywhere leaves the old or the new state; two at once make one."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import Issued
from billing.ledger import ledger
from billing.ledger.invoice_numbers import numbers_given
from billing.ledger.number_register import entries, kept_in_lake, settle
from billing.rulebook.rule_book import read_rulebook
from billing.verify.verify import verify
from metering.site.open_site import OpenSite
from reports.documents import render_month
from reports.verify_documents import verify_month
from tests.builders.servers.fork_server import run_forked
from tests.builders.sites.close_site import (
    CALENDAR,
    MONTH,
    ON,
    REGISTRY,
    open_ground,
    put_day,
    put_hours,
    store_registry,
    usual,
)

pytestmark = pytest.mark.breadth

FEW = ("tax.yaml", "pf.yaml", "gpu.h100", "AICA-2025R")


def write_rules(folder: Path) -> None:
    """A few of the packaged rules, so that reading them takes no time."""
    for name, text in read_rulebook().texts.items():
        if any(few in name for few in FEW):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def approved(tmp_path: Path) -> Path:
    """A directory with the approved site `base` of three days and its rules."""
    write_rules(tmp_path / "rules")
    (tmp_path / "base").mkdir()
    opened = open_ground(tmp_path / "base", None, tmp_path / "rules")
    began = CALENDAR.day(date(2025, 10, 29)).start_ms
    devices = tuple(replace(device, installed_ms=began) for device in REGISTRY.devices)
    store_registry(opened, replace(REGISTRY, devices=devices, awards=REGISTRY.awards[:1]))
    for day in CALENDAR.month_days(MONTH)[28:]:
        put_day(opened, day, {"gpu": usual(day)["gpu"]})
        put_hours(opened, day, [("acc1", "idle", 10, 10, 1)])
    draft(opened, MONTH)
    approve(opened, MONTH, "박승인")
    opened.database.close()
    return tmp_path


def held(opened: OpenSite) -> tuple[ledger.RecordedMonth, object]:
    with opened.database.read() as connection:
        return ledger.recorded(connection, MONTH), numbers_given(connection)


def registered(opened: OpenSite) -> list[str]:
    """What the register of numbers has, where the lake has the same; each entry once."""
    with opened.database.read() as connection:
        kept = entries(connection)
    assert [kept_in_lake(opened.lake, entry.sequence) for entry in kept] == [
        entry.digest for entry in kept
    ]
    assert kept_in_lake(opened.lake, len(kept) + 1) is None
    return [entry.what for entry in kept]


@pytest.mark.parametrize(
    "step", [24, pytest.param(1, marks=pytest.mark.soak)], ids=["every 24th", "every"]
)
def test_an_issue_killed_between_any_two_writes_leaves_the_old_or_the_new_state(
    approved: Path, step: int
) -> None:
    run_forked("tests.crash.kill_issue", approved, step)
    killed = sorted(path for path in approved.iterdir() if path.name.isdigit())
    assert int((approved / "boundaries").read_text()) > 60
    alive = open_ground(approved / "whole", None, approved / "rules")
    new, numbers = held(alive)
    old = ledger.RecordedMonth(
        replace(new.state, state="approved", issued_on=None, bundle=None), (), (), ()
    )
    states = []
    for copy in killed:
        opened = open_ground(copy, None, approved / "rules")
        left, left_numbers = held(opened)
        assert (left, left_numbers) in ((old, {}), (new, numbers)), copy.name
        states.append(left.state.state)
        resumed: Issued = issue(opened, MONTH, ON)
        assert resumed.again == (left == new)
        assert held(opened) == (new, numbers)
        assert issue(opened, MONTH, ON).again
        assert held(opened) == (new, numbers)
        assert settle(opened.database, opened.lake) is None
        assert registered(opened) == [f"issue {MONTH}"]
        opened.database.close()
    assert states == sorted(states)
    assert {"approved", "issued"} == set(states)
    assert verify(alive, MONTH).differences == ()


def documents_of(site: Path) -> dict[str, bytes]:
    """The documents by their path; what begins with a dot was being written."""
    folder = site / "documents"
    files = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize(
    "kills", [3, pytest.param(10_000, marks=pytest.mark.soak)], ids=["three", "every boundary"]
)
def test_a_report_killed_at_any_write_leaves_whole_documents_and_is_resumed(
    approved: Path, kills: int
) -> None:
    opened = open_ground(approved / "base", None, approved / "rules")
    issue(opened, MONTH, ON)
    issued = held(opened)
    opened.database.close()
    run_forked("tests.crash.kill_report", approved, kills)
    new = documents_of(approved / "whole")
    boundaries = int((approved / "boundaries").read_text())
    assert boundaries == 3 * len(new)
    killed = sorted(path for path in approved.iterdir() if path.name.isdigit())
    assert len(killed) == min(kills, boundaries)
    there = []
    for copy in killed:
        left = documents_of(copy)
        assert left.items() <= new.items(), copy.name
        there.append(len(left))
        opened = open_ground(copy, None, approved / "rules")
        assert held(opened) == issued
        render_month(opened, MONTH)
        assert documents_of(copy) == new
        opened.database.close()
    alive = open_ground(approved / "whole", None, approved / "rules")
    assert verify_month(alive, MONTH).differences == ()
    assert there == sorted(there)
    assert (there[0], there[-1]) == (0, len(new) - 1)


def test_of_two_issues_at_once_one_issues_and_the_other_says_so(approved: Path) -> None:
    said = [line.split() for line in run_forked("tests.crash.race_issues", approved).splitlines()]
    assert said[0][1:] == said[1][1:]
    assert said[0][2:] == ["T2025-000001", "T2025-000002", "T2025-000003"]
    # Either both met, or one had ended before the other looked; never two firsts.
    assert sorted(words[0] for words in said) == ["again", "first"]
    opened = open_ground(approved / "base", None, approved / "rules")
    assert registered(opened) == [f"issue {MONTH}"]
    _, numbers = held(opened)
    assert numbers == {
        ("1248100998", 2025, "tax"): (3, ["T2025-000001", "T2025-000002", "T2025-000003"]),
    }
