"""A programme's settlement in the terminal and as files."""

from pathlib import Path

from billing.grant.settlement import GrantEntry
from billing.grant.settlement_ledger import Settlement
from metering.errors import CheckError
from metering.site.open_site import OpenSite
from reports.government.report_pdf import government_pdf
from reports.government.report_xlsx import government_xlsx
from reports.government.settlement_report import created_on, grant_report, grant_title
from reports.layout.file_names import safe_name
from reports.layout.write_files import write_file
from reports.terminal.screen import Cell, Screen
from reports.wording.account_names import company_names

FOLDER = "grants"
COLUMNS = (
    ("funding", "재원"),
    ("budget_krw", "예산"),
    ("received_krw", "수입"),
    ("used_krw", "집행"),
    ("returned_krw", "반납"),
    ("interest_krw", "이자"),
    ("to_return_krw", "반납할 돈"),
    ("to_receive_krw", "받을 돈"),
)

ORIGINS = (
    ("funding", "재원"),
    ("year", "예산연도"),
    ("budget_krw", "예산"),
    ("used_krw", "집행"),
    ("left_krw", "잔액"),
)


def write_settlement(opened: OpenSite, settlement: Settlement, to: Path | None) -> list[Path]:
    """The report of a settlement as PDF and as XLSX."""
    names = company_names(opened.registry)
    issuer = opened.site.issuer
    folder = to or opened.site.documents / FOLDER
    stem = safe_name(f"{settlement.grant.year}_{settlement.grant.programme}_정산보고서")
    for_pdf = grant_report(settlement, names, opened.site.name, full=False)
    for_xlsx = grant_report(settlement, names, opened.site.name, full=True)
    pdf = government_pdf(for_pdf, issuer.name)
    xlsx = government_xlsx(for_xlsx, issuer.name, created_on(settlement))
    return [
        write_file(folder / f"{stem}.pdf", pdf),
        write_file(folder / f"{stem}.xlsx", xlsx),
    ]


def show_settlement(screen: Screen, settlement: Settlement, paths: list[Path]) -> None:
    """The year by source, how it compares with the last filing, and whether the books agree;
    CheckError where they do not."""
    grant = settlement.grant
    rows: list[tuple[Cell, ...]] = [
        (
            source.funding if screen.as_json else source.title,
            *(getattr(source, name) for name, _ in COLUMNS[1:]),
        )
        for source in grant.sources
    ]
    title = f"{grant_title(settlement)} 정산 (단위: 원)"
    screen.table("sources", title, COLUMNS, rows, spare=("returned_krw", "interest_krw"))
    if settlement.origins or screen.as_json:
        origins = [
            (origin.title, *(getattr(origin, name) for name, _ in ORIGINS[1:]))
            for origin in settlement.origins
        ]
        screen.table("origins", "예산이 온 해 (단위: 원)", ORIGINS, origins)
    _differences(screen, settlement)
    screen.fact("digest", settlement.digest, "정산 번호")
    odd = [tie for tie in settlement.ties if not tie.holds]
    _proof(screen, settlement, len(odd))
    if screen.as_json:
        screen.fact("written", [str(path) for path in paths])
    for path in paths:
        screen.path(path)
    if odd:
        first = odd[0]
        raise CheckError(
            f"{first.company_id} {first.month}: the books do not agree; see the report"
        )


def _differences(screen: Screen, settlement: Settlement) -> None:
    """What is no longer as it was filed."""
    names = ("month", "company_id", "funding", "filed_krw", "now_krw")
    rows = [
        tuple(getattr(difference, name) for name in names) for difference in settlement.differences
    ]
    heads = ("월", "기업", "재원", "제출한 금액", "지금")
    if rows or screen.as_json:
        columns = tuple(zip(names, heads, strict=True))
        note = "줄어든 것은 반납하고, 늘어난 것은 새로 청구하지 않습니다"
        screen.table("differences", "지난 제출과의 차이", columns, rows, note=note)


def _proof(screen: Screen, settlement: Settlement, untied: int) -> None:
    """Whether invoices, ledger and claims agree, what is not issued yet, and the last filing."""
    open_months, filed = settlement.grant.open_months, settlement.filed
    if screen.as_json:
        screen.fact("open_months", list(open_months))
        screen.fact("filed", filed.sequence if filed else None)
        screen.fact("ties", len(settlement.ties))
        screen.fact("untied", untied)
        return
    screen.say(f"청구서·원장·지원금 청구 대조: {len(settlement.ties):,}건 가운데 {untied:,}건 다름")
    if open_months:
        screen.say(f"아직 발행하지 않은 달: {', '.join(open_months)}")
    if filed is not None:
        screen.say(f"{filed.sequence}번째 제출 {filed.filed_on} ({filed.filed_by})")


def show_entry(screen: Screen, entry: GrantEntry) -> None:
    """What was recorded."""
    screen.fact("recorded", entry.sequence, "기록")
    screen.fact("amount_krw", entry.amount_krw, "금액")
