"""Findings decided together: what a kind, a cluster and a span of days cover, and what not."""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billing.close.decide_together import DecisionSpan, covered_by, decide
from metering.database.decisions import acknowledge, acknowledgements
from metering.database.findings import findings, replace_findings
from metering.errors import ConflictError
from metering.finding import Finding
from metering.site.open_site import open_site
from tests.builders.sites.command_line import MONTH, run

WHO = ("--effect", "bill", "--reason", "현장 확인", "--by", "김정산")
KIND = ("--kind", "over_capacity")
HPC = ("--cluster", "hpc")


def over(day: int, subject: str = "h100", cluster: str = "hpc") -> Finding:
    detail = f"{subject}: {day}.00 장비시간 초과"
    return Finding(
        "fail", "over_capacity", "meter", cluster, date(2025, 10, day), subject, detail,
        f"gpu.h100:device_us:{day * 3_600_000_000}",
    )  # fmt: skip


def put(site: Path, *new: Finding) -> None:
    """Make these the findings of metering, of both clusters."""
    with open_site(site).database.begin() as connection:
        for cluster in ("hpc", "edge"):
            own = [finding for finding in new if finding.cluster == cluster]
            replace_findings(connection, "meter", cluster, None, own)


def decided(site: Path) -> set[str]:
    with open_site(site).database.read() as connection:
        return set(acknowledgements(connection))


def keys(of: Iterable[Finding]) -> set[str]:
    return {finding.key for finding in of}


def test_a_kind_a_cluster_and_a_span_are_decided_at_once_and_nothing_beside_them(
    site: Path,
) -> None:
    inside = [over(day) for day in (5, 6, 31)] + [over(5, "a100")]
    outside = [over(4), over(6, cluster="edge"), replace(over(7), kind="held_twice")]
    put(site, *inside, *outside)
    days = ("--days", "2025-10-05..2025-10-31")
    said = run(site, "acknowledge", *KIND, *HPC, *days, *WHO, "--yes")
    assert said.code == 0
    assert "결정함 4건" in said.out
    assert "2025-10-05" in said.out  # what it covers is listed
    assert "정가로 186,000원" in said.out  # of the thirty-first
    assert decided(site) == keys(inside)
    open_keys = {row["key"] for row in run(site, "status", "--json").document["findings"]}
    assert open_keys == keys(outside)
    with open_site(site).database.read() as connection:
        answers = acknowledgements(connection).values()
    assert {(a.effect, a.reason, a.by) for a in answers} == {("bill", "현장 확인", "김정산")}


@pytest.mark.parametrize(
    ("narrowed", "left"),
    [
        ((), [over(9)]),
        (("--subject", "h100"), [over(9), over(5, "a100")]),
        (HPC, [over(9), over(5, cluster="edge")]),
        ((*HPC, "--subject", "a100"), [over(9), over(5), over(6), over(5, cluster="edge")]),
    ],
)
def test_cluster_and_subject_narrow_what_is_covered(
    site: Path, narrowed: tuple[str, ...], left: list[Finding]
) -> None:
    every = [over(5), over(6), over(9), over(5, "a100"), over(5, cluster="edge")]
    put(site, *every)
    said = run(
        site, "acknowledge", *KIND, *narrowed, "--days", "2025-10-05..2025-10-06", *WHO, "--yes"
    )
    assert said.code == 0
    assert keys(every) - decided(site) == keys(left)


def test_a_finding_that_comes_later_is_not_covered(site: Path) -> None:
    put(site, over(5), over(6))
    days = ("--days", "2025-10-01..2025-10-31")
    assert run(site, "acknowledge", *KIND, *HPC, *days, *WHO, "--yes").code == 0
    grown = replace(over(6), detail="h100: 7.00 장비시간 초과")
    put(site, over(5), grown, over(7))
    rows = run(site, "status", "--json").document["findings"]
    assert {row["key"] for row in rows} == keys([grown, over(7)])
    said = run(site, "acknowledge", *KIND, *HPC, *days, *WHO, "--yes", "--json")
    assert set(said.document["acknowledged"]) == keys([grown, over(7)])
    assert said.document["decided_before"] == [over(5).key]


def test_what_was_decided_before_stays_as_it_is(site: Path) -> None:
    put(site, over(5), over(6))
    with open_site(site).database.begin() as connection:
        acknowledge(connection, over(5).key, "exclude", "시험 작업", "박운영")
    said = run(site, "acknowledge", *KIND, "--days", "2025-10-05..2025-10-06", *WHO, "--yes")
    assert "이미 결정한 1건은 그대로 둡니다" in said.out
    with open_site(site).database.read() as connection:
        answers = acknowledgements(connection)
    assert (answers[over(5).key].by, answers[over(6).key].by) == ("박운영", "김정산")
    again = run(site, "acknowledge", *KIND, "--days", "2025-10-05..2025-10-06", *WHO, "--yes")
    assert (again.code, "all of it is decided" in again.err) == (1, True)


def test_nothing_that_fits_is_an_error(site: Path) -> None:
    put(site, over(5))
    for asked in (("--days", "2025-10-06"), ("--days", "2025-10-05", "--cluster", "edge")):
        said = run(site, "acknowledge", *KIND, *asked, *WHO, "--yes")
        assert (said.code, "no open finding of over_capacity" in said.err) == (1, True)


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_where_nobody_can_be_asked_it_needs_yes(site: Path, more: tuple[str, ...]) -> None:
    put(site, over(5))
    said = run(site, "acknowledge", *KIND, "--days", "2025-10-05", *WHO, *more)
    assert (said.code, "--yes" in said.err) == (2, True)
    assert over(5).key in said.out  # what it would cover was listed
    assert decided(site) == set()


@pytest.mark.breadth
@pytest.mark.parametrize(("typed", "code", "stored"), [("y", 0, 1), ("n", 1, 0)])
def test_in_a_terminal_it_asks(site: Path, typed: str, code: int, stored: int) -> None:
    put(site, over(5))
    ours, theirs = os.openpty()
    with os.fdopen(ours, "wb", buffering=0) as keyboard, os.fdopen(theirs, "rb") as terminal:
        keyboard.write(f"{typed}\n".encode())
        command = (sys.executable, "-m", "jeongsan", "--site", str(site), "acknowledge", *KIND)
        command += ("--days", "2025-10-05", *WHO)
        done = subprocess.run(command, stdin=terminal, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "1건을 bill(으)로 결정합니까?" in done.stdout + done.stderr
    assert len(decided(site)) == stored


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("key", *KIND, "--days", "2025-10-05"),
        KIND,
        ("--days", "2025-10-05"),
        ("key", *HPC),
        (*KIND, "--days", "2025-10-06..2025-10-05"),
    ],
)
def test_one_finding_or_a_kind_with_its_days(site: Path, wrong: tuple[str, ...]) -> None:
    assert run(site, "acknowledge", *wrong, *WHO, "--yes").code == 2


def test_what_changed_while_it_was_looked_at_is_not_decided(site: Path) -> None:
    put(site, over(5), over(6))
    database = open_site(site).database
    span = DecisionSpan("over_capacity", date(2025, 10, 1), date(2025, 10, 31))
    looked_at = covered_by(database, span).open
    put(site, over(5), replace(over(6), detail="h100: 9.00 장비시간 초과"))
    with pytest.raises(ConflictError, match="1 of 2 findings changed"):
        decide(database, looked_at, "bill", "r", "b")
    assert decided(site) == set()
    put(site, over(5), over(6), over(7))
    assert (
        len(decide(database, looked_at, "bill", "r", "b")) == 2
    )  # not the third, which came after


def test_a_warning_has_nothing_to_be_left_out(site: Path) -> None:
    put(site, over(5), replace(over(6), severity="warn"))
    exclude = ("--effect", "exclude", "--reason", "r", "--by", "b", "--yes")
    days = ("--days", "2025-10-05..2025-10-06")
    said = run(site, "acknowledge", *KIND, *days, *exclude)
    assert (said.code, "only what stops can be excluded" in said.err) == (1, True)
    assert decided(site) == set()
    assert run(site, "acknowledge", *KIND, *days, *WHO, "--yes").code == 0


def test_status_tells_who_decided_what_and_why(site: Path) -> None:
    put(site, *(over(day) for day in (5, 6, 8)))
    for days in ("2025-10-05..2025-10-06", "2025-10-08"):
        run(site, "acknowledge", *KIND, "--days", days, *WHO, "--yes")
    (row,) = [
        r for r in run(site, "status", "--json").document["decided"] if r["days"] > "2025-10-06"
    ]
    assert (row["subject"], row["effect"], row["by"], row["reason"]) == (
        "h100", "bill", "김정산", "현장 확인",
    )  # fmt: skip
    assert row["at"].startswith("20")  # when, in the site's time
    out = run(site, "status", "--month", MONTH, "--findings").out
    assert "결정한 사항" in out
    assert "현장 확인" in out
    assert "결정한 사항" not in run(site, "status", "--month", "2025-11", "--findings").out


def test_a_month_of_one_warning_is_one_line_and_one_decision(metered: Path) -> None:
    rows = run(metered, "status", "--json").document["findings"]
    assert [(row["cluster"], row["subject"], row["days"]) for row in rows] == [
        ("edge", "down", 2), ("edge", "evidence", 2), ("hpc", "down", 31), ("hpc", "evidence", 31),
    ]  # fmt: skip
    days = ("--days", "2025-10-01..2025-10-31")
    said = run(metered, "acknowledge", "--kind", "identity_unchecked", *HPC, *days, *WHO, "--yes")
    assert (said.code, "결정함 62건" in said.out) == (0, True)
    left = run(metered, "status", "--json").document
    assert {row["cluster"] for row in left["findings"]} == {"edge"}
    assert [(row["subject"], row["days"]) for row in left["decided"]] == [
        ("down", "2025-10-01..2025-10-31"), ("evidence", "2025-10-01..2025-10-31"),
    ]  # fmt: skip
    assert run(metered, "meter", "2025-10-05", *HPC).code == 0  # metered again it is decided still
    assert run(metered, "status", "--json").document == left
    with open_site(metered).database.read() as connection:
        stored = findings(connection, cluster="hpc")
    assert len(stored) == 62  # by day, as it was metered
