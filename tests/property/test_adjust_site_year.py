"""A random year in a site ends as the same year of plain values: ledger, documents, balances."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing.bundle.bundle import balance_of, read_bundle
from billing.ledger.adjustment_ledger import chains, claims_standing, standing_bundle
from billing.ledger.tables import posting
from billing.records import Usage
from billing.verify.verify import verify
from metering.site.open_site import OpenSite
from tests.builders.rules_and_usage import registry
from tests.builders.sites.adjust_site import (
    after,
    again,
    close,
    corrected,
    make_site,
    put,
    write_rules,
)
from tests.builders.sites.close_site import store_registry
from tests.builders.year_of_corrections import MONTHS, Known, Year, amounts_of, year

FIRST = 9  # the site's October is the year's tenth month


def learn(opened: OpenSite, known: Known, months: tuple[str, ...]) -> None:
    """Rules, registry and usage, as they are known now."""
    write_rules(opened.site.directory, known.book().texts)
    held = registry(known.awards)
    if opened.registry.digest != held.digest:
        store_registry(opened, held)
    sums: dict[tuple[object, ...], Usage] = {}
    for row in known.rows.values():  # a day of usage has a project's SKU once
        key = (row.day, row.project_id, row.sku)
        quantity = row.quantity + (sums[key].quantity if key in sums else 0)
        sums[key] = replace(row, quantity=quantity)
    for month in months:
        put(
            opened,
            month,
            [usage for usage in sums.values() if str(usage.day).startswith(month)],
        )


def same(opened: OpenSite, own_year: Year, months: tuple[str, ...]) -> None:
    """The ledger of the site is that of the plain values."""
    accounts: Counter[str] = Counter()
    with opened.database.read() as connection:
        for account, krw in connection.execute(sa.select(posting.c.account, posting.c.amount_krw)):
            accounts[account.replace("payable:company", "receivable:company")] += krw
        documents = chains(connection, months)
        claims = [claim for month in months for claim in claims_standing(connection, month)]
        stands = standing_bundle(connection, months[-1])
    assert {name: krw for name, krw in accounts.items() if krw} == own_year.accounts()
    due = {
        key: amounts_of(document.invoice for document in chain) for key, chain in documents.items()
    }
    assert {key: sums for key, sums in due.items() if any(sums)} == own_year.due()
    assert claims == own_year.claims()
    left = balance_of(read_bundle(opened.lake, stands or ""))
    assert left.to_document() == own_year.stood[-1].closing.balance.to_document()


@pytest.mark.breadth
@pytest.mark.parametrize(
    ("seed", "cascade", "hidden"),
    [
        (2, False, 4),
        *(pytest.param(seed, seed % 2 == 0, 9, marks=pytest.mark.soak) for seed in range(10)),
    ],
)
def test_a_year_in_a_site_is_the_year_of_plain_values(
    tmp_path: Path, seed: int, cascade: bool, hidden: int
) -> None:
    truth, known, events = year(seed, a_month=3, events=hidden)
    opened = make_site(tmp_path, held=registry(known.awards))
    months = MONTHS[FIRST:]
    own_year = Year(first=FIRST)
    learn(opened, known, months)
    for at, month in enumerate(months, start=1):
        close(opened, month, after(month))
        own_year.issue(known)
        same(opened, own_year, months[:at])
        for event in (each for each in events if each.after in range(4 * at - 3, 4 * at + 1)):
            known = event.told(known, truth)
            learn(opened, known, months)
            done = corrected(opened, None, cascade, after(month))
            correction = own_year.correct(known, cascade)
            assert (done is not None) >= bool(correction.touched()), event
            same(opened, own_year, months[:at])
    assert corrected(again(tmp_path), None, cascade, after(months[-1])) is None
    for month in months:
        assert verify(opened, month).differences == ()
    opened.database.close()
