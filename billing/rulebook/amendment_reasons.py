"""Owns what the rules say of amended documents: what each reason (수정사유) makes, how it is dated,
and the reason of each cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from yaml.nodes import Node

from billing.rulebook.yaml_reader import RuleReader

Kind = Literal[
    "printed", "registry", "usage", "price", "rule", "shared", "agreed_price", "double_issue",
    "contract_ended", "program",
]  # fmt: skip
Form = Literal["pair", "difference", "negative"]
DatedAs = Literal["original", "approval"]
CODES = (1, 2, 3, 4, 5, 6)
NOT_TO_BE_MADE = 6  # the reason of a document that there should not be: issued twice, or exempt
PROGRAM: Kind = "program"  # what only this program makes otherwise; older rules do not name it
PROGRAM_REASON = 1  # of rules that do not say it
PARTLY: Mapping[int, int] = {4: 2, 6: 1}  # of rules that do not say it


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: the original taken back with the right one beside it, one difference, or one that
    takes back; dated as the original, or on the day of its approval. `partly` is the reason in its
    place where something is left of what it would take back whole; itself where it is none such."""

    code: int
    documents: Form
    dated: DatedAs
    partly: int


@dataclass(frozen=True, slots=True)
class AmendmentRules:
    """All six reasons, and the one of each cause. To two of them no cause leads."""

    reasons: Mapping[int, Reason]
    causes: Mapping[Kind, int]

    def reason(self, cause: Kind) -> Reason:
        """What a cause makes."""
        return self.reasons[self.code(cause)]

    def code(self, cause: Kind) -> int:
        """The code of the reason of a cause."""
        return self.causes.get(cause, PROGRAM_REASON) if cause == PROGRAM else self.causes[cause]


def parse_amendments(reader: RuleReader, root: Node | None) -> AmendmentRules:
    """The rules that rules/amendments.yaml says."""
    fields = reader.keys(root, ("reasons", "causes"))
    reasons = reader.keys(fields.get("reasons"), [str(code) for code in CODES])
    named = [kind for kind in get_args(Kind) if kind != PROGRAM]
    causes = reader.keys(fields.get("causes"), named, (PROGRAM,))

    def code(node: Node | None) -> int:
        return _code(reader, node)

    rules = AmendmentRules(
        {code: _reason(reader, code, reasons.get(str(code))) for code in CODES},
        {
            kind: reader.sourced(causes.get(kind), code)
            for kind in get_args(Kind)
            if kind in (*named, *causes)
        },
    )
    for reason in rules.reasons.values():
        instead = rules.reasons.get(reason.partly, reason)
        if reason.documents == "negative" and instead.documents == "negative":
            message = f"reason {instead.code} leaves nothing either; say one that does in `partly`"
            reader.wrong(root, f"reason {reason.code}: {message}")
    return rules


def _code(reader: RuleReader, node: Node | None) -> int:
    said = reader.integer(node)
    if said not in CODES:
        reader.wrong(node, f"{said} is none of the reasons {CODES[0]} to {CODES[-1]}")
    return said


def _reason(reader: RuleReader, code: int, node: Node | None) -> Reason:
    fields = reader.keys(node, ("documents", "dated"), ("partly",))

    def documents(value: Node | None) -> Form:
        return cast(Form, reader.choice(value, get_args(Form)))

    def dated(value: Node | None) -> DatedAs:
        return cast(DatedAs, reader.choice(value, get_args(DatedAs)))

    def partly(value: Node | None) -> int:
        return _code(reader, value)

    form = reader.sourced(fields.get("documents"), documents)
    instead = PARTLY.get(code, code) if form == "negative" else code
    if "partly" in fields:
        instead = reader.sourced(fields["partly"], partly)
        if form != "negative":
            reader.wrong(node, "only what takes back the whole has another reason for a part of it")
    return Reason(code, form, reader.sourced(fields.get("dated"), dated), instead)
