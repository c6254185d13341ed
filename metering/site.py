"""A site: what its site.toml says, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from metering.errors import JeongsanError, Mistake, Mistakes
from metering.period import Calendar
from metering.section import Cluster, SourceConfig

__all__ = ["Cluster", "Issuer", "Site", "SourceConfig", "read_site"]


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues the invoices, as printed on them."""

    business_number: str
    name: str
    representative: str
    address: str
    business_type: str
    business_item: str
    department: str = ""
    contact: str = ""
    bank_account: str = ""
    payment_due_days: int | None = None  # after the day of issue; None: no day is printed


@dataclass(frozen=True, slots=True)
class Site:
    """A centre's settings. lake and database are ready to open; documents is where reports go."""

    directory: Path
    name: str
    calendar: Calendar
    lake: str  # a path or s3://...
    database: str  # an SQLAlchemy URL
    engine: str
    first_month: str
    issuer: Issuer
    clusters: tuple[Cluster, ...]
    stores: tuple[Cluster, ...]
    rules: Path | None
    documents: Path
    holidays: Mapping[date, bool] = field(default_factory=dict)  # declared late: True is a holiday

    @property
    def timezone(self) -> str:
        """The zone of the accounting days."""
        return self.calendar.zone

    def cluster(self, name: str) -> Cluster:
        """The cluster or store of a name; JeongsanError if site.toml has none."""
        for section in (*self.clusters, *self.stores):
            if section.name == name:
                return section
        known = ", ".join(section.name for section in (*self.clusters, *self.stores))
        raise JeongsanError(
            f"site.toml has no cluster or store {name!r}; it has: {known or 'none'}"
        )


def read_site(directory: Path) -> Site:
    """The site of a directory; Mistakes with all that is wrong with its site.toml."""
    raise Mistakes([Mistake(str(directory), "reading is not there yet")])
