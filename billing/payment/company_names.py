"""Names of companies as people and banks write them: one name in all its spellings."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from metering.registry.records import Company

# What a company's name is written with and without.
FORMS = re.compile(r"주식회사|유한회사|유한책임회사|사단법인|재단법인|\((?:주|유|사|재)\)|㈜")
# So many days around a change of name banks and people write either one; assumed, without a source.
AROUND_DAYS = 92
LETTERS_MIN = 2  # of a name that stands in another one; a single letter stands in too many


def spelled(name: str) -> str:
    """A name without its legal form, blanks and signs, so that two spellings of it are one."""
    text = FORMS.sub("", unicodedata.normalize("NFKC", name))
    text = FORMS.sub("", text)  # ㈜ becomes (주) by normalising
    return "".join(letter for letter in text if letter.isalnum()).casefold()


@dataclass(frozen=True, slots=True)
class CalledName:
    """What a company is called from a day on (None: always so far) until before another day (None:
    it still is)."""

    company_id: str
    name: str
    start: date | None = None
    until: date | None = None

    def days_from(self, day: date) -> int:
        """How many days lie between a day and the days on which it is called so."""
        if self.start is not None and day < self.start:
            return (self.start - day).days
        if self.until is not None and day >= self.until:
            return (day - self.until).days + 1
        return 0


def called(companies: Iterable[Company]) -> tuple[CalledName, ...]:
    """Every name that the registry has of each company, with its days."""
    names: list[CalledName] = []
    for company in companies:
        if not company.printed:
            names.append(CalledName(company.company_id, company.name))
            continue
        ends = (*(called_as.start for called_as in company.printed[1:]), None)
        for at, (called_as, until) in enumerate(zip(company.printed, ends, strict=True)):
            start = called_as.start if at else None  # the first holds before its day as well
            names.append(CalledName(company.company_id, called_as.name, start, until))
    return tuple(names)


@dataclass(frozen=True, slots=True)
class CompanyNames:
    """Companies by their names as spelled, each with the days on which it is called so."""

    of_name: Mapping[str, tuple[CalledName, ...]]

    @classmethod
    def of(cls, registered: Iterable[CalledName], printed: Iterable[CalledName]) -> "CompanyNames":
        """The names of the registry, and those on documents that the registry does not have."""
        of_name: dict[str, list[CalledName]] = {}
        for known in registered:
            of_name.setdefault(spelled(known.name), []).append(known)
        for name in printed:
            same = of_name.setdefault(spelled(name.name), [])
            if all(known.company_id != name.company_id for known in same):
                same.append(name)
        return cls({key: tuple(names) for key, names in of_name.items() if key})

    def bearers(self, payer: str, day: date) -> tuple[str, ...]:
        """The companies that a payer's whole name may be on a day: who bears it then or around
        then; where nobody does, whoever else bore it. Several are for a person."""
        return self._bearers(spelled(payer), day)

    def resembled(self, payer: str, day: date) -> frozenset[str]:
        """The companies whose name stands in the name of a payer, or the other way round, as banks
        cut names and people add to them."""
        own = spelled(payer)
        return frozenset(
            company
            for name in self.of_name
            if own == name
            or (min(len(own), len(name)) >= LETTERS_MIN and (own in name or name in own))
            for company in self._bearers(name, day)
        )

    def _bearers(self, name: str, day: date) -> tuple[str, ...]:
        every = self.of_name.get(name, ())
        near = {known.company_id for known in every if known.days_from(day) <= AROUND_DAYS}
        return tuple(sorted(near or {known.company_id for known in every}))
