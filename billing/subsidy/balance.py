"""Owns what is carried between months: how much of every quota, cap and budget has been used."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# ("quota", award, unit)                         in units of the quota (see quotas.py)
# ("award", award)                               in won
# ("company_year", programme, company, year)     in won
# ("budget", programme, funding source, years)   in won
BalanceKey = tuple[str, ...]

LENGTHS = {"quota": 3, "award": 2, "company_year": 4, "budget": 4}


@dataclass(frozen=True, slots=True)
class Balance:
    """An immutable state of use, at the end of a month. Rounding starts anew every month."""

    used: Mapping[BalanceKey, int] = field(default_factory=dict)

    def of(self, *key: str) -> int:
        """How much of one limit is used: balance.of("award", "A-001")."""
        assert len(key) == LENGTHS[key[0]], "a key names one limit"
        return self.used.get(key, 0)

    def to_document(self) -> dict[str, object]:
        """A canonical form for JSON: rows in order of key, nothing unused."""
        rows = [[*key, amount] for key, amount in sorted(self.used.items()) if amount]
        return {"used": rows}

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> "Balance":
        """The balance that to_document wrote."""
        rows = document["used"]
        assert isinstance(rows, list), "a document of to_document has a list of rows"
        return cls({tuple(row[:-1]): row[-1] for row in rows})
