"""Owns what months want: why an issued one may have to be corrected, whether a draft is still of
what lies there. Nothing is rated for it, so it says where to look, not what it comes to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Literal

import sqlalchemy as sa

from billing.adjust.correction_inputs import decided_anew
from billing.adjust.restatement import Restatement, restatements
from billing.bundle.bundle import Bundle, invoices_of, read_bundle, read_index
from billing.draft.month_inputs import month_so_far, standing
from billing.ledger.adjustment_ledger import standing_bundles
from billing.ledger.tables import draft_record
from billing.rerating.rerate_company import supported
from billing.rulebook.dated import Dated
from billing.rulebook.programme import Budget
from billing.rulebook.rule_book import RuleBook, parse_rulebook, read_rulebook
from metering.calendar import month_first_day, month_last_day, month_of
from metering.database.decisions import acknowledgements
from metering.registry.registry import Registry
from metering.site.open_site import OpenSite
from metering.usage.outdated_days import outdated

# `late`: rows came, or the registry changed, that usage does not know yet. `usage`: usage is not
# what was billed.
Why = Literal["late", "usage", "registry", "rule", "decision"]
# Of a rule, what no amount follows from.
BESIDE = frozenset(
    {
        "title",
        "authority",
        "checked_on",
        "file",
        "origin",
        "utilisation",
        "other_use",
        "seats",
        "due_business_days",
        "late_issue",
        "no_issue",
        "late_buyer",
    }
)


@dataclass(frozen=True, slots=True)
class StaleMonth:
    """Why an issued month may be corrected, and what has changed: days, awards, rules."""

    month: str
    why: Why
    what: tuple[str, ...]


def due(opened: OpenSite, open_ones: Sequence[Restatement] | None = None) -> tuple[StaleMonth, ...]:
    """Of every issued month, in order. `open_ones` are the restatements, where they are known."""
    with opened.database.read() as connection:
        bundles = standing_bundles(connection)
        decided = acknowledgements(connection)
    if not bundles:
        return ()
    registry, book = opened.registry, read_rulebook(opened.site.rules)
    known_ones = restatements(opened) if open_ones is None else open_ones
    restated = [restatement for restatement in known_ones if restatement.billed]
    first, last = month_first_day(min(bundles)), month_last_day(max(bundles))
    late = {day for _, day in outdated(opened, first, last)}
    stale_months: list[StaleMonth] = []
    for month in sorted(bundles):
        index = read_index(opened.lake, bundles[month])
        named = index["inputs"]
        days = [str(restatement.day) for restatement in restated if restatement.month == month]
        what: dict[Why, list[str]] = {
            "late": sorted(str(day) for day in late if month_of(day) == month),
            "usage": days,
            "registry": [],
            "rule": [],
            "decision": list(decided_anew(named, decided)),
        }
        moved = (named["registry"], named["rules"]) != (registry.digest, book.digest)
        bundle = read_bundle(opened.lake, bundles[month]) if moved else None
        if bundle is not None and named["registry"] != registry.digest:
            before = Registry.from_document(bundle.documents["registry"])
            projects = {line.project_id for i in invoices_of(bundle) for line in i.lines}
            what["registry"] = _awards(opened, month, (before, registry), projects)
        if bundle is not None and named["rules"] != book.digest:
            known = Registry.from_document(bundle.documents["registry"])
            used = _used(opened, month, bundle, (known, registry))
            changed = changed_rules(parse_rulebook(bundle.documents["rules"]), book, month)
            what["rule"] = [name for name in changed if name.rpartition(" ")[2] in used]
        stale_months += [
            StaleMonth(month, why, tuple(texts)) for why, texts in what.items() if texts
        ]
    return tuple(stale_months)


def moved_by_load(opened: OpenSite, new: Registry, book: RuleBook) -> tuple[StaleMonth, ...]:
    """Of every issued month, in order, why it would have to be corrected once a registry is in
    force in place of the one that is: days that would be metered anew, awards, companies and
    projects that support follows from; and the rules that are not those it was made with. What
    documents call a company moves none (SETTLEMENT 42)."""
    with opened.database.read() as connection:
        bundles = standing_bundles(connection)
    if not bundles:
        return ()
    old = opened.registry
    new = new.sharded({(device.cluster, device.device_uid): device.shard for device in old.devices})
    moved: list[StaleMonth] = []
    for month in sorted(bundles):
        bundle = read_bundle(opened.lake, bundles[month])
        what: dict[Why, list[str]] = {"late": [], "registry": [], "rule": []}
        if old.digest != new.digest:
            span = month_first_day(month), month_last_day(month)
            days = {*outdated(opened, *span, new)} - {*outdated(opened, *span)}
            projects = {line.project_id for i in invoices_of(bundle) for line in i.lines}
            what["late"] = sorted({str(day) for _, day in days})
            what["registry"] = _awards(opened, month, (old, new), projects)
        if bundle.index["inputs"]["rules"] != book.digest:
            used = _used(opened, month, bundle, (old, new))
            changed = changed_rules(parse_rulebook(bundle.documents["rules"]), book, month)
            what["rule"] = [name for name in changed if name.rpartition(" ")[2] in used]
        moved += [StaleMonth(month, why, tuple(texts)) for why, texts in what.items() if texts]
    return tuple(moved)


def _used(
    opened: OpenSite, month: str, bundle: Bundle, registries: Iterable[Registry]
) -> frozenset[str]:
    """The SKUs that were billed of a month, the programmes that somebody had an award of, tax."""
    days = opened.site.calendar.month_days(month)
    awards = [award for registry in registries for award in registry.awards]
    programmes = {award.programme for award in awards if any(award.holds(day) for day in days)}
    skus = {line.sku for invoice in invoices_of(bundle) for line in invoice.lines}
    return frozenset({"tax.yaml", *programmes, *skus})


def draft_is_old(opened: OpenSite, month: str) -> bool:
    """Whether a month's last draft was made from something else than what lies there now."""
    query = sa.select(draft_record.c.record).where(draft_record.c.month == month)
    with opened.database.read() as connection:
        record = connection.execute(query).scalar()
        in_force = standing(connection, opened.site.calendar, month)
    if record is None:  # drafted by an earlier version: approving drafts it again anyway
        return False
    index = read_index(opened.lake, record)
    named = index["inputs"]
    rules = read_rulebook(opened.site.rules).digest
    there = (dict(in_force.heads), in_force.registry, rules)
    return there != (index["usage"], named["registry"], named["rules"])


def gaps(opened: OpenSite, month: str) -> list[tuple[str, date]]:
    """The section-days of a month that have no usage and that nobody let pass."""
    return month_so_far(opened, month).undecided_gaps


def _awards(
    opened: OpenSite, month: str, pair: tuple[Registry, Registry], projects: Collection[str]
) -> list[str]:
    """The awards of a month, the companies that have one, and the projects that were billed, of
    which anything is otherwise."""
    calendar = opened.site.calendar
    old, new = (set(supported(registry, calendar, month, projects)) for registry in pair)
    names = {getattr(record, "award_id", None) or record[0] for record in old ^ new}  # type: ignore[index]
    return sorted(map(str, names))


def changed_rules(before: RuleBook, now: RuleBook, month: str) -> list[str]:
    """The rules by which an amount of the month may be otherwise: SKUs, programmes, files."""
    old, new = _parts(before, month), _parts(now, month)
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def _parts(book: RuleBook, month: str) -> dict[str, object]:
    last = month_last_day(month)
    parts: dict[str, object] = {name: _until(prices, last) for name, prices in book.prices.items()}
    parts |= {f"market.yaml {name}": _until(prices, last) for name, prices in book.market.items()}
    parts |= {f"pf.yaml {name}": _until(values, last) for name, values in book.pf.items()}
    parts |= {programme.programme: _until(programme, last) for programme in book.programmes}
    return {**parts, "tax.yaml": _until(book.tax, last)}


def _until(value: object, last: date) -> object:
    """A rule without what is only said later, so that next year's price changes no month of this
    one; earlier steps stay, since an award may be judged by the day of its agreement."""
    match value:
        case Dated(steps=steps):
            return tuple(
                (step.start, _until(step.value, last)) for step in steps if step.start <= last
            )
        case Budget(first_year=first_year) if first_year > last.year:
            return None
        case tuple():
            return tuple(
                kept for kept in (_until(part, last) for part in value) if kept is not None
            )
        case Mapping():
            return {key: _until(part, last) for key, part in value.items()}
        case _ if is_dataclass(value):
            names = [field.name for field in fields(value) if field.name not in BESIDE]
            return type(value), [(name, _until(getattr(value, name), last)) for name in names]
        case _:
            return value
