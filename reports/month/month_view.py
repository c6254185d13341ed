"""What the documents of a month are made from: plain values, the same for every document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from billing.draft.unseen_use import UseOfDay
from billing.ledger.amendments import Amendment
from billing.records import Charge, Claim, Invoice, Settled, Subsidy, Usage
from billing.rulebook.price import USAGE_UNITS, PriceUnit
from billing.subsidy.quotas import is_storage
from billing.subsidy.recalls import Recall
from metering.registry.records import Agreement, Plan, ProjectOutcome

LimitKind = Literal["quota", "award", "company_year"]


@dataclass(frozen=True, slots=True)
class Desk:
    """Whom to ask at the issuer, and where to pay."""

    department: str
    contact: str
    bank_account: str


@dataclass(frozen=True, slots=True)
class CompanyView:
    """A company as the report names it: facts of the month's last day."""

    company_id: str
    name: str
    business_number: str
    place: str
    org_type: str
    youth: bool


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project and whose it is."""

    project_id: str
    company_id: str
    name: str


@dataclass(frozen=True, slots=True)
class SkuView:
    """What is priced. pf: PF of one device, None where no value is in force."""

    sku: str
    title: str
    price_unit: PriceUnit
    pf: Fraction | None


@dataclass(frozen=True, slots=True)
class FundingView:
    """A funding source of a programme. budget_krw None: no limit is known; years: 2025-2027.
    used_before_krw: paid in these years before this month; None where it was not kept."""

    funding: str
    title: str
    settled: Settled
    years: str
    budget_krw: int | None
    used_before_krw: int | None


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A support programme in the order of the rules."""

    programme: str
    title: str
    authority: str
    funding: tuple[FundingView, ...]


@dataclass(frozen=True, slots=True)
class LimitView:
    """An award's limit. limit and used (with this month) in `unit`: krw, or that of the quota."""

    award_id: str
    programme: str
    company_id: str
    kind: LimitKind
    unit: str
    limit: Fraction
    used: Fraction


@dataclass(frozen=True, slots=True)
class CapacityView:
    """A cluster's devices of one model over the month, milli-devices x ms; down None: not known.
    busy_ns and energy_uj are evidence of exporters, None where the cluster has none."""

    cluster: str
    cluster_title: str
    model: str
    installed: int
    held: int
    down: int | None
    busy_ns: int | None
    energy_uj: int | None
    pf: Fraction | None


@dataclass(frozen=True, slots=True)
class Referral:
    """A company that a partner body brought to the centre, by an award or by an agreement."""

    partner: str
    company_id: str


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month, drafted or issued. notes: Korean sentences on what the figures leave open."""

    month: str
    days: tuple[date, ...]
    centre: str
    issuer: str
    desk: Desk
    draft: bool
    issued_on: date | None
    companies: Mapping[str, CompanyView]
    projects: Mapping[str, ProjectView]
    skus: Mapping[str, SkuView]
    programmes: tuple[ProgrammeView, ...]
    capacity: tuple[CapacityView, ...]
    limits: tuple[LimitView, ...]
    usages: tuple[Usage, ...]
    charges: tuple[Charge, ...]
    subsidies: tuple[Subsidy, ...]
    invoices: tuple[Invoice, ...]
    claims: tuple[Claim, ...]
    notes: tuple[str, ...]
    rules_digest: str
    usage_digest: str
    recalls: tuple[Recall, ...] = ()  # awards that end in the month, as a person decided
    amendments: tuple[Amendment, ...] = ()  # documents of adjustments, beside the invoices
    unseen: frozenset[UseOfDay] = frozenset()  # use of which nobody saw the work
    agreements: tuple[Agreement, ...] = ()  # signed by the month's last day
    referrals: tuple[Referral, ...] = ()  # by agreements so far and by awards of the month
    outcomes: tuple[ProjectOutcome, ...] = ()  # reached by the month's last day
    plans: tuple[Plan, ...] = ()  # for the month after
    revised: tuple["MonthView", ...] = ()  # the month whole after each adjustment
    adjustment: int = 0  # after which this view is, when and why it was issued
    adjusted_on: date | None = None
    adjusted_because: str = ""

    def saw(self, usage: Usage) -> bool:
        """Whether an exporter saw the work of a row; unknown is not idle."""
        return (usage.source, usage.day, usage.sku) not in self.unseen

    def is_storage(self, sku: str) -> bool:
        """Whether a SKU is storage and not device time; its limits are others of an award."""
        priced = self.skus.get(sku)
        return priced is not None and is_storage(USAGE_UNITS[priced.price_unit])

    @property
    def seconds(self) -> int:
        """Seconds of the month (accounting days have 24 hours)."""
        return len(self.days) * 86_400
