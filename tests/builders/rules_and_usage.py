"""Small rule books, registries and usage for the tests of money; everything in it is made up."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from billing.month.pure_month import MonthResult, compute_month
from billing.records import Party, Usage
from billing.rulebook.programme_parts import SHAPE_KEYS
from billing.rulebook.rule_book import RuleBook, parse_rulebook
from billing.subsidy.balance import Balance
from metering.calendar import Calendar
from metering.registry.registry import Award, Company, CompanyFacts, Project, Registry

SEOUL = Calendar("Asia/Seoul")
HOUR_US = 3_600_000_000
SECOND_US = 1_000_000
ISSUER = Party("124-81-00998", "센터", "홍길동", "광주", "서비스업", "컴퓨팅")
WHY = "assumed: for the test"
START = date(2025, 1, 1)
LONG_AGO = date(2020, 1, 1)  # when projects began

TAX = f"""
vat_rate: {{2025-01-01: {{value: "0.10", {WHY}}}}}
vat_rounding: {{2025-01-01: {{value: floor_once_per_invoice, {WHY}}}}}
due: {{2025-01-01: {{value: last_day_of_next_month, {WHY}}}}}
"""
PF = f"""
pf_per_device:
  gpu.h100: {{2025-01-01: {{value: "0.067", {WHY}}}}}
  gpu.a100: {{2025-01-01: {{value: "0.0195", {WHY}}}}}
"""

Steps = str | Mapping[str, str | None]


def dated(steps: Steps, *, quoted: bool = True) -> str:
    """A dated value in YAML's flow form; a plain text holds from the start of 2025."""
    by_day = {"2025-01-01": steps} if isinstance(steps, str) else steps

    def written(value: str | None) -> str:
        return "null" if value is None else f'"{value}"' if quoted else value

    inner = ", ".join(f"{d}: {{value: {written(v)}, {WHY}}}" for d, v in by_day.items())
    return f"{{{inner}}}"


def clauses(*given: tuple[str, Steps]) -> str:
    """A value for whom it is: pairs of conditions such as size: [mid], '' for all, and a value."""
    members = []
    for who, steps in given:
        asked = f"for: {{{who}}}, " if who else ""
        members.append(f"{{{asked}by_day: {dated(steps)}}}")
    return f"[{', '.join(members)}]"


def price(
    sku: str, krw: Steps, unit: str = "device_hour", basis: str = "held", tax: str = "taxable"
) -> dict[str, str]:
    """One price file."""
    month = "month: calendar_month\n" if unit.endswith("_month") else ""
    text = (
        f"sku: {sku}\ntitle: {sku} 상품\nunit: {unit}\nbasis: {basis}\n{month}"
        f"tax_class: {dated(tax, quoted=False)}\nprice_krw: {dated(krw)}\n"
    )
    return {f"prices/{sku}.yaml": text}


def source(
    name: str,
    share: str,
    budget: Mapping[str, int] | None = None,
    settled: str = "claimed",
    truncate: Steps | None = None,
) -> str:
    """One funding source; budgets by years such as 2025 or 2025-2027; `truncate` is true or false,
    by day."""
    if budget is None:
        amount = f"{{unlimited: true, {WHY}}}"
    else:
        rows = []
        for years, krw in budget.items():
            first, _, last = years.partition("-")
            rows.append(f'{{first_year: {first}, last_year: {last or first}, krw: "{krw}", {WHY}}}')
        amount = f"[{', '.join(rows)}]"
    cut = "" if truncate is None else f", truncate_10won: {dated(truncate, quoted=False)}"
    return (
        f"{{source: {name}, title: {name} 재원, settled: {settled}, "
        f"share: {dated(share)}, budget: {amount}{cut}}}"
    )


def programme(
    name: str,
    company: Steps = "0",
    *,
    basis: str = "share_of_charge",
    order: int = 10,
    skus: str = "[gpu.*, storage.*]",
    stacking: bool = False,
    judged_on: str = "agreement",
    funding: Sequence[str] = (source("national", "1"),),
    vat_base: str = "SELF_PAY",
    more: str = "",
) -> dict[str, str]:
    """One programme file; `more` is written as it is."""
    clauses = isinstance(company, str) and company[0] in "[{"
    share = company if clauses else dated(company)
    text = f"""id: {name}
title: {name} 사업
authority: 시험
order: {order}
basis: {basis}
checked_on: 2025-01-01
skus: {{value: {skus}, {WHY}}}
stacking: {{value: {str(stacking).lower()}, {WHY}}}
judged_on: {{value: {judged_on}, {WHY}}}
{SHAPE_KEYS[basis]}: {share}
funding: [{", ".join(funding)}]
vat_base: {dated(vat_base, quoted=False)}
{more}"""
    return {f"programmes/{name}.yaml": text}


def flat_fee(
    *bundles: tuple[str, Steps], unit: str = "pf", ceiling: str = "concurrent", most: int = 0
) -> str:
    """What a flat fee says: pairs of a size and its won a month (or clauses)."""
    limit = f"most: {{value: {most}, {WHY}}}, " if most else ""
    members = [
        f'{{size: {{value: "{size}", {WHY}}}, {limit}krw_per_month: '
        f"{krw if str(krw).startswith('[') else dated(krw)}}}"
        for size, krw in bundles
    ]
    return (
        f"{{unit: {{value: {unit}, {WHY}}}, ceiling: {{value: {ceiling}, {WHY}}}, "
        f"unused_sku: capacity.unused, bundles: [{', '.join(members)}]}}"
    )


UNUSED = {
    "prices/capacity.unused.yaml": f"sku: capacity.unused\ntitle: 미사용 용량\nunit: krw\n"
    f"tax_class: {{2025-01-01: {{value: taxable, {WHY}}}}}\n"
    f"price_krw: {dated('1')}\n"
}


def market(**krw: Steps) -> dict[str, str]:
    """Market prices by the last word of a GPU's SKU."""
    rows = "".join(f"  gpu.{name}: {dated(steps)}\n" for name, steps in krw.items())
    return {"market.yaml": f"market_price_krw:\n{rows}"}


def caps(**krw: int) -> str:
    """The caps of a programme."""
    inner = ", ".join(f"{name}: {dated(str(amount))}" for name, amount in krw.items())
    return f"caps: {{{inner}}}\n"


def halved(**conditions: str) -> str:
    """A reduction of a half for those who meet any condition."""
    inner = ", ".join(f'{fact}: ["{value}"]' for fact, value in conditions.items())
    return f"""reductions:
  - {{id: halved, title: 반감, any_of: {{{inner}}}, factor: {dated("0.5")}}}
"""


def book(*files: Mapping[str, str]) -> RuleBook:
    """A rule book of these files, with plain tax rules; H100 at 6,000 unless they price it."""
    texts = {"tax.yaml": TAX, "pf.yaml": PF, **price("gpu.h100", "6000")}
    for file in files:
        texts.update(file)
    return parse_rulebook(texts)


def company(company_id: str, **changes: object) -> Company:
    """A company: a small firm in Seoul unless said otherwise."""
    facts = CompanyFacts(
        None,
        changes.pop("org_type", "sme"),  # type: ignore[arg-type]
        changes.pop("size", "small"),  # type: ignore[arg-type]
        changes.pop("place", "서울"),  # type: ignore[arg-type]
    )
    values: dict[str, object] = {"facts": (facts,), **changes}
    return Company(
        company_id, "124-81-00998", f"{company_id} 주식회사", "김대표", "서울", "정보통신업",
        "소프트웨어", **values,
    )  # type: ignore[arg-type]  # fmt: skip


def award(
    award_id: str, name: str, company_id: str, project_id: str = "", **changes: object
) -> Award:
    """An award of a programme from the start of 2025 on."""
    values: dict[str, object] = {
        "agreed_on": START, "announced_on": START, "start": START, "until": None,
        "agreement_number": "", "quota": None, "quota_unit": None, "cap_krw": None,
        "referrer": "", "budget_year": None, **changes,
    }  # fmt: skip
    if isinstance(values["quota"], str):
        values["quota"] = Decimal(values["quota"])
    return Award(award_id, name, company_id, project_id, **values)  # type: ignore[arg-type]


def registry(
    awards: Iterable[Award] = (), companies: Iterable[Company] = (), projects: Iterable[str] = ()
) -> Registry:
    """A registry with companies A, B and C (unless given), each with projects A-1, A-2, ..."""
    firms = tuple(companies) or tuple(company(name) for name in "ABC")
    named = tuple(projects) or tuple(f"{f.company_id}-{n}" for f in firms for n in (1, 2, 3))
    return Registry(
        companies=firms,
        projects=tuple(Project(p, p.split("-")[0], f"{p} 과제", LONG_AGO, None) for p in named),
        awards=tuple(awards),
    )


def used(
    day: date | str,
    project_id: str,
    quantity: int,
    sku: str = "gpu.h100",
    unit: str = "device_us",
    busy_ns: int = 0,
    source: str = "cluster",
) -> Usage:
    """Usage of one day by a project, whose company is the part before the dash."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    owner = project_id.split("-")[0]
    return Usage(on, owner, project_id, source, sku, quantity, unit, busy_ns, 0, False, False)


def close(
    usages: Iterable[Usage],
    rules: RuleBook,
    held: Registry | None = None,
    month: str = "2025-10",
    opening: Balance | None = None,
) -> MonthResult:
    """A closed month, which has proved its own promises."""
    return compute_month(
        usages, rules, held or registry(), opening or Balance(), month, ISSUER, SEOUL, "usage"
    )


def paid(result: MonthResult) -> dict[str, int]:
    """Subsidies by award."""
    sums: dict[str, int] = {}
    for row in result.subsidies:
        sums[row.award_id] = sums.get(row.award_id, 0) + row.subsidy_krw
    return sums


def due(result: MonthResult) -> dict[str, int]:
    """What each company owes in cash, without VAT."""
    return {of.company_id: of.company_krw for of in result.invoices}


def rows(result: MonthResult) -> list[tuple[str, str, int, str]]:
    """Award, funding source, won and what stopped it, of every subsidy row."""
    return [(s.award_id, s.funding, s.subsidy_krw, s.stopped_by) for s in result.subsidies]
