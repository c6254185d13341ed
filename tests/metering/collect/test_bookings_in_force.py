"""Of two files the one that is complete to a later instant is right, whatever it is called."""

from collections.abc import Mapping

import pyarrow as pa
import pytest

from metering.calendar import Period
from metering.collect.bookings_in_force import InForce, findings, in_force
from metering.settings.sections import Store
from metering.sources.booking.file_facts import file_table
from metering.sources.booking.reservation import Fact
from tests.builders.sites.metering_site import CALENDAR
from tests.builders.storage_files import hours

NOW = 48
Said = Mapping[str, tuple[Fact, ...]]


def used(name: str, start: float, end: float | None) -> tuple[Fact, ...]:
    until = None if end is None else hours(end)
    return (Fact("lab", "sim", name, "used", False, "equipment.sim", hours(start), until),)


def known(*files: tuple[float, Said], whole: bool = False, stamped: bool = True) -> InForce:
    """Of files in the order of their names, each with the hour up to which it is complete."""
    tables = []
    for number, (as_of, said) in enumerate(files):
        facts = {("use", name): own for name, own in said.items()}
        begins = [fact.started_ms for own in said.values() for fact in own]
        from_ms = [("use", min(begins))] if whole and begins else [("", 0)] if whole else []
        rows = file_table(number, facts, from_ms)
        if stamped:
            rows = rows.append_column("as_of_ms", pa.repeat(hours(as_of), rows.num_rows))
        tables.append(rows)
    return in_force(pa.concat_tables(tables), hours(NOW))


def spans(there: InForce) -> dict[str, tuple[float, float]]:
    return {
        fact.booking_id: (_hour(fact.started_ms), _hour(fact.ended_ms))
        for own in there.facts.values()
        for fact in own
    }


def _hour(instant_ms: int | None) -> float:
    assert instant_ms is not None
    return (instant_ms - hours(0)) / 3_600_000


def told(there: InForce) -> list[str]:
    asked = Period(hours(0), hours(NOW)), hours(NOW)
    return [f.kind for f in findings(there, Store("lab"), CALENDAR, "desk", asked)]


def test_the_later_input_wins_not_the_later_name() -> None:
    n10, n2 = (10.0, {"1": used("1", 1, 9)}), (5.0, {"1": used("1", 1, 3)})
    assert spans(known(n10, n2)) == {"1": (1, 9)}
    assert spans(known(n2, n10)) == {"1": (1, 9)}
    assert spans(known((5, {"1": used("1", 1, 3)}), (5, {"1": used("1", 1, 2)}))) == {"1": (1, 2)}


def test_a_later_file_takes_a_use_back_by_saying_that_it_is_nothing() -> None:
    assert spans(known((9, {"1": ()}), (5, {"1": used("1", 1, 3)}))) == {}


@pytest.mark.parametrize(("as_of", "kinds"), [(NOW, []), (NOW - 1, ["open_use"])])
def test_an_open_use_counts_as_far_as_the_last_file_that_lists_it(
    as_of: float, kinds: list[str]
) -> None:
    """It counted on to the watermark for ever, where later files no longer list it."""
    there = known((as_of, {"1": used("1", 1, None)}), (NOW, {"2": used("2", 1, 2)}))
    assert (spans(there)["1"], told(there)) == ((1, as_of), kinds)
    ended = known((as_of, {"1": used("1", 1, None)}), (NOW, {"1": used("1", 1, 2)}))
    assert (spans(ended)["1"], told(ended)) == ((1, 2), [])


def test_what_ended_after_its_file_is_refused_and_what_was_said_before_stays() -> None:
    there = known((3, {"1": used("1", 1, 2)}), (5, {"1": used("1", 1, 6)}))
    assert (spans(there), told(there)) == ({"1": (1, 2)}, ["ended_ahead"])
    there = known((3, {"1": used("1", 1, 2)}), (6, {"1": used("1", 1, 6)}))
    assert (spans(there), told(there)) == ({"1": (1, 6)}, [])


def test_a_whole_list_ends_what_it_lacks_however_files_are_called() -> None:
    early, late = {"0": used("0", 0, 1), "1": used("1", 1, 3)}, {"0": used("0", 0, 1)}
    assert spans(known((4, early), (9, late), whole=True)) == {"0": (0, 1)}
    assert spans(known((9, late), (4, early), whole=True)) == {"0": (0, 1)}
    assert spans(known((9, early), (4, late), whole=True)) == {"0": (0, 1), "1": (1, 3)}
    there = known((9, {}), (4, early), whole=True)
    assert (spans(there), told(there)) == ({}, ["deleted_booking"])


def test_without_a_stamp_every_file_is_complete_as_far_as_its_source() -> None:
    there = known((1, {"1": used("1", 1, None)}), stamped=False)
    assert (spans(there), told(there)) == ({"1": (1, NOW)}, [])
