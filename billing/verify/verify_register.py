"""Verifying the register of numbers: a row of entries without a gap, the same in database and lake,
and every number of the ledger in it once, with the document that has it."""

from sqlalchemy import Connection

from billing.ledger import number_register as register
from billing.ledger.number_register import NumberGiven, RegisterEntry, path_of
from billing.verify.differences import Discrepancy, same
from metering.errors import JeongsanError
from metering.lake.lake import Lake


def verify_register(connection: Connection, lake: Lake) -> list[Discrepancy]:
    """What of the register is not as it was written, in the database, the lake or the ledger."""
    try:
        entries = register.entries(connection)
    except JeongsanError as error:
        return [Discrepancy("register of numbers", "as it was written", str(error))]
    differences: list[Discrepancy] = []
    before: str | None = None
    for at, entry in enumerate(entries, start=1):
        place = path_of(entry.sequence)
        differences += same(f"{place}: sequence", at, entry.sequence)
        differences += same(f"{place}: before", before, entry.before)
        kept = register.kept_in_lake(lake, entry.sequence) or "missing"
        differences += same(place, entry.digest, kept)
        before = entry.digest
    beyond = len(entries) + 1
    if (kept_beyond := register.kept_in_lake(lake, beyond)) is not None:
        differences.append(Discrepancy(path_of(beyond), "no entry", kept_beyond))
    return differences + _numbers(entries, register.all_numbers(connection))


def _numbers(entries: tuple[RegisterEntry, ...], ledger: list[NumberGiven]) -> list[Discrepancy]:
    differences: list[Discrepancy] = []
    given: dict[tuple[str, str], NumberGiven] = {}
    for entry in entries:
        for number in entry.numbers:
            if (twice := given.get((number.issuer, number.number))) is not None:
                place = f"{path_of(entry.sequence)}: {number.number}"
                differences.append(Discrepancy(place, twice.document, number.document))
            given[number.issuer, number.number] = number
    there = {(number.issuer, number.number): number for number in ledger}
    for key in sorted({*given, *there}):
        differences += same(f"register: {key[1]}", given.get(key), there.get(key))
    return differences
