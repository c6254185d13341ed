"""Owns what the rules say of amended documents: what each reason (수정사유) makes, how it is dated,
and the reason of each cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from yaml.nodes import Node

from billing.rulebook.yaml_reader import RuleReader

Kind = Literal[
    "printed", "registry", "usage", "price", "rule", "shared", "agreed_price", "double_issue",
    "contract_ended",
]  # fmt: skip
Form = Literal["pair", "difference", "negative"]
DatedAs = Literal["original", "approval"]
CODES = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: the original taken back with the right one beside it, one difference, or one that
    takes back; dated as the original, or on the day of its approval."""

    code: int
    documents: Form
    dated: DatedAs


@dataclass(frozen=True, slots=True)
class AmendmentRules:
    """All six reasons, and the one of each cause. To two of them no cause leads."""

    reasons: Mapping[int, Reason]
    causes: Mapping[Kind, int]

    def reason(self, cause: Kind) -> Reason:
        """What a cause makes."""
        return self.reasons[self.causes[cause]]


def parse_amendments(reader: RuleReader, root: Node | None) -> AmendmentRules:
    """The rules that rules/amendments.yaml says."""
    fields = reader.keys(root, ("reasons", "causes"))
    reasons = reader.keys(fields.get("reasons"), [str(code) for code in CODES])
    causes = reader.keys(fields.get("causes"), get_args(Kind))

    def code(node: Node | None) -> int:
        said = reader.integer(node)
        if said not in CODES:
            reader.wrong(node, f"{said} is none of the reasons {CODES[0]} to {CODES[-1]}")
        return said

    return AmendmentRules(
        {code: _reason(reader, code, reasons.get(str(code))) for code in CODES},
        {kind: reader.sourced(causes.get(kind), code) for kind in get_args(Kind)},
    )


def _reason(reader: RuleReader, code: int, node: Node | None) -> Reason:
    fields = reader.keys(node, ("documents", "dated"))

    def documents(value: Node | None) -> Form:
        return cast(Form, reader.choice(value, get_args(Form)))

    def dated(value: Node | None) -> DatedAs:
        return cast(DatedAs, reader.choice(value, get_args(DatedAs)))

    return Reason(
        code,
        reader.sourced(fields.get("documents"), documents),
        reader.sourced(fields.get("dated"), dated),
    )
