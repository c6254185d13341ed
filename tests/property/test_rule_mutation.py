"""Nudging any value of the packaged rules makes a case fail, or the reader refuse the file."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from billing.rulebook.dated import NoValueError
from billing.rulebook.price import parse_price
from billing.rulebook.programme_parts import SHAPE_KEYS
from billing.rulebook.programme_reader import parse_programme
from billing.rulebook.rule_book import parse_by_sku, parse_swap
from billing.rulebook.tax import parse_tax
from billing.rulebook.yaml_reader import RuleReader
from metering.errors import Mistake
from tests.breadth import few
from tests.builders.rule_cases import (
    low_use_outcome,
    outcome,
    packaged,
    price_outcome,
    read_cases,
    read_rows,
    recall_outcome,
    tax_outcome,
)

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Names and notes: they change no amount. `order` counts only against others (test_rulebook).
NO_VALUES = {
    "id", "title", "authority", "order", "checked_on", "sku", "unused_sku", "basis", "month",
    "source", "reference", "assumed", "derived", "announced", "unlimited",
}  # fmt: skip
OTHERS = {
    "list": "refused", "refused": "list", "concurrent": "hours", "pf": "devices",
    "claimed": "advanced", "advanced": "in_kind", "in_kind": "claimed", "SELF_PAY": "GROSS",
    "GROSS": "SELF_PAY", "agreement": "day announcement", "taxable": "exempt", "false": "true",
    "device_hour": "gb_hour", "gb_month": "gib_month", "gb": "gib_hour", "krw": "gb",
    "held": "busy", "devices": "pf", "recall": "smaller", "project": "award", "true": "false",
    "self_pay": "centre", "centre": "self_pay",
    "smaller": "recall", "floor_once_per_invoice": "", "last_day_of_next_month": "",
}  # fmt: skip
SKUS = ("gpu.*", "npu.*", "storage.*", "network.*", "equipment.*")
TYPES = (
    "startup", "sme", "mid", "large", "university", "institute", "public", "association",
)  # fmt: skip
PLACES = ("광주", "전남")
# What no case can show, with the reason.
NOBODY_IS_LEFT_OUT = "everybody may be supported on any day, so that it does not matter which"
MEETS_AN_EARLIER_CLAUSE = "it meets the clause before"
PAYS_NOTHING = "it covers nothing, so that it stands in no other programme's way"
NOT_ELIGIBLE = "it is not eligible at all"
SAME = {
    ("NONE", "/vat_base", ""): "nothing is supported, so that both bases are the same",
    ("NONE", "/funding#0/settled", ""): "nothing is paid that could be settled",
    ("NONE", "/judged_on", ""): NOBODY_IS_LEFT_OUT,
    ("NONE", "/skus", ""): PAYS_NOTHING,
    ("NONE", "/stacking", ""): PAYS_NOTHING,
    ("NPU-DEMO", "/judged_on", ""): NOBODY_IS_LEFT_OUT,
    ("AICA-2025R", "/reductions#0/any_of#0/org_type", "with mid"): NOT_ELIGIBLE,
    ("AICA-2025R", "/reductions#0/any_of#0/org_type", "with large"): NOT_ELIGIBLE,
    ("AICA-2025R", "/reductions#0/any_of#1/org_type", "with mid"): NOT_ELIGIBLE,
    ("AICA-2025R", "/reductions#0/any_of#1/org_type", "with large"): NOT_ELIGIBLE,
    ("NIPA-2023", "/flat_fee/bundles#0/krw_per_month#0/for", "with large"): NOT_ELIGIBLE,
    ("NIPA-2023", "/flat_fee/bundles#0/krw_per_month#0/for", "with association"): NOT_ELIGIBLE,
    ("NIPA-2024", "/flat_fee/bundles#0/krw_per_month#0/for", "with large"): NOT_ELIGIBLE,
    ("NIPA-2024", "/flat_fee/bundles#0/krw_per_month#0/for", "with association"): NOT_ELIGIBLE,
    ("GPU10K", "/market_share#1/for", "with university"): MEETS_AN_EARLIER_CLAUSE,
    ("GPU10K", "/market_share#1/for", "with institute"): MEETS_AN_EARLIER_CLAUSE,
    ("AIV-2026", "/company_share#1/for", "with startup"): MEETS_AN_EARLIER_CLAUSE,
    ("AIV-2026", "/company_share#1/for", "with sme"): MEETS_AN_EARLIER_CLAUSE,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One nudge: where, what it becomes, and the node that is changed."""

    path: str
    change: str
    node: ScalarNode | SequenceNode
    value: object


def mutants(node: Node, path: str = "") -> Iterator[Mutant]:
    """Every nudge of every value under a node."""
    match node:
        case MappingNode():
            for key, value in node.value:
                if key.value in NO_VALUES:
                    continue
                if DAY.fullmatch(key.value):
                    for days in (-1, 1):
                        moved = str(date.fromisoformat(key.value) + timedelta(days))
                        yield Mutant(f"{path}/{key.value}", moved, key, moved)
                yield from mutants(value, f"{path}/{key.value}")
        case SequenceNode() if node.value and isinstance(node.value[0], ScalarNode):
            yield from _of_list(node, path)
        case SequenceNode():
            for number, member in enumerate(node.value):
                yield from mutants(member, f"{path}#{number}")
        case ScalarNode():
            for nudged in _nudged(node.value):
                yield Mutant(path, nudged, node, nudged)


def _of_list(node: SequenceNode, path: str) -> Iterator[Mutant]:
    """A list without each of its members, and with each other one that it might have."""
    members = [member.value for member in node.value]
    for member in node.value:
        rest = [other for other in node.value if other is not member]
        yield Mutant(path, f"without {member.value}", node, rest)
    known = next((k for k in (TYPES, PLACES) if set(members) & set(k)), ())
    if path == "/skus/value":
        families = {member.partition(".")[0] for member in members}
        known = tuple(sku for sku in SKUS if sku.partition(".")[0] not in families)
    for word in known:
        if word not in members:
            added = ScalarNode(node.tag, word, node.start_mark, node.end_mark)
            yield Mutant(path, f"with {word}", node, [*node.value, added])


def _nudged(text: str) -> list[str]:
    """A number one step of its last digit up and down; any other words for a word."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        step = Decimal(1).scaleb(Decimal(text).as_tuple().exponent)  # type: ignore[arg-type]
        return [format(Decimal(text) + step, "f"), format(Decimal(text) - step, "f")]
    if text in ("null", "yes"):
        return []  # its day is nudged; yes beside no would be everybody
    return OTHERS[text].split()


def survivors(
    file: str, killed: Callable[[Node, list[Mistake]], bool], skip: Callable[[Mutant], bool]
) -> list[tuple[str, str]]:
    """The nudges of a file that nothing notices."""
    root = RuleReader(file, []).root(packaged().texts[file])
    assert root is not None
    survived = []
    for mutant in list(mutants(root)):
        before = mutant.node.value
        mutant.node.value = mutant.value  # type: ignore[assignment]
        if not skip(mutant) and not killed(root, []):
            survived.append((mutant.path, mutant.change))
        mutant.node.value = before
    return survived


PROGRAMMES = [programme.programme for programme in packaged().programmes]


@pytest.mark.parametrize("name", few(3, PROGRAMMES))
def test_no_value_of_a_programme_can_be_nudged_unseen(name: str) -> None:
    cases, book = read_cases(name), packaged()
    low_uses = [row for row in read_rows("utilisation") if row[0] == name]
    recalled = [row for row in read_rows("recall") if row[0] == name]
    original = book.programme(name)
    assert original is not None

    def killed(root: Node, wrong: list[Mistake]) -> bool:
        parsed = parse_programme(RuleReader(original.file, wrong), root)
        if wrong:
            return True
        nudged = replace(
            book, programmes=tuple(parsed if p is original else p for p in book.programmes)
        )
        return (
            any(low_use_outcome(nudged, row) != row[5] for row in low_uses)
            or any(recall_outcome(nudged, row) != row[3] for row in recalled)
            or any(outcome(nudged, case) != case.expected for case in cases)
        )

    def skip(mutant: Mutant) -> bool:
        """What begins a day earlier is asked by nobody before the programme itself is in force."""
        key = mutant.path.split("/")[1].partition("#")[0]
        if DAY.fullmatch(mutant.change) and key not in SHAPE_KEYS.values():
            return not original.in_force(date.fromisoformat(mutant.change))
        return any(
            name == programme and mutant.path.startswith(path) and change in ("", mutant.change)
            for programme, path, change in SAME
        )

    assert survivors(original.file, killed, skip) == []


@cache
def price_rows(sku: str) -> list[list[str]]:
    return [row for row in read_rows("prices") if row[0] == sku]


@pytest.mark.parametrize("sku", packaged().prices)
def test_no_price_can_be_nudged_unseen(sku: str) -> None:
    book = packaged()

    def killed(root: Node, wrong: list[Mistake]) -> bool:
        parsed = parse_price(RuleReader(book.prices[sku].file, wrong), root)
        if wrong:
            return True
        nudged = replace(book, prices={sku: parsed})
        try:
            return any(
                [*price_outcome(nudged, sku, date.fromisoformat(day), int(amount))] != expected
                or parsed.unit != unit
                for _, day, amount, unit, *expected in price_rows(sku)
            )
        except NoValueError:  # a price without a tax class on its day
            return True

    def skip(mutant: Mutant) -> bool:
        """A tax class is asked for where there is a price."""
        return mutant.path.startswith("/tax_class") and mutant.change < mutant.path[-10:]

    assert survivors(book.prices[sku].file, killed, skip) == []


@pytest.mark.parametrize(("name", "key"), [("pf", "pf_per_device"), ("market", "market_price_krw")])
def test_no_pf_or_market_price_can_be_nudged_unseen(name: str, key: str) -> None:
    def killed(root: Node, wrong: list[Mistake]) -> bool:
        values = parse_by_sku(RuleReader(name, wrong), root, key)
        return bool(wrong) or any(
            str(values[sku].or_none(date.fromisoformat(day)) or "-") != expected
            for sku, day, expected in read_rows(name)
        )

    assert survivors(f"{name}.yaml", killed, lambda _: False) == []


def test_no_table_of_equals_can_be_nudged_unseen() -> None:
    def killed(root: Node, wrong: list[Mistake]) -> bool:
        values = parse_swap(RuleReader("swap.yaml", wrong), root)["nipa"]
        return bool(wrong) or any(
            str(values[sku].or_none(date.fromisoformat(day)) or "-") != expected
            for sku, day, expected in read_rows("swap")
        )

    assert survivors("swap.yaml", killed, lambda _: False) == []


def test_no_tax_rule_can_be_nudged_unseen() -> None:
    def killed(root: Node, wrong: list[Mistake]) -> bool:
        tax = parse_tax(RuleReader("tax.yaml", wrong), root)
        return bool(wrong) or any(
            [*tax_outcome(tax, date.fromisoformat(day), int(krw.replace(",", "")))] != rest
            for day, krw, *rest in read_rows("tax")
        )

    assert survivors("tax.yaml", killed, lambda _: False) == []
