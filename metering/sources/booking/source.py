"""Files of bookings as facts: what was booked, used, missed or cancelled late, of what."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from metering.calendar import Calendar, Period
from metering.errors import JeongsanError
from metering.plain_text import tidy
from metering.settings.sections import Section
from metering.settings.site_toml import Site
from metering.settings.source_options.booking import BookingOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.booking import nemo
from metering.sources.booking import sheet as booking_sheet
from metering.sources.booking.file_facts import BOOKING_FACT, Key, file_table
from metering.sources.booking.reservation import (
    Booking,
    Fact,
    RefusedBookingError,
    SkippedError,
    UnknownEquipmentError,
    facts_of,
)
from metering.sources.reading import files
from metering.sources.reading.batch import Batch, Note, Quarantined, shown
from metering.sources.reading.json_text import written
from metering.sources.table.cells import columns_of
from metering.sources.table.sheet import sheets

SHOWN_MAX = 3  # files that are named


@dataclass(slots=True)
class _File:
    """What one file has: the facts of each booking (none: it came to nothing), and the rest."""

    origin: str
    options: BookingOptions
    calendar: Calendar
    asked: Period
    facts: dict[Key, tuple[Fact, ...]] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    notes: dict[Note, None] = field(default_factory=dict)
    rows_read: int = 0
    taken: int = 0
    first_ms: dict[str, int] = field(default_factory=dict)  # the first start, by kind
    partial: str = ""  # the words by which it says that it is no whole list

    def take(
        self, place: int, text: str, kind: str, booking: Booking | RefusedBookingError
    ) -> None:
        """Take a row in; a booking that a file has twice must say the same both times."""
        try:
            if isinstance(booking, RefusedBookingError):
                raise booking
            key = kind, tidy(booking.booking_id)
            if booking.started_ms is not None:
                self.first_ms[kind] = min(
                    self.first_ms.get(kind, booking.started_ms), booking.started_ms
                )
            facts: tuple[Fact, ...] = ()
            left_out = ""
            try:
                facts = facts_of(booking, self.options)
            except SkippedError as reason:
                left_out = str(reason)
            if self.facts.setdefault(key, facts) != facts:
                raise RefusedBookingError(f"{key[1]} is in this file twice and says something else")
            self.taken += not left_out
            if left_out:
                self.skipped[left_out] = self.skipped.get(left_out, 0) + 1
        except RefusedBookingError as reason:
            self.quarantined.append(Quarantined(f"{self.origin}:{place}", str(reason), text))
            if isinstance(reason, UnknownEquipmentError) and isinstance(booking, Booking):
                self._tell(booking, str(reason))

    def _tell(self, booking: Booking, reason: str) -> None:
        """A finding of the first day asked for that an unknown equipment's booking touches."""
        for start_ms, end_ms in (span for span in (booking.booked, booking.used) if span):
            start_ms = max(start_ms, self.asked.start_ms)
            if start_ms < min(end_ms or self.asked.end_ms, self.asked.end_ms):
                day = self.calendar.day_of(start_ms)
                detail = f"{reason}. site.toml 의 equipment 나 ignored 에 적고 다시 수집하세요."
                note = Note("fail", "unknown_equipment", booking.equipment, detail, day)
                self.notes[note] = None

    def whole(self) -> list[tuple[str, int]]:
        """The kinds of which this file is whole, and from when on; an empty one of NEMO does not
        say of which kind it is."""
        if not self.options.whole or self.partial or self.quarantined:
            return []
        if self.facts or self.first_ms:
            return sorted(self.first_ms.items())
        return [("row" if self.options.format == "table" else "", 0)]

    def batch(self, number: int, digest: str) -> Batch:
        """What the file says (BOOKING_FACT), and what of it could not be taken."""
        table = file_table(number, self.facts, self.whole())
        return Batch(
            "reading", table, tuple(self.quarantined), self.rows_read,
            self.origin, self.skipped, tuple(self.notes), digest=digest, taken=self.taken,
        )  # fmt: skip


def read(source: SourceConfig, section: Section, site: Site, window: Period) -> Iterator[Batch]:
    """What each file says of its bookings (BOOKING_FACT), and what of it lies in quarantine, a
    batch a file, in order of name: all, as a booking outside the window may have lain in it."""
    options = source.options
    if not isinstance(options, BookingOptions):
        raise JeongsanError(f"{source.name}: is no booking system")
    asked = site.calendar.whole_days(window)
    partial: list[str] = []
    for number, (name, path) in enumerate(files.files(source, site)):
        file = _File(name, options, site.calendar, asked)
        if options.format == "table":
            for sheet in sheets(name, path, columns_of(options.mapped), source.limits):
                file.rows_read += sheet.rows_read
                file.quarantined += sheet.quarantined
                for row, booking in booking_sheet.bookings(sheet, options, site.calendar):
                    file.take(sheet.lines[row], sheet.text(row), "row", booking)
        else:
            _read_nemo(file, files.content(name, path, source.limits))
        partial += [f"{name}: {file.partial}"] if file.partial else []
        yield file.batch(number, files.digest_of(name, path, source.limits))
    notes = (_partial_note(source.name, partial),) if partial else ()
    yield Batch("reading", BOOKING_FACT.empty_table(), (), 0, source.name, notes=notes)


def _partial_note(name: str, partial: list[str]) -> Note:
    """That lists were refused, for they say themselves that there is more."""
    more = f" 등 {len(partial)}개 파일" if len(partial) > SHOWN_MAX else ""
    detail = (
        "여러 쪽 가운데 한 쪽이라고 스스로 말하는 목록은 받지 않습니다"
        f" ({'; '.join(partial[:SHOWN_MAX])}{more})."
        " 한 번에 모두 받거나 모든 쪽을 이어 한 목록으로 만들어 다시 수집하세요."
    )
    return Note("fail", "partial_list", name, detail)


def _read_nemo(file: _File, raw: bytes) -> None:
    """Takes the rows of an answer; those of one page of several are left out, all of them."""
    try:
        for place, row in nemo.rows(raw):
            file.rows_read += 1
            text = shown(written(row))
            try:
                kind, booking = nemo.booking(row, file.calendar)
            except RefusedBookingError as reason:
                file.take(place, text, "", reason)
            else:
                file.take(place, text, kind, booking)
    except nemo.PartialListError as reason:
        file.partial, file.rows_read = str(reason), reason.rows
        file.skipped["partial_list"] = reason.rows
    except RefusedBookingError as reason:  # of the whole file
        file.rows_read = 1
        file.take(1, "", "", reason)
