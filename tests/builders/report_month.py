"""A made-up centre's month for the tests of documents: rows that tie, a few companies or many."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing.records import (
    Charge,
    Claim,
    Invoice,
    InvoiceLine,
    Party,
    ProgrammePart,
    Subsidy,
    Usage,
)
from reports.month.month_view import (
    CapacityView,
    CompanyView,
    Desk,
    FundingView,
    LimitView,
    MonthView,
    ProgrammeView,
    ProjectView,
    SkuView,
)

HOUR_US = 3_600_000_000
HOUR_MILLI_MS = 3_600_000_000
SECONDS = 31 * 86_400
DESK = Desk("데이터센터 정산팀", "settlement@example.invalid", "예시은행 000-0000-0000-00")
ISSUER = Party(
    "990-80-12346", "예시 인공지능산업융합사업단", "홍길동", "광주광역시 북구 첨단과기로 123",
    "서비스업", "컴퓨팅 자원 제공",
)  # fmt: skip
COMPANY = Party(
    "124-81-00998", "(주)무등에이아이", "김하늘", "광주광역시 북구 첨단과기로 1, 3층 301호",
    "정보통신업", "소프트웨어 개발",
)  # fmt: skip
REGIONAL = ("AICA-2025R", "지역 인프라 기반 컴퓨팅 자원 지원사업")
BASE = ("AIDC-BASE", "AI데이터센터 서비스 지원")
SKUS = {
    "gpu.h100": SkuView("gpu.h100", "NVIDIA H100 80GB", "device_hour", Fraction("0.067")),
    "gpu.a100": SkuView("gpu.a100", "NVIDIA A100 80GB", "device_hour", Fraction("0.0195")),
    "npu.rngd": SkuView("npu.rngd", "FuriosaAI RNGD", "device_hour", None),
}
PRICES = {"gpu.h100": Decimal(6000), "gpu.a100": Decimal(2600), "npu.rngd": Decimal("900.5")}
DAYS = tuple(date(2025, 10, 1) + timedelta(days=n) for n in range(31))


def line(project: str, sku: str, hours: str, *parts: ProgrammePart, **changed: Any) -> InvoiceLine:
    """An invoice line of so many device-hours at the SKU's price."""
    price = changed.pop("price", PRICES.get(sku, Decimal(0)))
    charge = int(Decimal(hours) * price)
    company = charge - sum(part.subsidy_krw for part in parts)
    gross = sum(part.subsidy_krw for part in parts if part.vat_base == "GROSS")
    values: dict[str, Any] = {
        "project_id": project,
        "project_name": f"과제 {project}",
        "sku": sku,
        "sku_title": SKUS[sku].title if sku in SKUS else sku,
        "quantity": int(Decimal(hours) * HOUR_US),
        "unit": "device_us",
        "prices_krw": (price,),
        "price_unit": "device_hour",
        "charge_krw": charge,
        "parts": parts,
        "company_krw": company,
        "taxable_krw": company + gross,
    }
    return InvoiceLine(**(values | changed))


def invoice(*lines: InvoiceLine, **changed: Any) -> Invoice:
    """An issued invoice of these lines whose sums tie."""
    charge = sum(invoice_line.charge_krw for invoice_line in lines)
    company = sum(invoice_line.company_krw for invoice_line in lines)
    taxable = sum(invoice_line.taxable_krw for invoice_line in lines)
    values: dict[str, Any] = {
        "month": "2025-10",
        "company_id": "C-001",
        "tax_class": "taxable",
        "kind": "tax" if taxable else "statement",
        "issuer": ISSUER,
        "company": COMPANY,
        "number": "T-2025-000123",
        "issued_on": date(2025, 11, 5),
        "written_on": date(2025, 10, 31),
        "due_on": date(2025, 11, 30),
        "lines": lines,
        "charge_krw": charge,
        "subsidy_krw": charge - company,
        "company_krw": company,
        "taxable_krw": taxable,
        "vat_krw": taxable // 10,
        "payable_krw": company + taxable // 10,
        "rules_digest": "a3" * 32,
        "usage_digest": "7f" * 32,
    }
    return Invoice(**(values | changed))


def part(programme: tuple[str, str], krw: int, base: Any = "SELF_PAY") -> ProgrammePart:
    """What a programme pays of a line."""
    return ProgrammePart(programme[0], programme[1], krw, base)


def view(companies: int = 3, *, draft: bool = False, names: tuple[str, ...] = ()) -> MonthView:
    """A month of so many companies with two projects each; every third company has no support."""
    usages: list[Usage] = []
    charges: list[Charge] = []
    subsidies: list[Subsidy] = []
    company_views: dict[str, CompanyView] = {}
    projects: dict[str, ProjectView] = {}
    for at in range(1, companies + 1):
        company_id = f"C-{at:03d}"
        name = names[at - 1] if at <= len(names) else f"(주)예시기업{at}"
        place = ("광주", "서울", "전남")[at % 3]
        kind = ("startup", "sme", "university")[at % 3]
        number = f"{100 + at}-81-{10000 + at}"
        company_views[company_id] = CompanyView(company_id, name, number, place, kind, at % 4 == 0)
        for which in (1, 2):
            project_id = f"P-{2 * at - 2 + which:03d}"
            title = names[at - 1] if at <= len(names) else f"거대언어모델 학습 {project_id}"
            projects[project_id] = ProjectView(project_id, company_id, title)
            sku = list(SKUS)[(at + which) % 3]
            for day in DAYS[:: 3 + at % 2]:
                _add_day(day, company_id, project_id, sku, at, usages, charges, subsidies)
    invoices = _invoices(company_views, projects, charges, subsidies, draft)
    return MonthView(
        month="2025-10",
        days=DAYS,
        centre="예시 국가 AI 데이터센터",
        issuer=ISSUER.name,
        desk=DESK,
        draft=draft,
        issued_on=None if draft else date(2025, 11, 5),
        companies=company_views,
        projects=projects,
        skus=SKUS,
        programmes=PROGRAMMES,
        capacity=CAPACITY,
        limits=LIMITS if companies >= 2 else (),
        usages=tuple(usages),
        charges=tuple(charges),
        subsidies=tuple(subsidies),
        invoices=invoices,
        claims=_claims(subsidies),
        notes=("10. 14. npu-farm의 계측이 없어 사람이 확인하고 넘김(사유: 수집기 교체)",),
        rules_digest="a3" * 32,
        usage_digest="7f" * 32,
    )


PROGRAMMES = (
    ProgrammeView(*REGIONAL, "과학기술정보통신부", (
        FundingView("national", "국비", "claimed", "2025", 6_720_000_000, 1_234_567_890),
        FundingView("city", "시비", "advanced", "2025", 2_880_000_000, 529_100_524),
    )),
    ProgrammeView(*BASE, "광주광역시", (
        FundingView("centre", "센터 현물", "in_kind", "2025", None, None),
    )),
)  # fmt: skip
CAPACITY = (
    CapacityView("hpc-h100", "HPC H100", "h100", 64_000 * SECONDS * 1000, 40_000 * SECONDS * 1000,
                 1_000 * SECONDS * 1000, 30 * SECONDS * 10**9, 20 * SECONDS * 400 * 10**6,
                 Fraction("0.067")),
    CapacityView("npu-farm", "NPU 팜 (RNGD)", "rngd", 32_000 * SECONDS * 1000,
                 8_000 * SECONDS * 1000, None, None, None, None),
)  # fmt: skip
LIMITS = (
    LimitView("A-001", "AICA-2025R", "C-001", "quota", "device_hours", Fraction(5000),
              Fraction(1234)),
    LimitView("A-001", "AICA-2025R", "C-001", "award", "krw", Fraction(30_000_000),
              Fraction(9_999_999)),
)  # fmt: skip


def _add_day(
    day: date,
    company_id: str,
    project_id: str,
    sku: str,
    at: int,
    usages: list[Usage],
    charges: list[Charge],
    subsidies: list[Subsidy],
) -> None:
    quantity = (day.day * 7 + at * 3) * HOUR_US + 1_234_567
    charge = int(PRICES[sku] * quantity / HOUR_US)
    busy, energy = quantity * 700, quantity * 400
    usages.append(
        Usage(day, company_id, project_id, "slurm", sku, quantity, "device_us", busy, energy,
              day.day == 4, False)
    )  # fmt: skip
    rule = f"prices/{sku}.yaml@2023-10-01"
    charges.append(
        Charge(day, company_id, project_id, sku, quantity, "device_us", PRICES[sku], charge, rule)
    )
    if at % 3 == 0:
        return
    name = REGIONAL[0] if at % 2 else BASE[0]
    split = (("national", 7), ("city", 3)) if at % 2 else (("centre", 10),)
    base: Any = "SELF_PAY" if at % 2 else "GROSS"
    stopped = "budget:AICA-2025R:national:2025" if at % 2 and day.day > 28 else ""
    for funding, share in split:
        paid = charge * 8 // 10 * share // 10
        subsidies.append(
            Subsidy(day, company_id, project_id, sku, name, f"A-{at:03d}", funding, paid, base,
                    f"programmes/{name}.yaml@2025-01-01", stopped)
        )  # fmt: skip


def _invoices(
    companies: dict[str, CompanyView],
    projects: dict[str, ProjectView],
    charges: list[Charge],
    subsidies: list[Subsidy],
    draft: bool,
) -> tuple[Invoice, ...]:
    titles = dict((REGIONAL, BASE))
    of_line: dict[tuple[str, str], list[Charge]] = defaultdict(list)
    paid: dict[tuple[str, str], dict[tuple[str, Any], int]] = defaultdict(dict)
    for charge in charges:
        of_line[charge.project_id, charge.sku].append(charge)
    for subsidy in subsidies:
        of_key = paid[subsidy.project_id, subsidy.sku]
        part_key = (subsidy.programme, subsidy.vat_base)
        of_key[part_key] = of_key.get(part_key, 0) + subsidy.subsidy_krw
    lines: dict[str, list[InvoiceLine]] = defaultdict(list)
    for (project_id, sku), rows in sorted(of_line.items()):
        parts = tuple(
            part((name, titles[name]), krw, base)
            for (name, base), krw in sorted(paid[project_id, sku].items())
        )
        charge_krw = sum(row.charge_krw for row in rows)
        company = charge_krw - sum(each.subsidy_krw for each in parts)
        gross = sum(each.subsidy_krw for each in parts if each.vat_base == "GROSS")
        lines[projects[project_id].company_id].append(
            line(project_id, sku, "0", *parts, project_name=projects[project_id].name,
                 quantity=sum(row.quantity for row in rows), prices_krw=(PRICES[sku],),
                 charge_krw=charge_krw, company_krw=company, taxable_krw=company + gross)
        )  # fmt: skip
    return tuple(
        invoice(
            *of_company,
            company_id=company_id,
            company=Party(companies[company_id].business_number, companies[company_id].name,
                          "김하늘", "광주", "정보통신업", "소프트웨어"),
            number=None if draft else f"T-2025-{at:06d}",
            issued_on=None if draft else date(2025, 11, 5),
        )
        for at, (company_id, of_company) in enumerate(sorted(lines.items()), start=1)
    )  # fmt: skip


def _claims(subsidies: list[Subsidy]) -> tuple[Claim, ...]:
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for subsidy in subsidies:
        sums[subsidy.programme, subsidy.funding, subsidy.company_id] += subsidy.subsidy_krw
    return tuple(
        Claim("2025-10", programme, funding, company, "claimed", krw)
        for (programme, funding, company), krw in sorted(sums.items())
    )
