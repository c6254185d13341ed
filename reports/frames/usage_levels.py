"""What metered usage is added up by, and the columns that each level has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from reports.frames.usage_choices import UsageBy

PLACES: Final = 10  # of an amount: the fewest at which two quantities never read alike
QUANTITY: Final = pa.decimal128(38, 0)
AMOUNT: Final = pa.decimal128(38, PLACES)
INSTANT: Final = pa.timestamp("ms", "UTC")


@dataclass(frozen=True, slots=True)
class UsageLevel:
    """The columns that tell rows apart, and whether an issued month says anything at this level:
    it has days, projects and SKUs, and knows neither accounts nor runs."""

    keys: tuple[str, ...]
    issued: bool


COMPANY: Final = ("company_id", "company")
PROJECT: Final = (*COMPANY, "project_id", "project")
RUN: Final = ("allocation", "submitted_at", "started_at")
OWNED: Final = (*PROJECT, "owner", "reason")
LEVELS: Final[Mapping[UsageBy | None, UsageLevel]] = {
    None: UsageLevel(("day", "cluster", "source", "account", *OWNED, "sku"), issued=False),
    UsageBy.DAY: UsageLevel(("day", "cluster", "owner"), issued=True),
    UsageBy.COMPANY: UsageLevel((*COMPANY, "owner"), issued=True),
    UsageBy.PROJECT: UsageLevel((*PROJECT, "owner"), issued=True),
    UsageBy.SKU: UsageLevel(("sku", "cluster", "owner"), issued=True),
    UsageBy.ACCOUNT: UsageLevel(("cluster", "source", "account", *OWNED), issued=False),
    UsageBy.ALLOCATION: UsageLevel(
        ("cluster", "source", "account", *RUN, *OWNED, "sku"), issued=False
    ),
}
KINDS: Final[Mapping[str, pa.DataType]] = {
    "day": pa.date32(),
    "submitted_at": INSTANT,
    "started_at": INSTANT,
    "quantity": QUANTITY,
    "issued_quantity": QUANTITY,
    "amount": AMOUNT,
    "issued_amount": AMOUNT,
    "known_to": INSTANT,
    "estimated": pa.bool_(),
    "provisional": pa.bool_(),
    "outdated": pa.bool_(),
}  # all others are text
SECTION: Final[Mapping[str, pa.DataType]] = {
    "cluster": pa.string(),
    "title": pa.string(),
    "days": pa.int64(),  # that were metered
    "missing": pa.list_(pa.date32()),  # on which it ran, and that have no usage
    "outdated": pa.list_(pa.date32()),  # that want metering, again or for the first time
    "known_to": INSTANT,
}
TOTAL: Final = UsageLevel((), issued=True)
DIFFERENCES: Final = UsageLevel(("day", "cluster", "source", *PROJECT, "sku"), issued=True)


def columns_of(level: UsageLevel) -> tuple[str, ...]:
    """The columns of a level, in order: what a row is of, how much, and how sure that is."""
    issued = ("issued_quantity", "issued_amount") if level.issued else ()
    amounts = ("quantity", "unit", "amount", "amount_unit", *issued)
    return (*level.keys, *amounts, "estimated", "provisional", "outdated", "known_to")
