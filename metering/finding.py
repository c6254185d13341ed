"""A finding: something wrong or missing, with its place. `fail` stops, `warn` is reported."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from metering.plain_text import TEXT_MAX, printable
from metering.secret import masked

DETAIL_MAX = 4000  # characters

Severity = Literal["fail", "warn"]


@dataclass(frozen=True, slots=True)
class Stake:
    """Usage that a finding is about: so much of a SKU, in a unit of usage."""

    sku: str
    unit: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `cluster` and `day` are empty where the finding belongs to none."""

    severity: Severity
    kind: str  # snake_case noun, e.g. unowned_usage, over_capacity, running_past_watermark
    stage: str  # collect, meter, draft
    cluster: str
    day: date | None
    subject: str  # the account, device, allocation ... it is about
    detail: str  # Korean sentence for the person who has to act, figures included
    stake: str = ""  # `sku:unit:quantity`, several by spaces: what it may be worth follows from it

    def __post_init__(self) -> None:
        """What sources call things can be anything; here it can be printed and kept, and tells no
        secret that a server may have sent back."""
        object.__setattr__(self, "subject", printable(masked(self.subject), TEXT_MAX))
        object.__setattr__(self, "detail", printable(masked(self.detail), DETAIL_MAX))

    @property
    def stakes(self) -> tuple[Stake, ...]:
        """The usage that it is about; none where it is about no usage, or nobody can say."""
        parts = (stake.rsplit(":", 2) for stake in self.stake.split())
        return tuple(Stake(sku, unit, int(quantity)) for sku, unit, quantity in parts)

    @property
    def key(self) -> str:
        """A short name that stays the same when the stage runs again."""
        return _key(self.kind, self.stage, self.cluster, self.day, self.subject)


@lru_cache(maxsize=1 << 18)
def _key(kind: str, stage: str, cluster: str, day: date | None, subject: str) -> str:
    """Remembered, since who shows many findings asks for each of them several times."""
    text = "\x1f".join([kind, stage, cluster, str(day or ""), subject])
    return hashlib.sha256(text.encode()).hexdigest()[:12]
