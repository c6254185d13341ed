"""Makes the files of issued months and drafts anew, in a copy of the site, from what they were made
from: a file that comes out with the digest that was lost is the one that was lost."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from billing.bundle.bundle import (
    Bundle,
    documents_of,
    inputs_of,
    put,
    read_document,
    read_index,
    write_bundle,
)
from billing.close.draft_history import records
from billing.close.draft_month import read_in_order, replace_rows
from billing.draft.draft import settle
from billing.ledger.adjustment_ledger import bundles_by_month
from billing.ledger.ledger import month_states
from billing.rulebook.rule_book import read_rulebook
from metering.errors import JeongsanError
from metering.lake.lake import Lake
from metering.site.open_site import OpenSite

GIVEN = ("registry", "rules", "opening", "resources", "findings")  # what a month is made from


def remake_months(opened: OpenSite, scratch: OpenSite) -> None:
    """Write into a copy of the site whatever months and drafts that still have their inputs come
    to; what another version of the program made otherwise does not come out again."""
    with opened.database.read() as connection:
        bundles = sorted((month, digest) for digest, month in bundles_by_month(connection).items())
        drafts = sorted(records(connection))
        issued = [state.month for state in month_states(connection) if state.bundle]
    for document in _known(opened):
        put(scratch.lake, document)
    for month in issued:
        with suppress(JeongsanError):  # it has changed since, or is broken
            _draft_again(opened, scratch, month)
    for digest in [*(digest for _, digest in bundles), *drafts]:
        with suppress(JeongsanError):  # what it was made from is broken too
            _remake(scratch.lake, digest)


def _draft_again(opened: OpenSite, scratch: OpenSite, month: str) -> None:
    """Write the bundle of a month as what is known now would make it: for as long as nothing has
    changed since, that is the one that was issued."""
    lake = Lake(opened.site.lake, opened.database)
    lake.store = scratch.lake.store
    inputs, _ = read_in_order(replace(opened, lake=lake), month)
    draft = settle(inputs)
    with scratch.lake.change() as change:
        charge, subsidy = replace_rows(change, draft)
    write_bundle(scratch.lake, inputs, draft, charge, subsidy)


def _known(opened: OpenSite) -> Iterator[object]:
    """What the site knows beside its lake of what months are made from."""
    try:
        yield opened.registry.to_document()
        yield dict(read_rulebook(opened.site.rules).texts)
    except JeongsanError:
        return  # none is loaded, or its rules have mistakes now


def _remake(lake: Lake, digest: str) -> None:
    index = read_index(lake, digest)
    named = {name: read_document(lake, index, name) for name in GIVEN}
    inputs = inputs_of(lake, Bundle(digest, index, named))
    draft = settle(inputs)
    for document in documents_of(inputs, draft).values():
        put(lake, document)
    with lake.change() as change:
        replace_rows(change, draft)
