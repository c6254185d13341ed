"""Owns what a rule said on a day: each value with its file, its first day and who says so."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from billing.rulebook.dated import Dated, Origin
from billing.rulebook.price import Price
from billing.rulebook.programme import (
    AwardConditions,
    Budget,
    Clause,
    FundingSource,
    OtherUse,
    Programme,
    Reduction,
    UtilisationTest,
)


@dataclass(frozen=True, slots=True)
class RuleValue:
    """A value in force on a day, as its file writes it. `part` is the funding source, reduction or
    quota that it belongs to; `start` is None where it stands for whole years."""

    file: str
    key: str
    part: str
    value: str
    start: date | None
    origin: Origin

    @property
    def place(self) -> str:
        """programmes/X.yaml@2025-08-01."""
        return f"{self.file}@{self.start}" if self.start else self.file


def price_value(price: Price, day: date) -> RuleValue:
    """The price of a day."""
    return _value(price.krw, "", day)


def programme_values(
    programme: Programme, day: date, applied: Collection[str]
) -> tuple[RuleValue, ...]:
    """Every value of a programme that is in force on a day; of its clauses and reductions those
    that a subsidy's rule names (`applied`: its parts between +). It walks the rule, so that a shape
    added later is told as well."""
    return tuple(_walk(programme, "", programme.file, day, applied))


def _walk(
    rule: Any, part: str, file: str, day: date, applied: Collection[str]
) -> Iterator[RuleValue]:
    match rule:
        case Dated():
            if rule.or_none(day) is not None:
                yield _value(rule, part, day)
        case Reduction() if rule.name not in applied:
            return
        case Clause() if rule.number and not any(mark.endswith(rule.mark) for mark in applied):
            return
        case UtilisationTest() | OtherUse() | AwardConditions():
            return  # no amount follows from them
        case Budget():
            if rule.first_year <= day.year <= rule.last_year:
                years = f"{part} {rule.years}"
                yield RuleValue(file, "budget", years, str(rule.krw), None, rule.origin)
        case tuple():
            for member in rule:
                yield from _walk(member, part, file, day, applied)
        case _ if is_dataclass(rule):
            if isinstance(rule, (FundingSource, Reduction)):
                part = rule.title
            for each in fields(rule):
                yield from _walk(getattr(rule, each.name), part, file, day, applied)
        case _:
            return


def _value(dated: Dated[Any], part: str, day: date) -> RuleValue:
    step = dated.step(day)
    key = dated.key.rpartition(".")[2]
    return RuleValue(dated.file, key, part, str(step.value), step.start, step.origin)
