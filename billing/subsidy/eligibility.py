"""Owns eligibility: what a company is to a programme on the day that it is judged by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from billing.rulebook.programme import (
    Basis,
    Clause,
    Condition,
    FlatFee,
    Programme,
    ShareOfCharge,
    ShareOfMarket,
)
from metering.calendar import years_after
from metering.registry.registry import Award, Company

YOUTH_AGE_MAX = 39
YOUTH_FIRM_YEARS = 7
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an award's company is on the day it is judged by; no clause: not eligible."""

    clause: Clause[Decimal] | None
    reductions: tuple[str, ...]
    units: int = 1  # how many of what the clause's value is for

    @property
    def eligible(self) -> bool:
        """Whether the company is supported at all."""
        return self.clause is not None


def is_youth(company: Company, day: date) -> bool | None:
    """Whether a firm counts as young on a day: its mark, else a representative of 39 at most and a
    firm under seven years. None if that turns on a birthday of which only the year is known."""
    if company.youth is not None:
        return company.youth
    if company.founded_on is None or company.representative_birth_year is None:
        return False
    old = years_after(company.founded_on, YOUTH_FIRM_YEARS)
    years = day.year - company.representative_birth_year
    if day >= old or years > YOUTH_AGE_MAX + 1:
        return False
    return True if years <= YOUTH_AGE_MAX else None


def meets(condition: Condition, company: Company, day: date) -> bool:
    """Whether a company meets a condition on a day; raises JeongsanError without facts for it."""
    match condition.fact:
        case "youth":
            return ("yes" if is_youth(company, day) else "no") in condition.values
        case "relocated":
            moved = company.relocated_on is not None and company.relocated_on <= day
            return ("yes" if moved else "no") in condition.values
        case "org_type":
            return company.on(day).org_type in condition.values
        case "size":
            return company.on(day).size in condition.values
        case "place":
            return company.on(day).place in condition.values


def meets_all(conditions: Iterable[Condition], company: Company, day: date) -> bool:
    """Whether a company meets every condition on a day."""
    return all(meets(condition, company, day) for condition in conditions)


def first_met(clauses: Sequence[Clause[T]], company: Company, day: date) -> Clause[T] | None:
    """The first clause all of whose conditions a company meets."""
    for clause in clauses:
        if meets_all(clause.who, company, day):
            return clause
    return None


def offered(basis: Basis, award: Award) -> tuple[Sequence[Clause[Decimal]], int]:
    """The clauses that an award may meet, and how many units it has; none where a flat fee has no
    bundle for what it grants."""
    match basis:
        case ShareOfCharge(clauses) | ShareOfMarket(clauses):
            return clauses, 1
        case FlatFee():
            if award.quota is not None and award.quota_unit == basis.unit:
                for bundle in basis.bundles:
                    if number := bundle.number(award.quota):
                        return bundle.clauses, number
            return (), 0


def judge(programme: Programme, company: Company, award: Award, day: date) -> Verdict:
    """Eligible if every condition is met and a clause is; a reduction applies if all conditions of
    any of its clauses are met."""
    eligible = meets_all(programme.eligible, company, day)
    clauses, units = offered(programme.basis, award)
    return Verdict(
        units=units,
        clause=first_met(clauses, company, day) if eligible else None,
        reductions=tuple(
            reduction.name
            for reduction in programme.reductions
            if any(meets_all(clause, company, day) for clause in reduction.any_of)
        ),
    )


def undecided(programme: Programme, company: Company, day: date) -> bool:
    """Whether the programme asks for youth of those who meet its other conditions, and nobody can
    say."""
    asked = [clause for reduction in programme.reductions for clause in reduction.any_of]
    asked += [clause.who for clause in programme.basis.clauses]
    asked.append(programme.eligible)
    if is_youth(company, day) is not None:
        return False
    return any(
        any(condition.fact == "youth" for condition in clause)
        and meets_all([c for c in clause if c.fact != "youth"], company, day)
        for clause in asked
    )
