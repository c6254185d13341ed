"""Adds metered lines up to the rows of a level, in whole units and in the units of prices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from math import lcm
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from billing.rulebook.price import USAGE_UNITS
from billing.rulebook.rule_book import RuleBook
from metering.calendar import month_of, seconds_in_month
from metering.registry.registry import Registry
from reports.frames.usage_levels import AMOUNT, INSTANT, KINDS, PLACES, UsageLevel, columns_of
from reports.wording.numbers_and_dates import priced_quantity

UNPRICED: Final = {"device_us": "device_hour", "mib_s": "gib_hour"}  # where no price names a unit
STORED: Final = {  # the columns of a line that name what a row is of
    "company": "company_id", "project": "project_id", "allocation": "name",
    "submitted_at": "submitted_ms", "started_at": "started_ms",
}  # fmt: skip
FLAGS: Final = ("estimated", "provisional", "outdated")
WIDE: Final = pa.decimal256(60, 0)  # a quantity times a few thousand
ROOMY: Final = Context(prec=80)  # of an amount with all its digits


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


def summed(lines: pa.Table, level: UsageLevel, words: UsageWords) -> pa.Table:
    """The rows of a level in the order of their keys: the columns of `columns_of`. `lines` are
    those of `metered_lines` with `outdated` and, of each line, the `issued` quantity."""
    months = _MonthShares.of(set(map(month_of, lines.column("day").unique().to_pylist())))
    keys = list(dict.fromkeys(STORED.get(name, name) for name in level.keys))
    keys += ["reading"] * ("started_ms" in keys) + ["unit", "price_unit"]
    sums = [(name, "sum") for name in ("quantity", "issued", "shares", "issued_shares")]
    wanted = [*sums, *((flag, "any") for flag in FLAGS), ("known_ms", "min")]
    rows = _measured(lines, words, months).group_by(keys).aggregate(wanted)
    for name in keys:  # nothing stands last
        rows = rows.set_column(rows.schema.get_field_index(name), name, _or_null(rows.column(name)))
    rows = rows.sort_by([(name, "ascending") for name in keys])
    names = columns_of(level)
    schema = pa.schema([(name, KINDS.get(name, pa.string())) for name in names])
    return pa.table([_column(rows, name, words, months) for name in names], schema=schema)


@dataclass(frozen=True, slots=True)
class _MonthShares:
    """A level over a month is divided by the seconds of its month: so that months of several
    lengths add up exactly, each quantity counts so many shares of what all lengths divide."""

    seconds: int
    shares: Mapping[str, int]

    @classmethod
    def of(cls, months: set[str]) -> "_MonthShares":
        """The shares of these months."""
        lengths = {month: seconds_in_month(month) for month in months}
        whole = lcm(*lengths.values())
        return cls(whole, {month: whole // length for month, length in lengths.items()})


def amounts_of(shares: Sequence[int], price_units: Sequence[str], seconds: int) -> list[Decimal]:
    """Each quantity in the unit of its price, half up at PLACES decimals; what is a level over a
    month is divided by so many seconds."""
    sizes = {unit: priced_quantity(1, unit, seconds) for unit in set(price_units)}
    return [
        decimal_of(count * sizes[unit].numerator, sizes[unit].denominator)
        for count, unit in zip(shares, price_units, strict=True)
    ]


def decimal_of(numerator: int, denominator: int) -> Decimal:
    """A fraction that is not negative, half up at PLACES decimals, of however many digits."""
    whole = (2 * numerator * 10**PLACES + denominator) // (2 * denominator)
    return ROOMY.scaleb(Decimal(whole), -PLACES)


def _measured(lines: pa.Table, words: UsageWords, months: _MonthShares) -> pa.Table:
    """The lines with the unit of their price, the shares that they count in it, and up to when
    their section is known."""
    price_unit = _mapped(lines.column("sku"), lambda sku: words.price_unit(sku, "device_us"))
    stored = _mapped(lines.column("sku"), lambda sku: words.price_unit(sku, "mib_s"))
    price_unit = pc.if_else(pc.equal(lines.column("unit"), "mib_s"), stored, price_unit)
    share = _mapped(lines.column("day"), lambda day: months.shares[month_of(day)], pa.int64())
    share = pc.if_else(pc.ends_with(price_unit, "_month"), share, 1).cast(pa.decimal256(19, 0))
    known = _mapped(
        lines.column("cluster"), lambda section: words.complete_to_ms.get(section, 0), pa.int64()
    )
    for name, column in (("price_unit", price_unit), ("known_ms", known)):
        lines = lines.append_column(name, column)
    for name, of in (("shares", "quantity"), ("issued_shares", "issued")):
        counted = pc.multiply(lines.column(of).cast(pa.decimal256(38, 0)), share)
        lines = lines.append_column(name, counted.cast(WIDE))
    return lines


def _mapped(
    column: pa.ChunkedArray, of: Callable[[Any], object], kind: pa.DataType | None = None
) -> pa.Array:
    """Each value by what it stands for; few values repeat themselves over many rows."""
    coded = column.combine_chunks().dictionary_encode()
    values = [None if value is None else of(value) for value in coded.dictionary.to_pylist()]
    return pa.array(values, kind or pa.string()).take(coded.indices)


def _column(rows: pa.Table, name: str, words: UsageWords, months: _MonthShares) -> pa.Array:
    """A column of the result out of the sums."""
    match name:
        case "company" | "project":
            names = words.companies if name == "company" else words.projects
            return _mapped(rows.column(STORED[name]), names.get)
        case "submitted_at" | "started_at":
            at = rows.column(STORED[name]).cast(INSTANT)
            return pc.if_else(rows.column("reading"), pa.scalar(None, INSTANT), at)
        case "quantity" | "issued_quantity":
            return rows.column("quantity_sum" if name == "quantity" else "issued_sum")
        case "amount" | "issued_amount":
            shares = rows.column("shares_sum" if name == "amount" else "issued_shares_sum")
            units = rows.column("price_unit").to_pylist()
            return pa.array(
                amounts_of([*map(int, shares.to_pylist())], units, months.seconds), AMOUNT
            )
        case "amount_unit":
            return rows.column("price_unit")
        case "estimated" | "provisional" | "outdated":
            return rows.column(f"{name}_any")
        case "known_to":
            known = rows.column("known_ms_min")
            nothing = pa.scalar(None, INSTANT)
            return pc.if_else(pc.equal(known, 0), nothing, known.cast(INSTANT))
        case _:
            return rows.column(STORED.get(name, name))


def _or_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text that says nothing is null."""
    if not pa.types.is_string(column.type):
        return column
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
