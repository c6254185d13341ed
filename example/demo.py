"""Runs the example centre's month from its sources to issued invoices and the report."""

from datetime import date
from pathlib import Path

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import Issued
from billing.ledger.ledger import month_state
from billing.rulebook.load_site import load_site
from example.first_look import next_looks, program_name, show_looks, write_what_if
from example.generate import MONTH, TAKEN, generate, is_example
from metering.collect.collect import collect
from metering.errors import CheckError, JeongsanError
from metering.finding import Finding
from metering.site.open_site import OpenSite, open_site
from metering.usage.meter import meter
from reports.documents import render_month
from reports.terminal.invoices_view import claim_table, invoice_table
from reports.terminal.screen import Screen
from reports.verify_documents import verify_month

APPROVER = "김정산 (예시)"
ISSUED_ON = date(2025, 11, 3)


def run_demo(screen: Screen, directory: Path, only_data: bool) -> None:
    """Generates the site into `directory` and closes its month; a second run changes no byte."""
    if directory.exists() and any(directory.iterdir()) and not is_example(directory):
        raise JeongsanError(f"{directory} is not empty and not the example: choose another --site")
    if only_data:
        make_site(screen, directory, 1)
        return
    opened, findings = meter_example(screen, directory, steps=7)
    screen.say("5/7 초안을 만들고, 승인하고, 발행합니다")
    issued = close_example(opened)
    screen.say("6/7 문서를 만듭니다")
    with screen.progress() as progress:
        paths = render_month(opened, MONTH, progress)
    screen.say("7/7 처음부터 다시 계산해 바이트까지 견줍니다")
    with screen.progress() as progress:
        checked = verify_month(opened, MONTH, progress)
    if checked.differences:
        raise CheckError(f"the month does not verify: {checked.differences[0]}")
    summarise(screen, directory, issued, findings, paths)
    write_what_if(directory)
    show_looks(screen, next_looks(directory, issued, program_name()))


def close_example(opened: OpenSite) -> Issued:
    """The month drafted, approved and issued; as it was issued, when an earlier run did that."""
    with opened.database.read() as connection:
        done = month_state(connection, MONTH).state == "issued"
    if not done:
        drafted = draft(opened, MONTH)
        approve(opened, MONTH, APPROVER, drafted.digest)
    return issue(opened, MONTH, ISSUED_ON)


def make_site(screen: Screen, directory: Path, steps: int) -> None:
    """Writes the example site, the first of `steps` that the screen counts."""
    screen.say(f"1/{steps} 예시 센터를 만듭니다: {directory}")
    generate(directory, lambda line: screen.say(f"    {line}"))


def meter_example(
    screen: Screen, directory: Path, steps: int = 4
) -> tuple[OpenSite, list[Finding]]:
    """The example site with its month collected and metered, and what was found on the way; four
    of the `steps` that the screen counts. CheckError when a finding stops it."""
    make_site(screen, directory, steps)
    opened = open_site(directory)
    screen.say(f"2/{steps} 등록부를 저장합니다")
    load_site(opened.site, opened.database)
    screen.say(f"3/{steps} 원천에서 가져옵니다")
    calendar = opened.site.calendar
    with screen.progress() as progress:
        window, taken = calendar.month(MONTH), calendar.instant(TAKEN)
        results = collect(opened, window, None, taken, progress)
    findings = [finding for collected in results for finding in collected.findings]
    screen.say(f"4/{steps} 사용량을 계산합니다")
    with screen.progress() as progress:
        findings += meter(opened, calendar.month_days(MONTH), None, progress)
    stop = [finding for finding in findings if finding.severity == "fail"]
    if stop:
        screen.findings(findings)
        raise CheckError(f"{len(stop)} findings stop the example; it should have none")
    return opened, findings


def summarise(
    screen: Screen,
    directory: Path,
    issued: Issued,
    findings: list[Finding],
    paths: list[Path],
) -> None:
    """The short table at the end, and which documents to open."""
    screen.say("")
    invoice_table(screen, f"{issued.month} 청구서", issued.invoices)
    claim_table(screen, issued.month, issued.claims)
    if screen.as_json:
        screen.findings(findings)
        screen.fact("documents", [str(path) for path in paths])
    else:
        status = f"{program_name()} --site {directory} status --findings"
        screen.counts(findings, f"내용: {status}")
        screen.fact("documents", f"{len(paths)}건, 그 가운데 열어 볼 것:", "문서")
        for path in worth_opening(issued, paths):
            screen.path(path)
    screen.fact("bundle", issued.bundle, "묶음")


def worth_opening(issued: Issued, paths: list[Path]) -> list[Path]:
    """The largest company's invoice and statement, and the government's report."""
    largest = max(issued.invoices, key=lambda invoice: invoice.charge_krw)
    begins = {"invoices": f"{largest.number}_", "statements": f"{largest.company_id}_"}
    return [path for path in paths if path.name.startswith(begins.get(path.parent.name, ""))]
