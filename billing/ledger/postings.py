"""Postings of a month: what every invoice and claim means in double entry (SETTLEMENT 29)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from billing.ledger.amendments import ClaimRestatement
from billing.records import Claim, Invoice, Posting, Settled, Subsidy
from billing.rulebook.programme import COMPANY_IN_KIND, TRUNCATED_TO_KRW

REVENUE = "revenue"
VAT = "vat"
ROUNDING = "rounding:claim:"  # what claims were cut by to whole tens of won
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


def post_amended(
    sequence: int,
    month: str,
    invoices: Sequence[Invoice],
    paid_krw: Mapping[Funded, int],
    claims: Sequence[ClaimRestatement],
) -> tuple[Posting, ...]:
    """An adjustment's postings of a month: its documents, and by how much claims were restated.
    `paid_krw` says how much more is paid; what a claim is not restated by is its rounding."""
    companies = {invoice.company_id for invoice in invoices} | {
        claim.company_id for claim in claims
    }
    companies |= {key[0] for key in paid_krw}
    postings: list[Posting] = []
    for company in sorted(companies):
        group = f"adjustment-{sequence}/{month}/{company}"
        sides = [side for i in invoices if i.company_id == company for side in _invoice(i)]
        rounding = {key: krw for key, krw in paid_krw.items() if key[0] == company}
        for claim in (claim for claim in claims if claim.company_id == company):
            key = (company, claim.programme, claim.funding)
            rounding[key] = rounding.get(key, 0) - claim.difference_krw
            sides.append((_account(key, claim.settled), claim.difference_krw, claim.programme))
        sides += [_rounding(key, krw) for key, krw in sorted(rounding.items())]
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
    owed = "receivable" if invoice.payable_krw >= 0 else "payable"  # a credit (SETTLEMENT 28)
    return [
        (f"{owed}:company:{invoice.company_id}", invoice.payable_krw, number),
        (REVENUE, -invoice.charge_krw, number),
        (VAT, -invoice.vat_krw, number),
    ]


def _claim(key: Funded, paid_krw: int, claim: Claim | None) -> list[Side]:
    """What a funding source owes; what its claim was cut by stands in a rounding account."""
    programme = key[1]
    claim_krw = claim.claim_krw if claim else 0
    rounding_krw = paid_krw - claim_krw
    if not 0 <= rounding_krw < TRUNCATED_TO_KRW:
        raise AssertionError(f"{key}: subsidies are {paid_krw}, the claim {claim_krw}")
    rounding = _rounding(key, rounding_krw)
    if claim is None:
        return [rounding]
    return [(_account(key, claim.settled), claim_krw, programme), rounding]


def _account(key: Funded, settled: Settled) -> str:
    company, programme, funding = key
    if funding == COMPANY_IN_KIND:  # the company's own share in kind is nobody's support
        return f"in_kind:company:{company}"
    return f"{ACCOUNT_OF[settled]}:{programme}:{funding}"


def cut_off(account: str, group: str) -> tuple[str, str, str]:
    """Programme, funding and company of the claims that a rounding account of a posting group was
    cut off."""
    programme, _, funding = account.removeprefix(ROUNDING).rpartition(":")
    return programme, funding, group.rsplit("/", 1)[1]


def _rounding(key: Funded, krw: int) -> Side:
    _, programme, funding = key
    return f"{ROUNDING}{programme}:{funding}", krw, programme
