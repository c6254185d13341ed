"""What is in force of a source's bookings: a later file's word, and a whole list's silence."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from metering.calendar import HOUR_MS, Calendar, Period
from metering.finding import Finding
from metering.settings.sections import Section
from metering.sources.booking.file_facts import NOTHING, WHOLE, Key
from metering.sources.booking.reservation import Fact

STAGE = "collect"
SHOWN_MAX = 3  # examples that are named
Facts = dict[Key, tuple[Fact, ...]]


@dataclass(slots=True)
class _File:
    """A file: up to when it is complete, its bookings, and from when on it lists all of a kind."""

    as_of_ms: int
    facts: Facts = field(default_factory=dict)
    whole: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class InForce:
    """The facts in force, each with an end; and what is to be told of the others."""

    facts: Facts = field(default_factory=dict)
    gone: Facts = field(default_factory=dict)  # that a later whole list has no longer
    ahead: list[Fact] = field(default_factory=list)  # uses that ended after their file's as-of
    open: dict[Key, tuple[Fact, int]] = field(default_factory=dict)  # uses without an end, as of
    unclear: bool = False  # an empty list of which nobody can tell what it lists

    def add(self, file: _File) -> None:
        """Files are added in the order of their completeness: the later one is right."""
        for key, facts in file.facts.items():
            ahead = [fact for fact in facts if _ahead(fact, file.as_of_ms)]
            self.ahead += ahead
            if ahead:  # refused: what was said before it stays
                continue
            self.gone.pop(key, None)
            self.open.pop(key, None)
            self.facts[key] = tuple(_ended(fact, file.as_of_ms) for fact in facts)
            for fact in facts:
                if fact.ended_ms is None:
                    self.open[key] = fact, file.as_of_ms
        self._end_missing(file)

    def _end_missing(self, file: _File) -> None:
        """Ends what a whole list no longer has; it lists every booking from its first one on."""
        whole = dict(file.whole)
        if "" in whole:  # an empty list, whose format does not say of what
            kinds = {kind for kind, _ in self.facts}
            self.unclear = self.unclear or len(kinds) > 1
            whole = dict.fromkeys(kinds, 0) if len(kinds) == 1 else {}
        for key, facts in list(self.facts.items()):
            from_ms = whole.get(key[0])
            if from_ms is None or key in file.facts or not facts:
                continue
            if min(fact.started_ms for fact in facts) >= from_ms:
                self.gone[key] = self.facts.pop(key)
                self.open.pop(key, None)


def in_force(rows: pa.Table, complete_to_ms: int) -> InForce:
    """What files (BOOKING_FACT) come to. Each is known as of the instant up to which it is complete
    (`as_of_ms`, where the rows have it), at most as far as its source is."""
    files: dict[int, _File] = {}
    stamped = "as_of_ms" in rows.column_names
    for row in rows.to_pylist():
        as_of_ms = min(row["as_of_ms"], complete_to_ms) if stamped else complete_to_ms
        file = files.setdefault(row["file"], _File(as_of_ms))
        key = row["kind"], row["booking_id"]
        if row["fact"] == WHOLE:
            file.whole[row["kind"]] = row["from_ms"]
        elif row["fact"] == NOTHING:
            file.facts[key] = ()
        else:
            fact = Fact(
                row["account"], row["equipment"], row["booking_id"], row["fact"], row["waived"],
                row["sku"], row["from_ms"], row["until_ms"],
            )  # fmt: skip
            file.facts[key] = (*file.facts.get(key, ()), fact)
    known = InForce()
    for _, file in sorted(files.items(), key=lambda item: (item[1].as_of_ms, item[0])):
        known.add(file)
    return known


def _ahead(fact: Fact, as_of_ms: int) -> bool:
    """Whether a use ended after what its file can know; a booking may well lie ahead."""
    return fact.fact == "used" and fact.ended_ms is not None and fact.ended_ms > as_of_ms


def _ended(fact: Fact, as_of_ms: int) -> Fact:
    return fact if fact.ended_ms is not None else fact._replace(ended_ms=as_of_ms)


def findings(
    known: InForce, section: Section, calendar: Calendar, name: str, asked: tuple[Period, int]
) -> Iterator[Finding]:
    """What the days asked for lack of what files say, by the day on which it begins there."""
    window, complete_to_ms = asked
    days = calendar.whole_days(window)
    title = section.title
    if known.unclear:
        detail = (
            f"{title}: 빈 목록이 예약의 목록인지 사용의 목록인지 알 수 없어 아무것도 끝내지"
            " 않았습니다. 예약과 사용을 원천 둘로 나누세요."
        )
        yield Finding("warn", "partial_list", STAGE, section.name, None, name, detail)
    gone = [fact for facts in known.gone.values() for fact in facts]
    for day, facts in _by_day(gone, calendar, days, days.end_ms):
        detail = (
            f"{title}: 전의 목록에 있던 예약이나 사용 {_shown(facts)}"
            f" {_hours(_length_ms(facts, days, complete_to_ms))}이 뒤의 전체 목록에 없어 뺐습니다."
        )
        yield Finding("warn", "deleted_booking", STAGE, section.name, day, name, detail)
    for day, facts in _by_day(known.ahead, calendar, days, days.end_ms):
        detail = (
            f"{title}: 기록이 다 모였다는 때보다 뒤에 끝났다는 사용 {_shown(facts)}을(를) 세지"
            " 않았습니다. 시계나 `--complete-to` 를 확인하고 다시 수집하세요."
        )
        yield Finding("warn", "ended_ahead", STAGE, section.name, day, name, detail)
    stale = [
        fact._replace(started_ms=max(as_of_ms, fact.started_ms))
        for fact, as_of_ms in known.open.values()
        if as_of_ms < complete_to_ms
    ]
    for day, facts in _by_day(stale, calendar, days, complete_to_ms):
        detail = (
            f"{title}: 끝나지 않은 채 뒤의 자료에 나오지 않는 사용 {_shown(facts)}을(를) 마지막으로"
            " 나온 자료의 때까지만 세었습니다. 끝난 때를 확인해 다시 수집하세요."
        )
        yield Finding("warn", "open_use", STAGE, section.name, day, name, detail)


def _by_day(
    facts: Sequence[Fact], calendar: Calendar, days: Period, until_ms: int
) -> Iterator[tuple[date, list[Fact]]]:
    """Facts by the first of the days that they touch."""
    by_day: Mapping[date, list[Fact]] = defaultdict(list)
    for fact in sorted(facts):
        start_ms = max(fact.started_ms, days.start_ms)
        if start_ms < min(fact.ended_ms or until_ms, days.end_ms):
            by_day[calendar.day_of(start_ms)].append(fact)
    yield from sorted(by_day.items())


def _shown(facts: Sequence[Fact]) -> str:
    ids = sorted({fact.booking_id for fact in facts})
    more = " 등" if len(ids) > SHOWN_MAX else ""
    return f"{len(ids)}건({', '.join(ids[:SHOWN_MAX])}{more})"


def _length_ms(facts: Sequence[Fact], days: Period, until_ms: int) -> int:
    spans = ((fact.started_ms, min(fact.ended_ms or until_ms, days.end_ms)) for fact in facts)
    return sum(max(0, end_ms - max(start_ms, days.start_ms)) for start_ms, end_ms in spans)


def _hours(length_ms: int) -> str:
    hundredths = length_ms * 100 // HOUR_MS
    return f"{hundredths // 100}.{hundredths % 100:02d}시간"
