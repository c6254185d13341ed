"""Runs the example centre's month from its sources to issued invoices and the report."""

from datetime import date
from pathlib import Path

from billing.close import approve, draft, issue
from billing.issued import Issued
from billing.records import Claim
from example.generate import MONTH, TAKEN, generate
from metering.collect import collect
from metering.errors import CheckError, JeongsanError
from metering.finding import Finding
from metering.load import load
from metering.meter import meter
from metering.opened import OpenSite, open_site
from reports.console import Cell, Screen
from reports.month import render_month, verify_month
from reports.showing import invoice_table

APPROVER = "김정산 (예시)"
ISSUED_ON = date(2025, 11, 3)


def run_demo(screen: Screen, directory: Path, only_data: bool) -> None:
    """Generates the site into `directory` and closes its month; a second run changes no byte."""
    if directory.exists() and any(directory.iterdir()) and not (directory / "incoming").exists():
        raise JeongsanError(f"{directory} is not empty and not the example: choose another --site")
    if only_data:
        make_site(screen, directory, 1)
        return
    opened, found = meter_example(screen, directory, steps=6)
    screen.say("5/6 초안, 승인, 발행")
    made = draft(opened, MONTH)
    approve(opened, MONTH, APPROVER, made.digest)
    issued = issue(opened, MONTH, ISSUED_ON)
    screen.say("6/6 문서를 만들고 다시 계산해 견줍니다")
    with screen.progress() as progress:
        paths = render_month(opened, MONTH, progress)
        checked = verify_month(opened, MONTH, progress)
    if checked.differences:
        raise CheckError(f"the month does not verify: {checked.differences[0]}")
    summarise(screen, directory, issued, found, paths)


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
    load(opened.site, opened.database)
    screen.say(f"3/{steps} 원천에서 가져옵니다")
    calendar = opened.site.calendar
    with screen.progress() as progress:
        window, taken = calendar.month(MONTH), calendar.instant(TAKEN)
        results = collect(opened, window, None, taken, progress)
    found = [finding for one in results for finding in one.findings]
    screen.say(f"4/{steps} 사용량을 계산합니다")
    with screen.progress() as progress:
        found += meter(opened, calendar.month_days(MONTH), None, progress)
    stop = [finding for finding in found if finding.severity == "fail"]
    if stop:
        screen.findings(found)
        raise CheckError(f"{len(stop)} findings stop the example; it should have none")
    return opened, found


def summarise(
    screen: Screen,
    directory: Path,
    issued: Issued,
    found: list[Finding],
    paths: list[Path],
) -> None:
    """The short table at the end, and which documents to open."""
    invoice_table(screen, f"{issued.month} 청구서 (단위: 원)", issued.invoices)
    columns = (("programme", "지원 사업"), ("funding", "재원"), ("claim_krw", "지원금"))
    screen.table("claims", "지원금 (단위: 원)", columns, _claims(issued.claims))
    kinds = sorted({finding.kind for finding in found})
    screen.say(
        f"확인할 사항 {len(found)}건 ({', '.join(kinds)}): jeongsan --site {directory} status"
    )
    screen.say("열어 볼 문서:")
    largest = max(issued.invoices, key=lambda invoice: invoice.charge_krw).company_id
    for path in paths:
        if "government" in path.parts or largest in path.name:
            screen.say(f"  {path}")
    screen.fact(
        "documents", [str(path) for path in paths] if screen.as_json else len(paths), "문서"
    )
    screen.fact("bundle", issued.bundle, "묶음")


def _claims(claims: tuple[Claim, ...]) -> list[tuple[Cell, ...]]:
    sums: dict[tuple[str, str], int] = {}
    for claim in claims:
        key = (claim.programme, claim.funding)
        sums[key] = sums.get(key, 0) + claim.claim_krw
    return [(programme, funding, krw) for (programme, funding), krw in sorted(sums.items())]
