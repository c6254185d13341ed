"""Refused rows: kept in the table quarantine by the input that they came from, with the reason."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from metering.finding import Finding
from metering.lake.change import Change
from metering.lake.contract import contract
from metering.landing.anomalies import Anomalies
from metering.landing.land import Landed
from metering.sources.reading.batch import Quarantined, shown


@dataclass(slots=True)
class Refused:
    """What only landing sees to be wrong, of all portions; many rows of a reason are summed up."""

    rows: list[Quarantined] = field(default_factory=list)
    count: int = 0
    odd: Anomalies | None = None

    def add(self, landed: Landed | None) -> None:
        """Take in what landing a portion refused."""
        if landed is not None:
            self.rows += landed.quarantined
            self.count += landed.refused
            if self.odd is None:
                self.odd = landed.odd
            else:
                self.odd.take(landed.odd)

    def findings(self) -> tuple[Finding, ...]:
        """What was found odd, counted over all portions."""
        return () if self.odd is None else self.odd.findings()


def put_quarantine(
    change: Change, section: str, source: str, quarantined: Mapping[str, Sequence[Quarantined]]
) -> None:
    """Replace the quarantine of each input; an input that is clean now leaves none."""
    for origin, rows in quarantined.items():
        name = f"{section}/{source}/{origin}"
        partition = {
            "cluster": section,
            "input": hashlib.sha256(name.encode()).hexdigest()[:16],
        }
        if rows:
            change.replace("quarantine", partition, _table(partition, rows))
        else:
            change.remove("quarantine", partition)


def _table(partition: Mapping[str, str], rows: Sequence[Quarantined]) -> pa.Table:
    """The rows as table quarantine keeps them, several at one place numbered."""
    seen: dict[str, int] = {}
    numbered = []
    for row in rows:
        seen[row.place] = seen.get(row.place, -1) + 1
        numbered.append(
            dict(partition)
            | {"place": row.place, "seq": seen[row.place], "reason": shown(row.reason)}
            | {"text": shown(row.text)}
        )
    return pa.Table.from_pylist(numbered, schema=contract("quarantine").schema)
