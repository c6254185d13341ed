"""Owns working out a month under other rules, here or in a process of its own."""

from dataclasses import dataclass, replace
from functools import lru_cache

from billing.bundle.bundle import inputs_of, read_bundle
from billing.draft.draft import issuer_party, priced_usage
from billing.draft.month_inputs import Inputs, read_usage
from billing.month.invoices import invoice
from billing.month.rating import rate
from billing.month.totals import Outcome, outcome
from billing.rulebook.rule_book import RuleBook
from billing.simulate.months_as_they_stand import ChainMonth
from billing.subsidy.balance import Balance
from billing.subsidy.subsidise import subsidise
from metering.database.connection import open_database
from metering.lake.lake import Lake
from metering.settings.site_toml import Site


@dataclass(frozen=True, slots=True)
class Material:
    """What a month is worked out from, small enough to be sent: the name of its bundle, or its
    inputs, whose rows are read again by the names of their manifests and so are the same."""

    lake: str
    database: str
    bundle: str | None
    inputs: Inputs | None

    @classmethod
    def of(cls, site: Site, month: ChainMonth) -> "Material":
        """The material of a month of a site."""
        if month.bundle is not None:
            return cls(site.lake, site.database, month.bundle.digest, None)
        inputs = month.whole_inputs()
        bare = tuple(replace(part, rows=()) for part in inputs.usage)
        return cls(site.lake, site.database, None, replace(inputs, usage=bare))

    def read(self) -> Inputs:
        """The month's inputs with all rows."""
        lake = _lake(self.lake, self.database)
        if self.bundle is not None:
            return inputs_of(lake, read_bundle(lake, self.bundle))
        assert self.inputs is not None, "a month that is not issued has inputs"
        heads = [(part.partition, part.manifest) for part in self.inputs.usage]
        return replace(self.inputs, usage=read_usage(lake, heads))


def under(inputs: Inputs, other: RuleBook, opening: Balance) -> Outcome:
    """What a month comes to under other rules, from an opening of theirs."""
    month, calendar = inputs.month, inputs.calendar
    rated = rate(priced_usage(inputs), other, month, calendar)
    of_month = (opening, month, calendar, inputs.filed)
    done = subsidise(rated.charges, other, inputs.registry, *of_month)
    invoices = invoice(
        (*rated.charges, *done.unused), done.subsidies, other, inputs.registry,
        issuer_party(inputs.issuer), month, calendar, "",
    )  # fmt: skip
    return outcome(month, invoices, done.balance, (*rated.findings, *done.findings))


def under_there(material: Material, other: RuleBook, opening: Balance) -> Outcome:
    """The same in a process that was given no more than the material."""
    return under(material.read(), other, opening)


@lru_cache(maxsize=1)
def _lake(lake: str, database: str) -> Lake:
    return Lake(lake, open_database(database))
