"""The commands of a month, step by step, and what people decide on the way."""

import shutil
from datetime import date
from pathlib import Path

from metering.site.open_site import open_site
from tests.builders.sites.command_line import (
    EDGE_JOBS,
    MONTH,
    collect,
    failing,
    run,
    write_jobs,
    write_site,
)


def test_an_unowned_account_stops_the_month_until_it_is_decided(metered: Path) -> None:
    stray = ("5", "stray", "2025-10-20T06:00:00", "2025-10-20T07:00:00", "a100=1")
    write_jobs(metered, "edge", [*EDGE_JOBS, stray])
    assert collect(metered, "--cluster", "edge").code == 0
    said = run(metered, "meter", "2025-10-20", "--json")
    assert (said.code, failing(said)) == (1, [("unowned_usage", "edge", "edge/stray")])
    key = next(row["key"] for row in said.document["findings"] if row["severity"] == "fail")
    drafted = run(metered, "draft", MONTH, "--json")
    assert (drafted.code, drafted.document["blocking"]) == (1, [key])
    refused = run(metered, "approve", MONTH, "--by", "김정산")
    assert (refused.code, "소속 과제가 없습니다" in refused.err) == (1, True)

    decide = ("acknowledge", key, "--effect", "exclude", "--reason", "시험 작업")
    assert run(metered, *decide, "--by", " ").code == 1  # nobody's name
    assert run(metered, *decide, "--by", "김정산").code == 0
    assert key not in {row["key"] for row in run(metered, "status", "--json").document["findings"]}
    drafted = run(metered, "draft", MONTH, "--json")
    assert (drafted.code, drafted.document["blocking"]) == (0, [])
    assert run(metered, "approve", MONTH, "--by", "김정산").code == 0


def test_a_day_that_is_not_complete_keeps_a_month_from_issue_until_it_is_waived(
    tmp_path: Path, month: Path
) -> None:
    late = write_site(tmp_path / "site")
    shutil.copytree(month, late, dirs_exist_ok=True)
    with open_site(late).database.begin() as connection:  # as if the last hour had not come yet
        from metering.database.tables import watermark

        calendar = open_site(late).site.calendar
        early = calendar.day(date(2025, 10, 31)).end_ms - 3_600_000
        connection.execute(
            watermark.update().where(watermark.c.cluster == "hpc").values(complete_to_ms=early)
        )
    assert run(late, "meter", "2025-10-31").code == 0
    drafted = run(late, "draft", MONTH)
    assert "hpc 2025-10-31" in drafted.out
    assert "jeongsan waive" in drafted.out
    run(late, "approve", MONTH, "--by", "김정산")
    refused = run(late, "issue", MONTH, "--on", "2025-11-03")
    assert (refused.code, "hpc 2025-10-31" in refused.err) == (1, True)

    assert run(late, "waive", "hpc", "2025-10-31", "--reason", "정전", "--by", "김정산").code == 0
    marks = run(late, "status", "--json").document["coverage"][0]
    assert (marks["days"][-1], marks["complete"]) == ("–", "30/31")
    for command in (["draft", MONTH], ["approve", MONTH, "--by", "김정산"]):
        assert run(late, *command).code == 0
    assert run(late, "issue", MONTH, "--on", "2025-11-03").code == 0


def test_a_month_goes_its_steps_in_order_and_status_tells_where_it_is(metered: Path) -> None:
    def state() -> list[str]:
        return [row["state"] for row in run(metered, "status", "--json").document["months"]]

    assert state() == []
    for early in (["approve", MONTH, "--by", "b"], ["issue", MONTH], ["report", MONTH]):
        said = run(metered, *early)
        assert (said.code, f"jeongsan draft {MONTH}" in said.err) == (1, True)
    assert run(metered, "draft", MONTH).code == 0
    assert state() == ["draft"]
    assert run(metered, "approve", MONTH, "--by", "김정산").code == 0
    assert state() == ["approved"]
    first = run(metered, "issue", MONTH, "--on", "2025-11-03", "--json").document
    assert state() == ["issued"]
    again = run(metered, "issue", MONTH, "--on", "2025-11-04", "--json").document
    assert again == first
    assert [invoice["number"] for invoice in first["invoices"]] == ["T2025-000001", "T2025-000002"]
    assert run(metered, "draft", MONTH).code == 1
    assert run(metered, "draft", "2025-12").code == 1  # November comes first

    Path(first["documents"][0]).write_bytes(b"somebody else's")
    said = run(metered, "verify", MONTH)
    assert (said.code, first["documents"][0] in said.out) == (1, True)
    assert run(metered, "report", MONTH, "--only", "invoice").code == 0
    assert run(metered, "verify", MONTH).code == 0
