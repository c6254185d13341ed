"""The records of billing: usage, charge, subsidy, invoice, claim, posting."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

VatBase = Literal["SELF_PAY", "GROSS", "EXEMPT"]
TaxClass = Literal["taxable", "exempt"]
Settled = Literal["claimed", "advanced", "in_kind"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage of one accounting day. quantity: integer in `unit` (device_us, mib_s, count)."""

    day: date
    company_id: str
    project_id: str
    source: str
    sku: str
    quantity: int
    unit: str
    busy_ns: int
    energy_uj: int
    estimated: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """Usage of a day at the price of its day; charge_krw is a difference of two floors."""

    day: date
    company_id: str
    project_id: str
    sku: str
    quantity: int
    unit: str
    price_krw: Decimal
    charge_krw: int
    rule: str


@dataclass(frozen=True, slots=True)
class Subsidy:
    """The part of a day's charge that one funding source of a programme pays."""

    day: date
    company_id: str
    project_id: str
    sku: str
    programme: str
    award_id: str
    funding: str
    subsidy_krw: int
    vat_base: VatBase
    rule: str
    # '' or the limit that cut it: quota:A-1, cap:award_month:A-1, cap:award:A-1,
    # cap:company_year:C-1, budget:AICA-2025R:national:2025
    stopped_by: str


@dataclass(frozen=True, slots=True)
class ProgrammePart:
    """What one programme pays of one invoice line."""

    programme: str
    title: str
    subsidy_krw: int
    vat_base: VatBase
    in_kind: bool = False  # brought in kind by the company itself, not support


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One project and SKU of a month. charge_krw = sum of parts + company_krw."""

    project_id: str
    project_name: str
    sku: str
    sku_title: str
    quantity: int
    unit: str
    prices_krw: tuple[Decimal, ...]  # every price of the month, in order of day
    price_unit: str  # e.g. device_hour, gb_month
    charge_krw: int
    parts: tuple[ProgrammePart, ...]
    company_krw: int
    taxable_krw: int  # company_krw plus the GROSS parts; 0 on an exempt line


@dataclass(frozen=True, slots=True)
class Party:
    """A side of an invoice, as printed."""

    business_number: str
    name: str
    representative: str
    address: str
    business_type: str
    business_item: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """What a company owes for a month (SETTLEMENT 18 to 20). A draft has no number or issue day."""

    month: str  # 2025-10
    company_id: str
    tax_class: TaxClass
    kind: Literal["tax", "statement"]  # a tax invoice is made if taxable_krw is not 0
    issuer: Party
    company: Party
    number: str | None
    issued_on: date | None
    written_on: date  # 작성연월일: the month's last day
    due_on: date | None
    lines: tuple[InvoiceLine, ...]
    charge_krw: int
    subsidy_krw: int
    company_krw: int
    taxable_krw: int
    vat_krw: int
    payable_krw: int  # company_krw + vat_krw
    rules_digest: str
    usage_digest: str

    @property
    def supply_krw(self) -> int:
        """공급가액: what is taxed, or what is paid for an exempt supply."""
        return self.taxable_krw if self.tax_class == "taxable" else self.company_krw


@dataclass(frozen=True, slots=True)
class Claim:
    """What one funding source of a programme owes for a company's month."""

    month: str
    programme: str
    funding: str
    company_id: str
    settled: Settled
    claim_krw: int


@dataclass(frozen=True, slots=True)
class FiledPart:
    """What a filed settlement says that a source bears of a company's month."""

    company_id: str
    funding: str
    krw: int


@dataclass(frozen=True, slots=True)
class Filed:
    """What the last settlement filed of a programme's budget year says of one month: no source is
    asked for more of it, and for nothing where no part names it (SETTLEMENT 31)."""

    programme: str
    sequence: int  # of the filing, in its year
    parts: tuple[FiledPart, ...]


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of a balanced group. amount_krw: debit positive, credit negative."""

    group: str  # e.g. 2025-10/C-001
    account: (
        str  # e.g. receivable:company:C-001, receivable:programme:AICA-2025R:national, revenue, vat
    )
    amount_krw: int
    memo: str
