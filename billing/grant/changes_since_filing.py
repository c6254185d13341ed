"""Owns what differs from a programme's last filing with the state, and what is settled then."""

from collections.abc import Sequence
from dataclasses import dataclass

from billing.grant.settlement import GrantRow


@dataclass(frozen=True, slots=True)
class ChangedSinceFiling:
    """A row that is not what was filed. Less goes back; more is never claimed anew."""

    month: str
    company_id: str
    funding: str
    filed_krw: int
    now_krw: int


def changes_since_filing(
    filed: Sequence[GrantRow], standing: Sequence[GrantRow]
) -> tuple[ChangedSinceFiling, ...]:
    """Where what stands is not what was filed, in order of month, company and source."""
    before = {(row.month, row.company_id, row.funding): row.krw for row in filed}
    now = {(row.month, row.company_id, row.funding): row.krw for row in standing}
    return tuple(
        ChangedSinceFiling(*key, before.get(key, 0), now.get(key, 0))
        for key in sorted({*before, *now})
        if before.get(key, 0) != now.get(key, 0)
    )


def settled_rows(
    filed: Sequence[GrantRow] | None, standing: Sequence[GrantRow]
) -> tuple[GrantRow, ...]:
    """What is settled: what stands, but after a filing never more than was filed."""
    if filed is None:
        return tuple(standing)
    most = {(row.month, row.company_id, row.funding): row.krw for row in filed}
    rows = [
        GrantRow(
            row.month, row.company_id, row.funding,
            min(row.krw, most.get((row.month, row.company_id, row.funding), 0)),
        )
        for row in standing
    ]  # fmt: skip
    return tuple(row for row in rows if row.krw)
