"""A booking system in site.toml is read strictly: equipment, what is billed, words, columns."""

from dataclasses import replace
from pathlib import Path

import pytest

from metering.calendar import HOUR_MS
from metering.settings.site_toml import read_site
from metering.settings.source_options.booking import BookingOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.settings.source_options.table import ColumnMap
from tests.metering.settings.test_site_toml import HEAD, mistakes_of, write

BEGINNING = """
[store.lab]

[[store.lab.source]]
name = "desk"
kind = "booking"
record = "reading"
paths = ["in/*.csv"]
"""
EQUIPMENT = '[store.lab.source.equipment]\nsim = "equipment.driving-simulator"\n'
COLUMNS = 'columns = { booking_id = "id", equipment = "tool", account = "team"%s }'
BOOKED = ', booked_from = "from", booked_until = "until"'
USED = ', used_from = "in", used_until = "out"'


def text(*lines: str, equipment: str = EQUIPMENT) -> str:
    return HEAD + BEGINNING + "\n".join((*lines, equipment))


def source_of(path: Path, *lines: str) -> SourceConfig:
    (source,) = read_site(write(path, text(*lines))).section("lab").sources
    return source


def test_a_table_of_bookings_says_its_columns_and_words(tmp_path: Path) -> None:
    source = source_of(
        tmp_path, 'format = "table"', 'bill = "either"', 'late_cancel = "24h"', 'late = "2h"',
        'naive = "site"', 'ignored = ["room"]', 'states = { ok = "kept", "노쇼" = "missed" }',
        COLUMNS % (BOOKED + USED + ', state = "state", cancelled_at = "at"'),
    )  # fmt: skip
    assert (source.late_ms, source.live) == (2 * HOUR_MS, False)
    assert isinstance(source.options, BookingOptions)
    assert source.options.mapped.naive == "site"
    assert source.options.mapped.columns["cancelled_at"] == "at"
    assert replace(source.options, mapped=ColumnMap()) == BookingOptions(
        "table", "either", {"sim": "equipment.driving-simulator"}, ("room",), 24 * HOUR_MS,
        {"ok": "kept", "노쇼": "missed"},
    )  # fmt: skip


def test_nemo_needs_its_equipment_only(tmp_path: Path) -> None:
    path = write(tmp_path, text('format = "nemo"', 'bill = "used"').replace(".csv", ".json"))
    (source,) = read_site(path).section("lab").sources
    assert source.options == BookingOptions("nemo", "used", {"sim": "equipment.driving-simulator"})


TABLE = ('format = "table"', 'bill = "booked"')


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        (('format = "ical"', 'bill = "booked"'), "format: must be one of nemo, table"),
        (('format = "table"', COLUMNS % BOOKED), "needs the key `bill`"),
        (('format = "table"', 'bill = "max"', COLUMNS % BOOKED), "bill: must be one of booked, ei"),
        (('format = "nemo"', 'bill = "used"'), "paths: 'in/*.csv' must end in .json, .json.gz"),
        (('format = "nemo"', 'bill = "used"', COLUMNS % ""), 'columns: is for the format "table"'),
        (('format = "nemo"', 'bill = "used"', 'naive = "utc"'), 'naive: is for the format "table"'),
        ((*TABLE, COLUMNS % USED), "says nothing of the field booked_from"),
        ((*TABLE, COLUMNS % ', booked_from = "from"'), "says nothing of the field booked_until"),
        ((*TABLE, COLUMNS % (BOOKED + ', used_until = "out"')), "nothing of the field used_from"),
        (('format = "table"', 'bill = "either"', COLUMNS % BOOKED), "of the field used_from"),
        ((*TABLE, 'columns = { equipment = "a" }'), "says nothing of the field account"),
        ((*TABLE, COLUMNS % (BOOKED + ', colour = "c"')), "a booking has no field 'colour'"),
        ((*TABLE, COLUMNS % (BOOKED + ', state = "s"')), "needs a column `state` and `states`"),
        ((*TABLE, COLUMNS % BOOKED, 'states = { a = "kept" }'), "needs a column `state` and"),
        ((*TABLE, COLUMNS % (BOOKED + ', state = "s"'), 'states = { a = "gone" }'),
         "states: a must be one of kept, cancelled, missed, moved, waived, not 'gone'"),
        ((*TABLE, COLUMNS % (BOOKED + ', state = "s"'), 'states = { a = "kept" }',
          'late_cancel = "1h"'), "says nothing of the field cancelled_at"),
        ((*TABLE, COLUMNS % BOOKED, 'ignored = ["sim"]'), "sim is under `equipment` as well"),
        ((*TABLE, COLUMNS % BOOKED, 'url = "http://a/"'), "url: there is no such key here"),
    ],
)  # fmt: skip
def test_what_a_booking_system_does_not_say_right_is_a_mistake(
    tmp_path: Path, lines: tuple[str, ...], mistake: str
) -> None:
    mistakes = mistakes_of(tmp_path, text(*lines))
    assert any(mistake in one for one in mistakes), mistakes


@pytest.mark.parametrize(
    ("equipment", "mistake"),
    [
        ("", "needs [....source.equipment]"),
        ('[store.lab.source.equipment]\nsim = " "', "equipment: sim has no SKU"),
    ],
)
def test_equipment_is_named_with_its_sku(tmp_path: Path, equipment: str, mistake: str) -> None:
    mistakes = mistakes_of(tmp_path, text(*TABLE, COLUMNS % BOOKED, equipment=equipment))
    assert any(mistake in one for one in mistakes), mistakes
