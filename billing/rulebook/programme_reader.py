"""Owns the form of a programme file: which keys it has and what each may say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, cast, get_args

from yaml.nodes import MappingNode, Node

from billing.records import Settled, VatBase
from billing.rulebook.dated import Dated
from billing.rulebook.programme import (
    CENTRE,
    COMPANY_IN_KIND,
    AfterFiling,
    Budget,
    Caps,
    Carried,
    Excess,
    FundingSource,
    JudgedOn,
    OtherUse,
    OtherUseKind,
    Programme,
    QuotaPer,
    QuotaRule,
    UtilisationTest,
)
from billing.rulebook.programme_parts import (
    SHAPE_KEYS,
    read_award_conditions,
    read_basis,
    read_combine,
    read_eligible,
    read_quota_unit,
    read_reductions,
)
from billing.rulebook.yaml_reader import RuleReader

REQUIRED = (
    "id", "title", "authority", "order", "checked_on", "skus", "stacking", "judged_on", "basis",
    "funding", "vat_base",
)  # fmt: skip
OPTIONAL = (
    *SHAPE_KEYS.values(), "eligible", "reductions", "combine", "company_in_kind", "quotas",
    "excess", "after_filing", "caps", "utilisation", "seats", "other_use",
)  # fmt: skip


def parse_programme(reader: RuleReader, root: Node | None) -> Programme:
    """The programme that a file of rules/programmes says."""
    fields = reader.keys(root, REQUIRED, OPTIONAL)
    name = reader.text(fields.get("id"))
    if "id" in fields and not reader.file.endswith(f"/{name}.yaml"):
        reader.wrong(fields["id"], f"the file of {name} is named {name}.yaml")

    def judged(node: Node | None) -> JudgedOn:
        return cast(JudgedOn, reader.choice(node, ("agreement", "announcement", "day")))

    def vat_base(node: Node | None) -> VatBase:
        return cast(VatBase, reader.choice(node, ("SELF_PAY", "GROSS")))

    def excess(node: Node | None) -> Excess:
        return cast(Excess, reader.choice(node, ("list", "refused")))

    in_kind = fields.get("company_in_kind")
    programme = Programme(
        programme=name,
        title=reader.printed(fields.get("title")),
        authority=reader.printed(fields.get("authority")),
        order=reader.integer(fields.get("order")),
        file=reader.file,
        checked_on=reader.day(fields.get("checked_on")),
        skus=reader.sourced(fields.get("skus"), reader.texts),
        stacking=reader.sourced(fields.get("stacking"), reader.boolean),
        judged_on=reader.sourced(fields.get("judged_on"), judged),
        eligible=read_eligible(reader, fields.get("eligible")),
        basis=read_basis(reader, root, fields),
        reductions=read_reductions(reader, fields.get("reductions")),
        combine=read_combine(reader, fields.get("combine"), fields.get("reductions")),
        company_in_kind=(
            reader.dated(in_kind, "company_in_kind", reader.fraction) if in_kind else None
        ),
        quotas=_quotas(reader, fields.get("quotas")),
        caps=_caps(reader, fields.get("caps")),
        funding=_funding(reader, fields.get("funding")),
        vat_base=reader.dated(fields.get("vat_base"), "vat_base", vat_base),
        excess=reader.sourced(fields["excess"], excess) if "excess" in fields else "list",
        after_filing=_after_filing(reader, fields.get("after_filing")),
        utilisation=_utilisation(reader, fields.get("utilisation")),
        seats=read_award_conditions(reader, fields.get("seats")),
        other_use=_other_use(reader, fields.get("other_use")),
    )
    _answer(reader, root, programme)
    return programme


def _after_filing(reader: RuleReader, node: Node | None) -> AfterFiling:
    def choice(value: Node | None) -> AfterFiling:
        return cast(AfterFiling, reader.choice(value, get_args(AfterFiling)))

    return "self_pay" if node is None else reader.sourced(node, choice)


def _answer(reader: RuleReader, root: Node | None, programme: Programme) -> None:
    """While a programme is in force, everything else that it needs has a value."""
    needed: list[Dated[Any]] = [programme.vat_base]
    needed += [reduction.factor for reduction in programme.reductions]
    needed += [programme.company_in_kind] if programme.company_in_kind else []
    needed += [source.share for source in programme.funding]
    needed += [programme.utilisation.below] if programme.utilisation else []
    missing: dict[tuple[date, str], str] = {}
    for clause in programme.basis.clauses:
        for day in {step.start for dated in (clause.value, *needed) for step in dated.steps}:
            if day != date.min and clause.value.or_none(day) is not None:
                for dated in needed:
                    if dated.steps and dated.or_none(day) is None:
                        missing.setdefault((day, dated.key), clause.value.key)
    for (day, key), value in sorted(missing.items()):
        reader.wrong(root, f"{value} holds on {day}, but there is no {key}")


def _quotas(reader: RuleReader, node: Node | None) -> tuple[QuotaRule, ...]:
    quotas: list[QuotaRule] = []

    def holder(value: Node | None) -> QuotaPer:
        return cast(QuotaPer, reader.choice(value, get_args(QuotaPer)))

    for member in reader.sequence(node):
        fields = reader.keys(member, ("unit", "amount"), ("per",))
        unit = read_quota_unit(reader, fields.get("unit"))
        if any((unit == "gb") == (quota.unit == "gb") for quota in quotas):
            reader.wrong(member, "one quota for devices and one for storage; keep one")
        amount = reader.dated(fields.get("amount"), f"quota {unit}", reader.amount)
        per = reader.sourced(fields["per"], holder) if "per" in fields else "award"
        if per == "project" and unit.partition(":")[0].endswith("_hours"):
            reader.wrong(fields["per"], "only what is held at once can be a project's")
        quotas.append(QuotaRule(unit, amount, per))
    return tuple(quotas)


def _utilisation(reader: RuleReader, node: Node | None) -> UtilisationTest | None:
    if node is None:
        return None
    fields = reader.keys(node, ("measure", "below", "warn_days", "grace_days", "propose"))

    def measure(value: Node | None) -> Literal["held", "busy"]:
        return cast(Literal["held", "busy"], reader.choice(value, ("held", "busy")))

    def propose(value: Node | None) -> Literal["recall", "smaller"]:
        return cast(Literal["recall", "smaller"], reader.choice(value, ("recall", "smaller")))

    def days(value: Node | None) -> int:
        number = reader.integer(value)
        if value is not None and number == 0:
            reader.wrong(value, "at least 1 day is looked at")
        return number

    return UtilisationTest(
        measure=reader.sourced(fields.get("measure"), measure),
        below=reader.dated(fields.get("below"), "utilisation", reader.fraction),
        warn_days=reader.sourced(fields.get("warn_days"), days),
        grace_days=reader.sourced(fields.get("grace_days"), days),
        propose=reader.sourced(fields.get("propose"), propose),
    )


def _other_use(reader: RuleReader, node: Node | None) -> OtherUse | None:
    if node is None:
        return None
    fields = reader.keys(node, ("recalled_for",))

    def kinds(value: Node | None) -> tuple[OtherUseKind, ...]:
        members = reader.sequence(value)
        if value is not None and not members:
            reader.wrong(value, "name at least one use that leads to a recall")
        kinds = [reader.choice(member, get_args(OtherUseKind)) for member in members]
        if len(set(kinds)) != len(kinds):
            reader.wrong(value, "the list names something twice")
        return tuple(cast(OtherUseKind, kind) for kind in kinds)

    return OtherUse(reader.dated(fields.get("recalled_for"), "other_use", kinds))


def _caps(reader: RuleReader, node: Node | None) -> Caps:
    fields = reader.keys(node, (), ("award_month", "award", "company_year"))

    def cap(name: str) -> Dated[int] | None:
        value = fields.get(name)
        return reader.dated(value, f"cap {name}", reader.whole_krw) if value else None

    return Caps(cap("award_month"), cap("award"), cap("company_year"))


def _funding(reader: RuleReader, node: Node | None) -> tuple[FundingSource, ...]:
    sources: list[FundingSource] = []
    for member in reader.sequence(node):
        fields = reader.keys(
            member, ("source", "title", "settled", "share", "budget"), ("truncate_10won",)
        )
        name = reader.text(fields.get("source"))
        if name in (CENTRE, COMPANY_IN_KIND) or name in {source.name for source in sources}:
            reader.wrong(member, f"funding source {name} is already there")
        settled = reader.choice(fields.get("settled"), ("claimed", "advanced", "in_kind"))
        share = reader.dated(fields.get("share"), f"funding {name}", reader.fraction)
        truncated = fields.get("truncate_10won")
        if truncated is not None and settled == "in_kind":
            reader.wrong(truncated, f"{name} is asked for nothing, so there is nothing to truncate")
        sources.append(
            FundingSource(
                name=name,
                title=reader.printed(fields.get("title")),
                settled=cast(Settled, settled),
                share=share,
                budgets=_budgets(reader, fields.get("budget")),
                truncate_10won=(
                    reader.dated(truncated, f"truncate {name}", reader.boolean)
                    if truncated
                    else None
                ),
            )
        )
    if node is not None and not sources:
        reader.wrong(node, "somebody has to pay: name a funding source")
    for day in sorted({step.start for source in sources for step in source.share.steps}):
        if day != date.min:
            _make_one(reader, node, sources, day)
    return tuple(sources)


def _make_one(
    reader: RuleReader, node: Node | None, sources: list[FundingSource], day: date
) -> None:
    """From the first day on, shares of a day make one; when all have ended there is nothing."""
    shares = [source.share.or_none(day) for source in sources]
    if any(share is not None for share in shares):
        whole = sum((share or Decimal(0) for share in shares), Decimal(0))
        if whole != 1 or None in shares:
            reader.wrong(node, f"on {day} the funding shares make {whole}, not 1; list each source")


def _budgets(reader: RuleReader, node: Node | None) -> tuple[Budget, ...] | None:
    """Budgets by year, or {unlimited: true} with the reason."""
    if isinstance(node, MappingNode):
        fields = reader.keys(node, ("unlimited",), ("reference", "assumed"))
        reader.origin(fields, node)
        reader.choice(fields.get("unlimited"), ("true",))
        return None
    budgets: list[Budget] = []
    for member in reader.sequence(node):
        fields = reader.keys(
            member,
            ("first_year", "last_year", "krw"),
            ("carried", "reference", "assumed", "derived"),
        )
        origin = reader.origin(fields, member)
        first = reader.integer(fields.get("first_year"))
        last = reader.integer(fields.get("last_year"))
        if last < first or (budgets and first <= budgets[-1].last_year):
            reader.wrong(member, "budget years run upwards and do not overlap")
        carried = tuple(
            _carried(reader, entry, budgets) for entry in _list(reader, fields, "carried")
        )
        krw = reader.whole_krw(fields.get("krw"))
        budgets.append(Budget(first, last, krw, carried, origin=origin))
    return tuple(budgets)


def _list(reader: RuleReader, fields: dict[str, Node], key: str) -> list[Node]:
    return reader.sequence(fields[key]) if key in fields else []


def _carried(reader: RuleReader, node: Node, budgets: list[Budget]) -> Carried:
    """What is left of an earlier budget and spent later: it is taken from there."""
    fields = reader.keys(node, ("from_year", "krw"), ("reference", "assumed", "derived"))
    reader.origin(fields, node)
    year, krw = reader.integer(fields.get("from_year")), reader.whole_krw(fields.get("krw"))
    for at, budget in enumerate(budgets):
        if budget.first_year <= year <= budget.last_year:
            if krw > budget.krw:
                reader.wrong(node, f"the budget of {budget.years} has {budget.krw} won to carry on")
            budgets[at] = replace(budget, carried_on_krw=budget.carried_on_krw + krw)
            return Carried(year, krw)
    reader.wrong(node, f"there is no earlier budget of {year} to carry it on from")
    return Carried(year, 0)
