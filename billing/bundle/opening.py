"""What a month opens with, out of the bundles of the months before it, each of which names the one
before (SETTLEMENT 39)."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from billing.bundle.bundle import read_document, read_index
from billing.draft.lake_rows import from_table
from billing.draft.month_inputs import Inputs
from billing.month.use_before import Opening, PastMonth, Rows, opening_under
from billing.records import Charge, Subsidy
from billing.rulebook.rule_book import RuleBook, parse_rulebook
from billing.subsidy.balance import Balance
from metering.calendar import Calendar
from metering.errors import CloseError
from metering.lake.lake import Lake
from metering.registry.registry import Registry

SHOWN = 12  # awards that a message names


def opening_of(
    lake: Lake, previous: str | None, registry: Registry, book: RuleBook, month: str
) -> Opening:
    """What a month opens with under a registry and rules, after the month of a bundle; nothing in
    a site's first month."""
    if previous is None:
        return Opening(Balance())
    chain = [read_index(lake, previous)]
    while (earlier := chain[-1]["inputs"]["previous"]) is not None:
        chain.append(read_index(lake, earlier))
    left = Balance.from_document(read_document(lake, chain[0], "balance"))
    now = (registry.digest, book.digest)
    if all((index["inputs"]["registry"], index["inputs"]["rules"]) == now for index in chain):
        return Opening(left)  # nothing has another shape; the months need not be read
    past = [_past(lake, index) for index in reversed(chain)]
    return opening_under(left, past, registry, book, month)


def reopened(lake: Lake, inputs: Inputs) -> Inputs:
    """A month's inputs with the balance that it opens with; CloseError where nobody can say what
    was used of a limit that has changed."""
    opening = opening_of(lake, inputs.previous, inputs.registry, inputs.book, inputs.month)
    if opening.unknown:
        raise CloseError(_unknown_text(inputs.month, opening))
    return replace(inputs, opening=opening.balance)


def _unknown_text(month: str, opening: Opening) -> str:
    named = ", ".join(f"{award_id} in {of}" for award_id, of in opening.unknown[:SHOWN])
    more = len(opening.unknown) - SHOWN
    rest = f" and {more} more" if more > 0 else ""
    return (
        f"{month} cannot be drafted: the quota of these awards has changed, and what they used of "
        f"it in months that are issued cannot be worked out from what stands: {named}{rest}."
        " Correct those months first (`jeongsan adjust`), or leave the award as it was and give "
        "what is granted anew an award of its own"
    )


def _past(lake: Lake, index: Mapping[str, Any]) -> PastMonth:
    @cache
    def limits() -> tuple[Balance, Balance]:
        opening, balance = (read_document(lake, index, name) for name in ("opening", "balance"))
        return Balance.from_document(opening), Balance.from_document(balance)

    @cache
    def rows() -> Rows:
        month = f"month={index['month']}"
        charge = lake.manifest_named("charge", month, index["charge"])
        subsidy = lake.manifest_named("subsidy", month, index["subsidy"])
        return from_table(Charge, lake.rows(charge)), from_table(Subsidy, lake.rows(subsidy))

    return PastMonth(
        month=index["month"],
        registry=Registry.from_document(read_document(lake, index, "registry")),
        book=parse_rulebook(read_document(lake, index, "rules")),
        calendar=Calendar(index["inputs"]["timezone"]),
        limits=limits,
        rows=rows,
    )
