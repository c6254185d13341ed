"""Meters of a cloud that may be counted too often or too rarely: told, for nobody can tell here."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from metering.calendar import Calendar
from metering.finding import Finding
from metering.settings.sections import Section
from metering.sources.cloud.meters import CloudMeter

STAGE = "collect"
LATER_MS = 60_000  # METERING 7: two clocks of one delivery may be a minute apart
ADDED = ("DELTA", "DAY")  # types whose meters are added up; of the others a larger one counts once
SHOWN_MAX = 3


def merged_away(
    came: Iterable[CloudMeter], section: Section, name: str, calendar: Calendar, named: bool
) -> list[Finding]:
    """Rows of one answer that nothing tells apart, so that only the larger of them counts.

    `named` says that a meter's id is its own, so that equal rows of one id are one. The day is that
    of the answer: to collect it again, mended, takes the finding away.
    """
    groups: dict[tuple[object, ...], list[CloudMeter]] = defaultdict(list)
    for meter in came:
        if meter.counter_type in ADDED:
            groups[(*meter[:6], meter.asked_ms)].append(meter)
    doubtful = [
        own
        for own in groups.values()
        if len(own) > 1 and (len(set(own)) > 1 or not (named and own[0].has_own_id))
    ]
    findings = []
    for day, meters in sorted(_by_day((own[0] for own in doubtful), calendar, used=False).items()):
        detail = (
            f"{section.title}: 한 답 안에 계정, 항목, 자원, 시각이 모두 같고 제 번호가 없는 행이"
            f" 여럿입니다({len(meters)}곳, 처음은 {_shown(meters[0], calendar)}). 더하지 않고 큰 값"
            " 하나만 세었습니다. 클라우드에 물어 확인하세요."
        )
        findings.append(_finding("ambiguous_meter", section, day, name, detail))
    return findings


def repeated(
    in_force: Iterable[CloudMeter], section: Section, name: str, calendar: Calendar
) -> list[Finding]:
    """Amounts that stand twice: equal but for their ids, and delivered at different times.

    Both count until somebody says that one is the other again; the day is that of the use.
    """
    groups: dict[tuple[object, ...], list[CloudMeter]] = defaultdict(list)
    for meter in in_force:
        if meter.counter_type == "DELTA" and meter.volume != "0":
            other = "" if meter.has_own_id else meter.meter_id  # of another parent: another one
            groups[(*meter[:5], meter.volume, other)].append(meter)
    again = []
    for own in groups.values():
        ordered = sorted(own, key=lambda meter: (meter.asked_ms, meter.meter_id))
        again += [meter for meter in ordered[1:] if meter.asked_ms - ordered[0].asked_ms > LATER_MS]
    findings = []
    for day, meters in sorted(_by_day(again, calendar, used=True).items()):
        ids = ", ".join(sorted(meter.meter_id or "-" for meter in meters)[:SHOWN_MAX])
        detail = (
            f"{section.title}: 계정, 항목, 자원, 시각, 양이 같은 미터가 나중에 다른 번호로 다시"
            f" 왔습니다({len(meters)}건: {ids}; 처음은 {_shown(meters[0], calendar)})."
            " 모두 세었으니 두 번 청구될 수 있습니다. 클라우드에 확인하세요."
        )
        findings.append(_finding("repeated_meter", section, day, name, detail))
    return findings


def _by_day(
    meters: Iterable[CloudMeter], calendar: Calendar, used: bool
) -> dict[date, list[CloudMeter]]:
    by_day: dict[date, list[CloudMeter]] = defaultdict(list)
    for meter in sorted(meters):
        by_day[calendar.day_of(meter.used_ms if used else meter.asked_ms)].append(meter)
    return by_day


def _shown(meter: CloudMeter, calendar: Calendar) -> str:
    when = calendar.iso(meter.used_ms)
    return f"{meter.account} {meter.counter} {meter.resource_id} {when} {meter.volume}"


def _finding(kind: str, section: Section, day: date, name: str, detail: str) -> Finding:
    return Finding("fail", kind, STAGE, section.name, day, name, detail)
