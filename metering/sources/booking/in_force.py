"""What is in force of a source's bookings: a later file's word, and a whole list's silence."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from metering.calendar import HOUR_MS, Calendar, Period
from metering.sources.booking.reservation import Fact
from metering.sources.reading.batch import Note

Key = tuple[str, str]  # of which list a booking is (reservations, uses, rows), and its id
SHOWN_MAX = 3  # examples and files that are named


@dataclass(slots=True)
class InForce:
    """Files are added in their order."""

    source: str
    calendar: Calendar
    asked: Period
    refused: list[str] = field(default_factory=list)  # lists that are partial, with their words
    _facts: dict[Key, tuple[Fact, ...]] = field(default_factory=dict)
    _gone: dict[Key, tuple[Fact, ...]] = field(default_factory=dict)
    _unclear: bool = False

    def add(self, facts: Mapping[Key, tuple[Fact, ...]]) -> None:
        """What a file says of its bookings is in force from now on."""
        self._facts |= facts
        for key in facts:
            self._gone.pop(key, None)

    def end_missing(
        self,
        listed: Collection[Key],
        first_ms: Mapping[str, int],
        kinds: tuple[str, ...] | None,
    ) -> None:
        """Ends what a whole list no longer has.

        It lists every booking from its first one on; an empty one says that there is none, of
        `kinds`, or where its format does not say (None) of the one kind that there is.
        """
        begins = dict(first_ms)
        if not listed and not begins:
            there = tuple({kind for kind, _ in self._facts})
            if kinds is None and len(there) > 1:
                self._unclear = True
                return
            begins = dict.fromkeys(kinds or there, 0)
        for key, facts in list(self._facts.items()):
            begin_ms = begins.get(key[0])
            if key in listed or begin_ms is None or not facts:
                continue
            if min(fact.started_ms for fact in facts) >= begin_ms:
                self._gone[key] = self._facts.pop(key)

    def facts(self) -> Iterator[Fact]:
        """Every fact in force."""
        for facts in self._facts.values():
            yield from facts

    def notes(self) -> Iterator[Note]:
        """Lists that were refused, and what went, by accounting day."""
        if self.refused:
            more = f" 등 {len(self.refused)}개 파일" if len(self.refused) > SHOWN_MAX else ""
            detail = (
                "여러 쪽 가운데 한 쪽이라고 스스로 말하는 목록은 받지 않습니다"
                f" ({'; '.join(self.refused[:SHOWN_MAX])}{more})."
                " 한 번에 모두 받거나 모든 쪽을 이어 한 목록으로 만들어 다시 수집하세요."
            )
            yield Note("fail", "partial_list", self.source, detail)
        if self._unclear:
            detail = (
                "빈 목록이 예약의 목록인지 사용의 목록인지 알 수 없어 아무것도 끝내지 않았습니다."
                " 예약과 사용을 원천 둘로 나누세요."
            )
            yield Note("warn", "partial_list", self.source, detail)
        yield from self._gone_notes()

    def _gone_notes(self) -> Iterator[Note]:
        by_day: dict[date, dict[Key, int]] = defaultdict(dict)
        for key, facts in self._gone.items():
            for fact in facts:
                start_ms = max(fact.started_ms, self.asked.start_ms)
                end_ms = min(fact.ended_ms or self.asked.end_ms, self.asked.end_ms)
                if start_ms < end_ms:
                    of_day = by_day[self.calendar.day_of(start_ms)]
                    of_day[key] = max(of_day.get(key, 0), end_ms - start_ms)
        for day, lengths in sorted(by_day.items()):
            names = ", ".join(name for _, name in sorted(lengths)[:SHOWN_MAX])
            hundredths = sum(lengths.values()) * 100 // HOUR_MS
            detail = (
                f"전의 목록에 있던 예약이나 사용 {len(lengths)}건({names}) "
                f"{hundredths // 100}.{hundredths % 100:02d}시간이 뒤의 전체 목록에 없어 뺐습니다."
            )
            yield Note("warn", "deleted_booking", self.source, detail, day)
