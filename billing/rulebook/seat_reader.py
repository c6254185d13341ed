"""Owns how a programme file says what its awards may be."""

from typing import cast, get_args

from yaml.nodes import Node

from billing.rulebook.programme import QuotaUnit, Seats, SeatSize
from billing.rulebook.yaml_reader import RuleReader


def read_seats(reader: RuleReader, node: Node | None) -> Seats:
    """How many awards at once, how long, of which sizes, referred by whom; any may be open."""
    if node is None:
        return Seats()
    fields = reader.keys(node, (), ("number", "months", "sizes", "referrers"))
    if not fields:
        reader.wrong(node, "name at least one of number, months, sizes, referrers")
    number, months = fields.get("number"), fields.get("months")
    sizes, referrers = reader.sequence(fields.get("sizes")), fields.get("referrers")
    if "sizes" in fields and not sizes:
        reader.wrong(fields["sizes"], "list at least one size")

    def positive(value: Node | None) -> int:
        least = reader.integer(value)
        if value is not None and least == 0:
            reader.wrong(value, "it is at least 1")
        return least

    def bodies(value: Node | None) -> tuple[str, ...]:
        names = reader.texts(value)
        if value is not None and not names:
            reader.wrong(value, "list at least one body that refers companies")
        return names

    return Seats(
        number=reader.dated(number, "seats", reader.integer) if number else None,
        months=reader.sourced(months, positive) if months else None,
        sizes=tuple(_size(reader, member) for member in sizes),
        referrers=reader.sourced(referrers, bodies) if referrers else (),
    )


def _size(reader: RuleReader, node: Node | None) -> SeatSize:
    fields = reader.keys(node, ("unit", "size"), ("most",))
    size = reader.sourced(fields.get("size"), reader.amount)
    if "size" in fields and size == 0:
        reader.wrong(fields["size"], "a size is more than 0")
    return SeatSize(
        unit=cast(QuotaUnit, reader.choice(fields.get("unit"), get_args(QuotaUnit))),
        size=size,
        most=reader.sourced(fields["most"], reader.integer) if "most" in fields else None,
    )
