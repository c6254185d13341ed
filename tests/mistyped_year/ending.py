"""What a year ends as, told so that two years can be held to each other."""

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from billing.ledger.adjustment_ledger import chains, claims_standing
from billing.ledger.journal import entries
from billing.ledger.tables import invoice
from billing.records import Claim
from billing.verify.verify import verify
from tests.builders.sites.year_site import MONTHS, Centre, day_of
from tests.builders.year_of_corrections import amounts_of


@dataclass(frozen=True)
class Ending:
    """Documents with their numbers and days, what each chain of them comes to, claims, balances of
    accounts, what is owed, both settlements, and the documents' files by their bytes."""

    documents: dict[str, tuple[Any, ...]]
    chains: dict[tuple[str, ...], tuple[int, ...]]
    claims: list[Claim]
    balances: dict[str, int]
    owed: Any
    settled: list[Any]
    files: dict[str, str]


def ending(centre: Centre) -> Ending:
    """The year's end, in March of the next; every month is computed again and is what it was."""
    centre.set_today(day_of("2027-03", 2))
    opened = centre.opened()
    balances: Counter[str] = Counter()
    with opened.database.read() as connection:
        rows = connection.execute(sa.select(invoice)).mappings()
        documents = {row["number"]: tuple(map(str, row.values())) for row in rows}
        sums = {
            key: amounts_of(document.invoice for document in chain)
            for key, chain in chains(connection, MONTHS).items()
        }
        claims = [claim for month in MONTHS for claim in claims_standing(connection, month)]
        for entry in entries(connection):
            balances[entry.account] += entry.amount_krw
    for month in MONTHS:
        assert verify(opened, month).differences == ()
    opened.database.close()
    nothing = centre.done("adjust", "--json").document
    assert "digest" not in nothing, nothing
    folder = centre.site / "documents"
    for month in ("2026-03", "2026-08", "2026-12"):  # one corrected, one with a new name in it
        centre.done("report", month)
    return Ending(
        documents=documents,
        chains=sums,
        claims=claims,
        balances={key: krw for key, krw in balances.items() if krw},
        owed=centre.done("ageing", "--json").document,
        settled=[settled(centre, name) for name in ("P", "Q")],
        files={
            str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    )


def settled(centre: Centre, programme: str) -> Any:
    """A programme's settlement as `grant` tells it, without where its files lie."""
    document = centre.done("grant", programme, "2026", "--json").document
    return {name: value for name, value in document.items() if name != "written"}


def otherwise(ends: Ending, clean: Ending) -> dict[str, tuple[Any, Any]]:
    """What ends otherwise than in the clean year. A correction that was taken back by another has
    left documents of its own, which come to nothing; all others are the same."""
    pairs = {
        name: (getattr(ends, name), getattr(clean, name))
        for name in ("chains", "claims", "balances", "owed", "settled")
    }
    for name in ("documents", "files"):
        own, other = getattr(ends, name), getattr(clean, name)
        pairs |= {f"{name} {key}": (own.get(key), other[key]) for key in other}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
