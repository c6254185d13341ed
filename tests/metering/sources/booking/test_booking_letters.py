"""A sheet of bookings as a Korean spreadsheet saves it: its letters, its marks, its clock times."""

from pathlib import Path

import pytest

from metering.calendar import Calendar
from metering.settings.source_options.booking import BookingOptions
from metering.settings.source_options.table import ColumnMap
from metering.sources.booking.reservation import Booking
from metering.sources.booking.sheet import bookings
from metering.sources.table.cells import columns_of
from metering.sources.table.sheet import sheets

SEOUL = Calendar("Asia/Seoul")
HEAD = "번호;장비;팀;예약 시작;예약 끝"
OPTIONS = BookingOptions(
    "table", "booked", {"시뮬레이터": "equipment.driving-simulator"},
    mapped=ColumnMap(
        columns={
            "booking_id": "번호", "equipment": "장비", "account": "팀",
            "booked_from": "예약 시작", "booked_until": "예약 끝",
        },
        naive="site",
    ),
)  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949", "utf-16"])
def test_bookings_out_of_a_korean_spreadsheet_are_read(tmp_path: Path, encoding: str) -> None:
    rows = ["7;시뮬레이터;연구실;2025-10-31 오후 10:30;2025-10-31 24:00", '8;"시뮬', '레이터";팀;;']
    path = tmp_path / "bookings.csv"
    path.write_bytes("\r\n".join([HEAD, *rows, ""]).encode(encoding))
    (sheet,) = sheets(path.name, path, columns_of(OPTIONS.mapped))
    end_ms = SEOUL.month("2025-10").end_ms
    assert list(bookings(sheet, OPTIONS, SEOUL)) == [
        (0, Booking("7", "시뮬레이터", "연구실", (end_ms - 5_400_000, end_ms)))
    ]
    assert [row.place for row in sheet.quarantined] == ["bookings.csv:3", "bookings.csv:4"]
