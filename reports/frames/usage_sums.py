"""Adds metered lines up to the rows of a level, in whole units and in the units of prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final, cast

import pyarrow as pa

from billing.rulebook.price import USAGE_UNITS
from billing.rulebook.rule_book import RuleBook
from metering.calendar import month_of, seconds_in_month
from metering.registry.registry import Registry
from reports.frames.usage_levels import KINDS, PLACES, UsageLevel, columns_of
from reports.wording.numbers_and_dates import priced_quantity

UNPRICED: Final = {"device_us": "device_hour", "mib_s": "gib_hour"}  # where no price names a unit
STORED: Final = {  # the columns of a line that name what a row is of
    "company": "company_id", "project": "project_id", "allocation": "name",
    "submitted_at": "submitted_ms", "started_at": "started_ms",
}  # fmt: skip
FLAGS: Final = ("estimated", "provisional", "outdated")
Cells = dict[str, object]
Amounts = dict[tuple[str, str], int]  # whole units by month and unit of the price


@dataclass(frozen=True, slots=True)
class UsageWords:
    """What sums need besides the lines: names, units, and up to when each section is known."""

    companies: Mapping[str, str]  # names by id, as they are now
    projects: Mapping[str, str]
    book: RuleBook
    complete_to_ms: Mapping[str, int]

    @classmethod
    def of(
        cls, registry: Registry, book: RuleBook, complete_to_ms: Mapping[str, int]
    ) -> "UsageWords":
        """The words of a site."""
        companies = {company.company_id: company.name for company in registry.companies}
        projects = {project.project_id: project.name for project in registry.projects}
        return cls(companies, projects, book, complete_to_ms)

    def price_unit(self, sku: str, unit: str) -> str:
        """The unit in which a SKU is priced, else the plain hours of a unit of usage."""
        price = self.book.prices.get(sku)
        if price is not None and USAGE_UNITS[price.unit] == unit:
            return price.unit
        return UNPRICED[unit]


@dataclass(slots=True)
class _Row:
    """What a row comes to, and how sure that is."""

    quantities: Amounts = field(default_factory=dict)
    issued: Amounts = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    sections: set[str] = field(default_factory=set)


def summed(lines: pa.Table, level: UsageLevel, words: UsageWords) -> pa.Table:
    """The rows of a level in the order of their keys: the columns of `columns_of`. `lines` are
    those of `metered_lines` with `outdated` and, of each line, the `issued` quantity."""
    rows: dict[tuple[object, ...], _Row] = {}
    for group in _groups(lines, level):
        sku, unit = str(group["sku"]), str(group["unit"])
        price_unit = words.price_unit(sku, unit)
        key = (*(_key(group, name) for name in level.keys), unit, price_unit)
        _add(rows.setdefault(key, _Row()), group, price_unit)
    ordered = sorted(rows, key=lambda key: [(part is None, str(part)) for part in key])
    return table_of(columns_of(level), [_cells(level, key, rows[key], words) for key in ordered])


def table_of(
    columns: Sequence[str], rows: Sequence[Cells], kinds: Mapping[str, pa.DataType] = KINDS
) -> pa.Table:
    """Rows as a table with exactly these columns, each of its kind, text where none is said."""
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in columns])
    given = [pa.array([row[field.name] for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(given, schema=schema)


def amount_of(quantities: Amounts) -> Decimal:
    """Usage in the unit of its price, half up at PLACES decimals; a month's level over the months
    that it lies in."""
    exact = Fraction(0)
    for (month, price_unit), quantity in quantities.items():
        exact += priced_quantity(quantity, price_unit, seconds_in_month(month))
    return decimal_of(exact)


def decimal_of(exact: Fraction) -> Decimal:
    """A fraction that is not negative, half up at PLACES decimals, of however many digits."""
    scaled = exact * 10**PLACES
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal((0, tuple(map(int, str(whole))), -PLACES))


def _groups(lines: pa.Table, level: UsageLevel) -> list[Cells]:
    """The lines added up by the level's keys, SKU and month: as few rows as it takes."""
    keys = dict.fromkeys(STORED.get(name, name) for name in level.keys)
    keys |= dict.fromkeys(("sku", "unit", "month", "cluster"))
    if "submitted_ms" in keys:
        keys |= {"reading": None}
    days = lines.column("day").combine_chunks().dictionary_encode()
    named = pa.array([month_of(day) for day in days.dictionary.to_pylist()], pa.string())
    wanted = [("quantity", "sum"), ("issued", "sum"), *((flag, "any") for flag in FLAGS)]
    dated = lines.append_column("month", named.take(days.indices))
    grouped = dated.group_by(list(keys)).aggregate(wanted)
    groups: list[Cells] = grouped.to_pylist()
    return groups


def _key(group: Cells, name: str) -> object:
    """What tells a row from others; None where there is nothing, as of a reading no run."""
    value = group[STORED.get(name, name)]
    return None if value == "" or (name.endswith("_at") and group["reading"]) else value


def _add(row: _Row, group: Cells, price_unit: str) -> None:
    place = (str(group["month"]), price_unit)
    for amounts, name in ((row.quantities, "quantity_sum"), (row.issued, "issued_sum")):
        amounts[place] = amounts.get(place, 0) + int(cast(Decimal, group[name]))
    row.flags |= {flag for flag in FLAGS if group[f"{flag}_any"]}
    row.sections.add(str(group["cluster"]))


def _cells(level: UsageLevel, key: tuple[object, ...], row: _Row, words: UsageWords) -> Cells:
    *named, unit, price_unit = key
    known = min(words.complete_to_ms.get(section, 0) for section in row.sections)
    cells: Cells = dict(zip(level.keys, named, strict=True))
    for column, names in (("company", words.companies), ("project", words.projects)):
        if cells.get(column) is not None:
            cells[column] = names.get(str(cells[column]))
    cells |= {
        "quantity": Decimal(sum(row.quantities.values())),
        "unit": unit,
        "amount": amount_of(row.quantities),
        "amount_unit": price_unit,
        "known_to": known or None,
    }
    if level.issued:
        cells["issued_quantity"] = Decimal(sum(row.issued.values()))
        cells["issued_amount"] = amount_of(row.issued)
    return cells | {flag: flag in row.flags for flag in FLAGS}
