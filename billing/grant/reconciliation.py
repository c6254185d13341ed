"""Whether invoices, the ledger and claims say the same of every programme, company and month."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from billing.ledger.adjustment_ledger import claims_standing
from billing.ledger.postings import ROUNDING
from billing.ledger.tables import posting
from billing.payment.receivables import documents_of

KINDS = ("receivable:programme:", "advance:programme:", "expense:support:")
OWN = "in_kind:company:"  # a company's own share in kind; its memo names the programme

TieKey = tuple[str, str, str]  # programme, company, month


@dataclass(frozen=True, slots=True)
class Tie:
    """What three books say a programme pays of a company's month, in won."""

    programme: str
    company_id: str
    month: str
    invoiced_krw: int
    posted_krw: int  # without what claims were cut by
    rounding_krw: int
    claimed_krw: int

    @property
    def holds(self) -> bool:
        """Whether they agree: what is not claimed of what is invoiced is rounding."""
        posted = self.posted_krw + self.rounding_krw
        return self.invoiced_krw == posted and self.claimed_krw == self.posted_krw


def ties(connection: Connection, months: Iterable[str]) -> tuple[Tie, ...]:
    """Every programme, company and month, corrections included, in that order."""
    wanted = frozenset(months)
    invoiced: dict[TieKey, int] = defaultdict(int)
    for document in documents_of(connection, wanted):
        for line in document.lines:
            for part in line.parts:
                key = (part.programme, document.company_id, document.month)
                invoiced[key] += part.subsidy_krw
    claimed: dict[TieKey, int] = defaultdict(int)
    for month in wanted:
        for claim in claims_standing(connection, month):
            claimed[claim.programme, claim.company_id, month] += claim.claim_krw
    posted, rounding = _posted(connection, wanted)
    keys = {
        key for sums in (invoiced, claimed, posted, rounding) for key, krw in sums.items() if krw
    }
    return tuple(
        Tie(*key, invoiced[key], posted[key], rounding[key], claimed[key]) for key in sorted(keys)
    )


def _posted(
    connection: Connection, months: frozenset[str]
) -> tuple[dict[TieKey, int], dict[TieKey, int]]:
    """What accounts of programmes come to, and what rounding comes to."""
    posted: dict[TieKey, int] = defaultdict(int)
    rounding: dict[TieKey, int] = defaultdict(int)
    for row in connection.execute(select(posting).where(posting.c.month.in_(sorted(months)))):
        company = row.group_id.rsplit("/", 1)[1]
        if row.account.startswith(OWN):
            posted[row.memo, company, row.month] += row.amount_krw
        elif row.account.startswith((*KINDS, ROUNDING)):
            programme = row.account.split(":", 2)[2].rpartition(":")[0]
            sums = rounding if row.account.startswith(ROUNDING) else posted
            sums[programme, company, row.month] += row.amount_krw
    return posted, rounding
