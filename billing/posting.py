"""Postings of a month: what every invoice and claim means in double entry (SETTLEMENT 29)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from billing.programme import COMPANY_IN_KIND
from billing.records import Claim, Invoice, Posting, Subsidy

REVENUE = "revenue"
VAT = "vat"
CLAIM_STEP_KRW = 10  # a claim may be cut to whole tens of won, never by more
ACCOUNT_OF = {
    "claimed": "receivable:programme",
    "advanced": "advance:programme",
    "in_kind": "expense:support",
}

Funded = tuple[str, str, str]  # company, programme, funding


def post(
    month: str,
    invoices: Sequence[Invoice],
    subsidies: Iterable[Subsidy],
    claims: Iterable[Claim],
) -> tuple[Posting, ...]:
    """The month's postings, one group a company, in won; the invoices have their numbers."""
    paid_krw: dict[Funded, int] = defaultdict(int)
    for subsidy in subsidies:
        paid_krw[subsidy.company_id, subsidy.programme, subsidy.funding] += subsidy.subsidy_krw
    claim_of = {(claim.company_id, claim.programme, claim.funding): claim for claim in claims}
    companies = {invoice.company_id for invoice in invoices} | {
        company for company, _, _ in {**paid_krw, **claim_of}
    }
    postings: list[Posting] = []
    for company in sorted(companies):
        group = f"{month}/{company}"
        sides = [side for i in invoices if i.company_id == company for side in _invoice(i)]
        for key in sorted(key for key in {**paid_krw, **claim_of} if key[0] == company):
            sides += _claim(key, paid_krw.get(key, 0), claim_of.get(key))
        postings += [Posting(group, *side) for side in sides if side[1]]
    return tuple(postings)


def check_postings(postings: Iterable[Posting], charge_krw: int) -> None:
    """Our own promise: every group sums to zero; the credits to revenue are the charges."""
    sums: dict[str, int] = defaultdict(int)
    revenue_krw = 0
    for posting in postings:
        sums[posting.group] += posting.amount_krw
        if posting.account == REVENUE:
            revenue_krw -= posting.amount_krw
    # Written out, so that `python -O` keeps it: nothing unbalanced is ever committed.
    if unbalanced := {group: left for group, left in sums.items() if left}:
        raise AssertionError(f"posting groups that do not sum to zero: {unbalanced}")
    if revenue_krw != charge_krw:
        raise AssertionError(f"charges are {charge_krw}, credits to revenue {revenue_krw}")


Side = tuple[str, int, str]  # account, amount_krw, memo


def _invoice(invoice: Invoice) -> list[Side]:
    number = invoice.number or ""
    return [
        (f"receivable:company:{invoice.company_id}", invoice.payable_krw, number),
        (REVENUE, -invoice.charge_krw, number),
        (VAT, -invoice.vat_krw, number),
    ]


def _claim(key: Funded, paid_krw: int, claim: Claim | None) -> list[Side]:
    """What a funding source owes; what its claim was cut by stands in a rounding account."""
    company, programme, funding = key
    claim_krw = claim.claim_krw if claim else 0
    rounding_krw = paid_krw - claim_krw
    if not 0 <= rounding_krw < CLAIM_STEP_KRW:
        raise AssertionError(f"{key}: subsidies are {paid_krw}, the claim {claim_krw}")
    rounding = (f"rounding:claim:{programme}:{funding}", rounding_krw, programme)
    if claim is None:
        return [rounding]
    account = f"{ACCOUNT_OF[claim.settled]}:{programme}:{funding}"
    if funding == COMPANY_IN_KIND:  # the company's own share in kind is nobody's support
        account = f"in_kind:company:{company}"
    return [(account, claim_krw, programme), rounding]
