"""The example's whole month: what is held, seen and billed is what its generator knows."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date
from itertools import accumulate
from pathlib import Path

import pytest
from rich.cells import cell_len

from billing.close.issue_month import issue
from billing.close.issued_month import Issued, IssuedMonth
from example.centre import A100, COMPANIES, H100, NPU, PROJECTS, SET_ASIDE_ACCOUNT
from example.demo import close_example, summarise
from example.first_look import next_looks, write_what_if
from example.generate import BOARDS
from metering.calendar import Period
from metering.finding import Finding
from metering.site.open_site import OpenSite, open_site
from metering.usage.meter import meter
from reports.documents import render_month
from reports.terminal.screen import Screen
from reports.verify_documents import verify_month
from tests.builders.sites.example_month import (
    MONTH,
    TAKEN,
    collect_all,
    copy_site,
    days_of,
    heads,
    places,
    postings,
    tree_bytes,
)
from tests.paths import ROOT
from tests.references.example_truth import (
    END_S,
    MONTH_S,
    START_S,
    dark_ms,
    down_seconds,
    energy_uj,
    held_by_day,
    held_by_hour,
    held_seconds,
    samples_by_day,
    truth,
)

pytestmark = pytest.mark.breadth

ON = date(2025, 11, 3)
CLUSTERS = (H100, A100, NPU)
HOUR_US = 3_600_000_000


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_held_time_is_the_generators_own_to_the_second(metered: OpenSite, cluster: str) -> None:
    rows = metered.lake.read("usage_day", cluster=cluster).to_pylist()
    held_us = Counter[str]()
    for row in rows:
        assert (row["unit"], row["source"]) == ("device_us", cluster)
        held_us[row["project_id"]] += int(row["quantity"])
    expected = {
        project: count * 1_000_000
        for project, count in held_seconds(cluster).items()
        if project != SET_ASIDE_ACCOUNT
    }
    assert dict(held_us) == expected
    owner = {project.project_id: project.company_id for project in PROJECTS}
    assert all(row["company_id"] == owner[row["project_id"]] for row in rows)


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_both_identities_hold_in_every_hour_and_what_is_held_and_down_is_true(
    metered: OpenSite, cluster: str
) -> None:
    capacity = metered.lake.read("capacity_hour", cluster=cluster).to_pylist()
    capacity.sort(key=lambda row: row["hour_ms"])
    hours = range(START_S * 1000, END_S * 1000, 3_600_000)
    assert [row["hour_ms"] for row in capacity] == list(hours)
    down = down_seconds(cluster)
    for number, (row, held_s) in enumerate(zip(capacity, held_by_hour(cluster), strict=True)):
        taken = row["held"] + (row["down"] or 0) + row["free"]
        assert row["installed"] + row["over"] == taken
        assert (row["installed"], row["over"]) == (8 * HOUR_US, 0)
        assert row["held"] == held_s * 1_000_000
        assert row["down"] == (down.get(number, 0) * 1_000_000 if cluster == H100 else None)
    evidence = metered.lake.read("evidence_hour", cluster=cluster).to_pylist()
    assert Counter(row["device_uid"] for row in evidence) == dict.fromkeys(
        [board.uid for board in BOARDS[cluster]], MONTH_S // 3600
    )
    for row in evidence:
        assert row["installed_ms"] == row["loaded_ms"] + row["unloaded_ms"] + row["dark_ms"]
        assert row["installed_ms"] == 3_600_000


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_dark_time_is_what_no_scrape_vouches_for(metered: OpenSite, cluster: str) -> None:
    dark = Counter[str]()
    for row in metered.lake.read("evidence_hour", cluster=cluster).to_pylist():
        dark[row["device_uid"]] += row["dark_ms"]
    assert dict(dark) == dark_ms(cluster)


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_energy_is_what_the_generators_meters_say(metered: OpenSite, cluster: str) -> None:
    """Within a microjoule an interval and its cut at an hour: 31 x 744 of them a device."""
    energy = Counter[str]()
    for row in metered.lake.read("device_hour", cluster=cluster).to_pylist():
        energy[row["device_uid"]] += row["energy_uj"]
    expected = energy_uj(cluster)
    assert set(energy) == set(expected)
    for uid, exact in expected.items():
        assert abs(energy[uid] - exact) <= 31 * 744, uid


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_every_scrape_lies_in_its_own_day_the_late_one_too(metered: OpenSite, cluster: str) -> None:
    counts = Counter[str]()
    for manifest in metered.lake.select("sample", cluster=cluster).manifests:
        counts[manifest.partition["date"]] += manifest.rows
    expected = {str(day): count for day, count in samples_by_day(cluster).items()}
    assert {day: count for day, count in counts.items() if day.startswith(MONTH)} == expected
    if cluster == H100:  # the late one came in the file of the 6th
        assert expected["2025-10-05"] == expected["2025-10-06"] == 8 * 720


def test_storage_is_counted_by_its_snapshots(metered: OpenSite) -> None:
    rows = (Path(metered.site.directory) / "incoming/parallel/snapshots-2025-10.csv").read_text()
    expected = Counter[str]()
    project = {project.account: project.project_id for project in PROJECTS}
    for line in rows.splitlines()[1:]:
        account, _, _, _, used_mib = line.split(",")
        expected[project[account]] += int(used_mib) * 86_400
    metered_mib = Counter[str]()
    for row in metered.lake.read("usage_day", cluster="parallel").to_pylist():
        assert (row["sku"], row["unit"]) == ("storage.parallel", "mib_s")
        metered_mib[row["project_id"]] += int(row["quantity"])
    assert metered_mib == expected


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_the_month_holds_jobs_that_run_over_both_of_its_ends(cluster: str) -> None:
    jobs = truth(cluster)[0]
    assert any(job.start_s < START_S < job.end_s for job in jobs)
    assert any(job.start_s < END_S < job.end_s for job in jobs)


def test_a_job_over_the_months_end_is_cut_there_and_goes_on(metered: OpenSite) -> None:
    last = metered.lake.read("allocation", cluster=H100, date=date(2025, 10, 31)).to_pylist()
    over = [job for job in truth(H100)[0] if job.start_s < END_S < job.end_s]
    cut = {row["allocation_id"]: row for row in last if row["ended_ms"] == END_S * 1000}
    assert set(cut) == {str(job.job_id) for job in over}
    assert all(row["continues"] for row in cut.values())


def test_gaps_the_reset_and_the_account_set_aside_are_findings(
    month_findings: list[Finding],
) -> None:
    assert [finding for finding in month_findings if finding.severity == "fail"] == []
    assert places(month_findings, "dark") == [
        (A100, "2025-10-21"), (H100, "2025-10-09"), (H100, "2025-10-15")
    ]  # fmt: skip
    reset = [finding for finding in month_findings if finding.kind == "counter_reset"]
    assert {(finding.cluster, str(finding.day)) for finding in reset} == {(H100, "2025-10-15")}
    assert {finding.subject for finding in reset} == {board.uid for board in BOARDS[H100][:4]}
    days = {
        str(job_day)
        for job in truth(H100)[0]
        if job.account == SET_ASIDE_ACCOUNT
        for job_day in days_of(max(job.start_s, START_S), min(job.end_s, END_S))
    }
    aside = [finding for finding in month_findings if finding.kind == "set_aside"]
    assert places(month_findings, "set_aside") == [(H100, day) for day in sorted(days)]
    assert {finding.subject for finding in aside} == {f"{H100}/{SET_ASIDE_ACCOUNT}"}
    assert all("운영자 장비 점검 작업" in finding.detail for finding in aside)
    assert held_seconds(H100)[SET_ASIDE_ACCOUNT] > 0


# what it costs and who pays


def test_charges_are_subsidies_and_the_companies_part_and_credits_to_revenue(
    closed: OpenSite, issued: IssuedMonth
) -> None:
    charge = sum(row.charge_krw for row in issued.closing.charges)
    subsidy = sum(row.subsidy_krw for row in issued.closing.subsidies)
    company = sum(invoice.company_krw for invoice in issued.invoices)
    assert charge == subsidy + company
    assert charge == sum(invoice.charge_krw for invoice in issued.invoices)
    booked = postings(closed)
    assert charge == -sum(posting.amount_krw for posting in booked if posting.account == "revenue")
    groups: dict[str, int] = defaultdict(int)
    for posting in booked:
        groups[posting.group] += posting.amount_krw
    assert groups == {f"{MONTH}/{company.company_id}": 0 for company in COMPANIES}
    cut = sum(posting.amount_krw for posting in booked if posting.account.startswith("rounding"))
    assert subsidy == sum(claim.claim_krw for claim in issued.claims) + cut
    assert {invoice.company_id for invoice in issued.invoices} == {
        company.company_id for company in COMPANIES
    }


def test_every_row_of_usage_is_charged_at_the_list_price_of_its_sku(issued: IssuedMonth) -> None:
    """Whole months, floored once a company, project and SKU."""
    from fractions import Fraction

    used: dict[tuple[str, str], int] = defaultdict(int)
    for usage in issued.closing.usages:
        if usage.unit == "device_us":
            used[usage.project_id, usage.sku] += usage.quantity
    charged: dict[tuple[str, str], int] = defaultdict(int)
    price = {}
    for charge in issued.closing.charges:
        if charge.unit == "device_us":
            charged[charge.project_id, charge.sku] += charge.charge_krw
            price[charge.sku] = charge.price_krw
    assert set(price) == {"gpu.h100", "gpu.a100", "npu.rngd"}
    for (project, sku), quantity in used.items():
        assert charged[project, sku] == int(Fraction(quantity, HOUR_US) * Fraction(price[sku]))
    assert set(used) == set(charged)


def test_a_quota_ends_within_the_month_on_the_day_that_uses_it_up(issued: IssuedMonth) -> None:
    """A-001 has 520 device-hours for P-001, which held more in October."""
    so_far = list(accumulate(held_by_day(H100, "P-001")))
    last = next(n for n, held_s in enumerate(so_far) if held_s >= 520 * 3600)
    assert so_far[-1] > so_far[last] > 520 * 3600
    rows = [
        row for row in issued.closing.subsidies if (row.award_id, row.sku) == ("A-001", "gpu.h100")
    ]
    assert max(row.day for row in rows if row.subsidy_krw) == date(2025, 10, last + 1)
    assert {row.stopped_by for row in rows if row.day <= date(2025, 10, last)} == {""}
    assert {row.stopped_by for row in rows if row.day > date(2025, 10, last)} == {"quota:A-001"}
    assert issued.closing.balance.of("quota", "A-001", "device_hours") == 520 * HOUR_US
    # free: the whole of the charge; the sharing day may move it by a won (SETTLEMENT 11)
    assert 0 <= 520 * 6_000 - sum(row.subsidy_krw for row in rows) <= 1


def test_a_cap_is_hit_and_never_passed(issued: IssuedMonth) -> None:
    rows = [row for row in issued.closing.subsidies if row.award_id == "A-006"]
    assert sum(row.subsidy_krw for row in rows) == 2_000_000
    assert {row.stopped_by for row in rows} >= {"cap:award:A-006"}
    invoice = next(invoice for invoice in issued.invoices if invoice.company_id == "C-003")
    assert invoice.subsidy_krw == 2_000_000


def test_what_nobody_supports_is_paid_by_the_company(issued: IssuedMonth) -> None:
    (large,) = [invoice for invoice in issued.invoices if invoice.company_id == "C-011"]
    assert (large.subsidy_krw, large.company_krw) == (0, large.charge_krw)
    (demo,) = [invoice for invoice in issued.invoices if invoice.company_id == "C-008"]
    assert (demo.subsidy_krw, demo.payable_krw, demo.kind) == (demo.charge_krw, 0, "statement")


# twice


@pytest.mark.breadth
def test_collecting_and_metering_again_change_no_byte_and_no_manifest(
    metered_example: Path, tmp_path: Path
) -> None:
    site = copy_site(metered_example, tmp_path / "site")
    opened = open_site(site)
    lake, known = tree_bytes(site / "lake"), heads(opened)
    first, last = opened.site.calendar.day(date(2025, 10, 10)), date(2025, 10, 17)
    window = Period(first.start_ms, opened.site.calendar.day(last).end_ms)
    assert not any(collected.failed for collected in collect_all(opened, window))
    assert tree_bytes(site / "lake") == lake
    counted: list[int] = []
    again = [date(2025, 10, 5), date(2025, 10, 15), date(2025, 10, 31)]
    meter(opened, again, None, lambda what, done, total: counted.append(total))
    assert set(counted) == {3}  # of the days that were not asked for none had changed
    assert tree_bytes(site / "lake") == lake
    assert heads(opened) == known


@pytest.mark.breadth
def test_a_draft_an_issue_and_an_issue_again_make_one_set_of_numbers_and_documents(
    month: Path, closed: OpenSite
) -> None:
    before, lake = tree_bytes(month / "documents"), tree_bytes(month / "lake")
    known, booked = heads(closed), postings(closed)

    def numbered() -> Issued:
        return issue(closed, MONTH, date(2025, 11, 9))

    first = numbered()
    assert first.again
    assert first.issued_on == ON
    assert [invoice.number for invoice in first.invoices] == [
        *(f"T2025-{n:06d}" for n in range(1, 8)), "S2025-000001", "S2025-000002",
        *(f"T2025-{n:06d}" for n in range(8, 11)),
    ]  # fmt: skip
    assert numbered() == first
    paths = render_month(closed, MONTH)
    assert tree_bytes(month / "documents") == before
    assert sorted(path.relative_to(month / "documents").as_posix() for path in paths) == sorted(
        before
    )
    assert (tree_bytes(month / "lake"), heads(closed), postings(closed)) == (lake, known, booked)
    assert verify_month(closed, MONTH).differences == ()


@pytest.mark.breadth
def test_a_fresh_process_elsewhere_in_the_world_makes_the_same_bytes(
    month: Path, tmp_path: Path
) -> None:
    site = copy_site(month, tmp_path / "elsewhere")
    shutil.rmtree(site / "documents")
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/New_York", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-m", "jeongsan", "--site", site, "report", MONTH],
        env=environment, cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert tree_bytes(site / "documents") == tree_bytes(month / "documents")


def test_the_demo_ends_with_a_short_table_and_the_documents_worth_opening(
    closed: OpenSite,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    first = close_example(closed)  # a second `make demo` finds the month issued
    assert first.again
    paths = render_month(closed, MONTH)
    summarise(Screen(), Path("demo"), first, [], paths)
    text = re.sub(r"\x1b(\]8;[^\x1b]*\x1b\\|\[[0-9;]*m)", "", capsys.readouterr().out)
    lines = [line.rstrip() for line in text.splitlines()]
    documents = closed.site.documents / MONTH
    opened = [line.strip() for line in lines if line.startswith("  ")]
    assert opened == [
        f"{documents}/invoices/T2025-000003_(주)한빛로보틱스.pdf",
        f"{documents}/statements/C-003_(주)한빛로보틱스.xlsx",
        f"{documents}/government/2025-10_운영집행현황.pdf",
        f"{documents}/government/2025-10_운영집행현황.xlsx",
    ]
    table = lines[1 : lines.index("", 1)]
    assert len(table) == 3 + 12 + 1 + 1  # headings, a line an invoice, the sum, what was left out
    assert all(cell_len(line) <= 80 for line in table)
    payable = sum(invoice.payable_krw for invoice in first.invoices)
    assert table[-2].split()[-1] == f"{payable:,}"


def test_the_dumps_are_complete_ten_minutes_past_the_month(metered: OpenSite) -> None:
    assert metered.site.calendar.instant(TAKEN) == END_S * 1000 + 600_000


def test_each_command_that_the_demo_ends_with_runs_as_it_stands(
    month: Path, closed: OpenSite
) -> None:
    write_what_if(month)
    looks = next_looks(month, close_example(closed), "jeongsan")
    commands = [shlex.split(command) for _, command in looks]
    assert [words[3] for words in commands] == ["explain", "quota", "simulate"]
    shown = []
    for words in commands:
        program = [sys.executable, "-m", "jeongsan", *words[1:]]
        done = subprocess.run(program, cwd=ROOT, capture_output=True, check=True, text=True)
        shown.append(done.stdout)
    assert "NVIDIA H100 GPU" in shown[0]
    assert "100.0%" in shown[1]  # the largest company's limit is used up by that day
    assert "30,311,610" in shown[2]  # what companies pay as it stands, beside the cheaper month
