"""Owns the rule book: the only module that opens rule files, all of them or none."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from billing.paths import PACKAGED_RULES
from billing.rulebook.amendment_reasons import AmendmentRules, parse_amendments
from billing.rulebook.dated import Dated
from billing.rulebook.price import Price, parse_price
from billing.rulebook.programme import FlatFee, Programme
from billing.rulebook.programme_reader import parse_programme
from billing.rulebook.tax import TaxRules, parse_tax
from billing.rulebook.yaml_reader import RuleReader
from metering.errors import JeongsanError, Mistake, Mistakes
from metering.written_file import SETTINGS_MIB, TooLargeError, read_written

# The third and fourth only if something asks for it; without the last the packaged one holds.
SINGLE = ("tax.yaml", "pf.yaml", "market.yaml", "swap.yaml", "amendments.yaml")
AMENDMENTS = SINGLE[-1]
BY_SKU = {"pf.yaml": "pf_per_device", "market.yaml": "market_price_krw"}
SWAP_UNITS = 3_603_600  # what one card of a swap table counts: 2^4 x 3^2 x 5^2 x 7 x 11 x 13


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every rule in force. `digest` names its meaning; `texts` are its files, for the bundle."""

    prices: Mapping[str, Price]
    programmes: tuple[Programme, ...]  # in the order in which they are applied
    tax: TaxRules
    pf: Mapping[str, Dated[Decimal]]  # PF per card, by SKU
    market: Mapping[str, Dated[Decimal]]  # won of the market per unit of the SKU's own price
    swap: Mapping[str, Mapping[str, Dated[Decimal]]]  # how many of a SKU are one, by table
    amendments: AmendmentRules
    digest: str
    texts: Mapping[str, str] = field(repr=False)

    def programme(self, name: str) -> Programme | None:
        """The programme of that name, if there is one."""
        return next((p for p in self.programmes if p.programme == name), None)


def read_rulebook(directory: Path | None = None) -> RuleBook:
    """The rule book of a directory, or the one that comes with the program; raises Mistakes."""
    root = directory or PACKAGED_RULES
    if not root.is_dir():
        raise JeongsanError(f"{root}: no such directory; name one with prices/ and programmes/")
    texts: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for path in sorted(root.rglob("*.yaml")):
        name = path.relative_to(root).as_posix()
        try:
            raw = read_written(path, SETTINGS_MIB)
            texts[name] = raw.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            mistakes.append(Mistake(f"{name}:1", "not UTF-8; save the file as UTF-8"))
        except TooLargeError as error:
            mistakes.append(Mistake(name, str(error)))
        except OSError as error:
            mistakes.append(Mistake(name, f"cannot be read: {error.strerror}"))
    return parse_rulebook(texts, mistakes)


def parse_rulebook(texts: Mapping[str, str], mistakes: list[Mistake] | None = None) -> RuleBook:
    """The rule book that files (by name relative to the rule directory) say; raises Mistakes."""
    return _parsed(tuple(sorted(texts.items())), tuple(mistakes or ()))


@lru_cache(maxsize=16)  # a month reads the same texts at each of its steps
def _parsed(files: tuple[tuple[str, str], ...], mistakes: tuple[Mistake, ...]) -> RuleBook:
    texts = dict(files)
    wrong = list(mistakes)
    prices: dict[str, Price] = {}
    programmes: list[Programme] = []
    tax: TaxRules | None = None
    by_sku: dict[str, dict[str, Dated[Decimal]]] = {}
    swap: dict[str, dict[str, Dated[Decimal]]] = {}
    amendments = _packaged_amendments() if AMENDMENTS not in texts else None
    canonical: dict[str, object] = {}
    for name, text in files:
        reader = RuleReader(name, wrong)
        root = reader.root(text)
        if root is None:
            continue
        canonical[name] = _canonical(root)
        folder = name.rpartition("/")[0]
        if folder == "prices":
            price = parse_price(reader, root)
            prices[price.sku] = price
        elif folder == "programmes":
            programmes.append(parse_programme(reader, root))
        elif name == "tax.yaml":
            tax = parse_tax(reader, root)
        elif name in BY_SKU:
            by_sku[name] = parse_by_sku(reader, root, BY_SKU[name])
        elif name == AMENDMENTS:
            amendments = parse_amendments(reader, root)
        elif name == "swap.yaml":
            swap = parse_swap(reader, root)
        else:
            reader.wrong(root, f"a rule file is prices/*, programmes/*, {', '.join(SINGLE)}")
    for needed in ("tax.yaml", "pf.yaml"):
        if needed not in texts:
            wrong.append(Mistake(f"{needed}:1", "the file is missing"))
    _check_unused(programmes, prices, wrong)
    if wrong:
        raise Mistakes(wrong)
    meaning = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return RuleBook(
        prices=prices,
        programmes=tuple(sorted(programmes, key=lambda p: (p.order, p.programme))),
        tax=cast(TaxRules, tax),
        pf=by_sku["pf.yaml"],
        market=by_sku.get("market.yaml", {}),
        swap=swap,
        amendments=cast(AmendmentRules, amendments),
        digest=hashlib.sha256(meaning.encode()).hexdigest(),
        texts=texts,
    )


@cache
def _packaged_amendments() -> AmendmentRules:
    mistakes: list[Mistake] = []
    reader = RuleReader(AMENDMENTS, mistakes)
    root = reader.root((PACKAGED_RULES / AMENDMENTS).read_text(encoding="utf-8"))
    rules = parse_amendments(reader, root)
    if mistakes:
        raise Mistakes(mistakes)
    return rules


def parse_by_sku(reader: RuleReader, root: Node, name: str) -> dict[str, Dated[Decimal]]:
    """Amounts by SKU and day: what pf.yaml and market.yaml hold under their one key."""
    fields = reader.keys(root, (name,))
    return {
        key.value: reader.dated(value, key.value, reader.amount)
        for key, value in reader.entries(fields.get(name))
    }


def parse_swap(reader: RuleReader, root: Node) -> dict[str, dict[str, Dated[Decimal]]]:
    """Tables of equals: how many of each SKU are one. A number divides the unit that use is counted
    in, so that use of it is counted exactly."""
    fields = reader.keys(root, ("equals",))

    def number(node: Node | None) -> Decimal:
        many = reader.amount(node)
        if node is not None and (many == 0 or SWAP_UNITS % Fraction(many)):
            reader.wrong(node, f"{many} of a card are no exact part; use of it cannot be counted")
        return many

    return {
        table.value: {
            sku.value: reader.dated(value, sku.value, number)
            for sku, value in reader.entries(of_table)
        }
        for table, of_table in reader.entries(fields.get("equals"))
    }


def _check_unused(
    programmes: Iterable[Programme], prices: Mapping[str, Price], wrong: list[Mistake]
) -> None:
    """What a flat fee charges for unused capacity needs a title and a tax class: a price in won."""
    for programme in programmes:
        if isinstance(programme.basis, FlatFee) and (sku := programme.basis.unused_sku):
            price = prices.get(sku)
            if price is None or price.unit != "krw":
                message = f"unused_sku {sku} needs a price file prices/{sku}.yaml of unit krw"
                wrong.append(Mistake(f"{programme.file}:1", message))


def _canonical(node: Node) -> object:
    """What a file says, without comments, quotes, order of keys or layout."""
    match node:
        case MappingNode():
            return {str(key.value): _canonical(value) for key, value in node.value}
        case SequenceNode():
            return [_canonical(member) for member in node.value]
        case ScalarNode():
            return str(node.value)
        case _:
            raise AssertionError("a composed YAML file has mappings, lists and scalars only")
