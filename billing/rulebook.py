"""Owns the rule book: the only module that opens rule files, all of them or none."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import cast

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from billing.dated import Dated
from billing.price import Price, parse_price
from billing.programme import Programme
from billing.programme_reader import parse_programme
from billing.tax import TaxRules, parse_tax
from billing.yaml_reader import Reader
from metering.errors import JeongsanError, Mistake, Mistakes

PACKAGED = Path(__file__).parent / "rules"


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every rule in force. `digest` names its meaning; `texts` are its files, for the bundle."""

    prices: Mapping[str, Price]
    programmes: tuple[Programme, ...]  # in the order in which they are applied
    tax: TaxRules
    pf: Mapping[str, Dated[Decimal]]  # PF per card, by SKU
    digest: str
    texts: Mapping[str, str] = field(repr=False)

    def programme(self, name: str) -> Programme | None:
        """The programme of that name, if there is one."""
        return next((p for p in self.programmes if p.programme == name), None)


def read_rulebook(directory: Path | None = None) -> RuleBook:
    """The rule book of a directory, or the one that comes with the program; raises Mistakes."""
    root = directory or PACKAGED
    if not root.is_dir():
        raise JeongsanError(f"{root}: no such directory; name one with prices/ and programmes/")
    texts: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for path in sorted(root.rglob("*.yaml")):
        name = path.relative_to(root).as_posix()
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            mistakes.append(Mistake(f"{name}:1", "not UTF-8; save the file as UTF-8"))
    return parse_rulebook(texts, mistakes)


def parse_rulebook(texts: Mapping[str, str], mistakes: list[Mistake] | None = None) -> RuleBook:
    """The rule book that files (by name relative to the rule directory) say; raises Mistakes."""
    wrong = list(mistakes or [])
    prices: dict[str, Price] = {}
    programmes: list[Programme] = []
    tax: TaxRules | None = None
    pf: dict[str, Dated[Decimal]] = {}
    canonical: dict[str, object] = {}
    for name in sorted(texts):
        reader = Reader(name, wrong)
        root = reader.root(texts[name])
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
        elif name == "pf.yaml":
            pf = _parse_pf(reader, root)
        else:
            reader.wrong(root, "a rule file is prices/*, programmes/*, tax.yaml or pf.yaml")
    for needed in ("tax.yaml", "pf.yaml"):
        if needed not in texts:
            wrong.append(Mistake(f"{needed}:1", "the file is missing"))
    if wrong:
        raise Mistakes(wrong)
    text = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return RuleBook(
        prices=prices,
        programmes=tuple(sorted(programmes, key=lambda p: (p.order, p.programme))),
        tax=cast(TaxRules, tax),
        pf=pf,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        texts=dict(texts),
    )


def _parse_pf(reader: Reader, root: Node) -> dict[str, Dated[Decimal]]:
    fields = reader.keys(root, ("pf_per_device",))
    return {
        key.value: reader.dated(value, key.value, reader.amount)
        for key, value in reader.entries(fields.get("pf_per_device"))
    }


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
