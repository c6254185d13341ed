"""Owns what changes on a day: a value runs until the next day listed, and null ends it."""

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from metering.errors import JeongsanError

T = TypeVar("T")


class NoValueError(JeongsanError):
    """A rule was asked for on a day on which it has no value."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who says so, and the day it was announced where that is known. A value is found (reference),
    assumed or derived, with the reason."""

    title: str = ""
    href: str = ""
    assumed: str = ""
    derived: str = ""
    announced: date | None = None


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """A value from a day on; None ends what came before."""

    start: date
    value: T | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """The steps of one rule value, in order of day; file and key are for messages."""

    file: str
    key: str
    steps: tuple[Step[T], ...]

    @property
    def name(self) -> str:
        """The value's file and key, as messages name it."""
        return f"{self.file} {self.key}"

    def step(self, day: date) -> Step[T]:
        """The step in force on `day`; raises NoValueError before the first and after a null."""
        for step in reversed(self.steps):
            if step.start <= day:
                if step.value is None:
                    raise NoValueError(f"{self.name}: ended on {step.start}, asked for {day}")
                return step
        raise NoValueError(f"{self.name}: no value on {day}; add one that starts by that day")

    def on(self, day: date) -> T:
        """The value in force on `day`; raises NoValueError where there is none."""
        value = self.step(day).value
        assert value is not None, "a step in force has a value"
        return value

    def or_none(self, day: date) -> T | None:
        """The value on `day`, or None where a limit is allowed not to exist. Never for a price."""
        for step in reversed(self.steps):
            if step.start <= day:
                return step.value
        return None
