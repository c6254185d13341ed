"""What a mistake of the year is, and the two ways in which a command may answer one.

A mistake is a function that types it after a step of a month. What is refused or typed once more
has changed nothing; what was taken for good is taken back in the same function.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.builders.sites.command_line import Said
from tests.builders.sites.year_site import MONTHS, Centre

Type = Callable[[Centre, str], None]
TABLE: "list[Mistake]" = []


@dataclass(frozen=True)
class Mistake:
    """What is mistyped, after which step, and in which months that can be."""

    name: str
    after: str
    months: tuple[str, ...]
    type: Type


def mistake(after: str, months: tuple[str, ...] = MONTHS) -> Callable[[Type], Type]:
    """Puts a mistake into the table."""

    def put(typed: Type) -> Type:
        TABLE.append(Mistake(typed.__name__, after, months, typed))
        return typed

    return put


def refused(centre: Centre, says: str, *words: str) -> Said:
    """A command that is refused with these words, and that has changed nothing at all."""
    before = centre.tables()
    said = centre.type(*words)
    assert said.code in (1, 2), (words, said.out)
    assert says in flat(said.err), (words, said.err)
    assert centre.tables() == before, (words, "was refused and changed something")
    return said


def again(centre: Centre, *words: str, but: tuple[str, ...] = ("audit_trail",)) -> Said:
    """A command typed once more, which changes nothing but what these tables say."""
    before = centre.tables(*but)
    said = centre.type(*words)
    assert said.code == 0, (words, said.err)
    assert centre.tables(*but) == before, (words, "was typed again and changed something")
    return said


def flat(text: str) -> str:
    """Without the frame and the lines that a terminal's width puts into it."""
    return " ".join(text.replace("│", " ").split())
