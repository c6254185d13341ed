"""A site's figures for Prometheus, in its text exposition format: lag, coverage, findings, won at
risk, months. Written whole for node_exporter's textfile collector, or to standard output.

Source of the format: https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from billing.bundle.versions import program_version
from billing.close.decide_together import is_decided
from billing.ledger import ledger
from billing.ledger.number_register import ends_apart
from billing.month.list_price import worth_krw
from billing.paths import PROJECT
from billing.rulebook.rule_book import RuleBook, read_rulebook
from metering.calendar import month_of
from metering.collect.watermark import watermarks
from metering.database.decisions import acknowledgements
from metering.database.findings import findings
from metering.errors import Mistakes
from metering.site.open_site import OpenSite
from reports.readiness.coverage import COMPLETE, MISSING, PROVISIONAL, WAIVED, coverage

STATES: Final = {
    COMPLETE: "complete", PROVISIONAL: "provisional", MISSING: "missing", WAIVED: "waived"
}  # fmt: skip
Labels = Mapping[str, str]

# Every figure of a site, with what it is; the dashboard asks for no other.
SITE_FIGURES: Final = {
    "jeongsan_build_info": "프로그램의 판, 늘 1",
    "jeongsan_asked_timestamp_seconds": "이 수치를 낸 시각",
    "jeongsan_source_collected": "원천을 한 번이라도 모았는지",
    "jeongsan_source_lag_seconds": "원천이 빠짐없는 시각이 얼마나 지났는지",
    "jeongsan_usage_rows": "구역의 가장 새 사용량 날의 행",
    "jeongsan_usage_day_timestamp_seconds": "그날이 시작한 시각",
    "jeongsan_coverage_days": "가장 새 달의 날을 적용 범위별로",
    "jeongsan_missing_seconds": "가장 새 달에서 완전한 사용량이 없는 시간",
    "jeongsan_missing_worth_krw": "그 시간의 정가 추정",
    "jeongsan_findings": "아무도 결정하지 않은 확인할 사항",
    "jeongsan_findings_worth_krw": "그 정가",
    "jeongsan_findings_unpriced": "그 가운데 값을 모르는 것",
    "jeongsan_month": "달의 상태, 늘 1",
    "jeongsan_database_and_lake_agree": "데이터베이스와 레이크가 같은 번호를 아는지",
}
# What a run leaves when it ends.
RUN_FIGURES: Final = {
    "jeongsan_run_ended_timestamp_seconds": "마지막 실행이 끝난 시각",
    "jeongsan_run_seconds": "걸린 시간",
    "jeongsan_run_succeeded": "잘 끝났는지",
    "jeongsan_run_rows": "읽은 행을 기록별로",
}


@dataclass(slots=True)
class Exposition:
    """Figures with their labels, in the order of their names; each name is described once."""

    described: Mapping[str, str]
    _lines: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, value: int | str, labels: Labels | None = None) -> None:
        """One figure; KeyError for a name that nothing describes."""
        if name not in self.described:
            raise KeyError(name)
        pairs = ",".join(f'{key}="{_escaped(text)}"' for key, text in (labels or {}).items())
        self._lines.setdefault(name, []).append(f"{name}{{{pairs}}} {value}" if pairs else
                                                f"{name} {value}")  # fmt: skip

    @property
    def text(self) -> str:
        """All of it."""
        lines: list[str] = []
        for name, own in sorted(self._lines.items()):
            lines += [" ".join(("# HELP", name, self.described[name]))]
            lines += [" ".join(("# TYPE", name, "gauge")), *own]
        return "".join(f"{line}\n" for line in lines)


def seconds(ms: int) -> str:
    """Milliseconds as seconds with three decimals, exactly."""
    sign = "-" if ms < 0 else ""
    return f"{sign}{abs(ms) // 1000}.{abs(ms) % 1000:03d}"


def exposition(opened: OpenSite, now_ms: int) -> str:
    """The figures of a site at an instant (UTC ms), of which lag is counted."""
    shown = Exposition(SITE_FIGURES)
    shown.add("jeongsan_build_info", 1, {"version": program_version(PROJECT)})
    shown.add("jeongsan_asked_timestamp_seconds", seconds(now_ms))
    _sources(shown, opened, now_ms)
    try:
        book: RuleBook | None = read_rulebook(opened.site.rules)
    except Mistakes:
        book = None  # worth is unknown then, and not nothing
    newest = _usage(shown, opened)
    _coverage(shown, opened, newest, book)
    _findings(shown, opened, book)
    with opened.database.read() as connection:
        states = ledger.month_states(connection)
        agree = ends_apart(connection, opened.lake) is None
    for state in states:
        shown.add("jeongsan_month", 1, {"month": state.month, "state": state.state})
    shown.add("jeongsan_database_and_lake_agree", int(agree))
    return shown.text


def run_exposition(
    command: str, section: str, ended_ms: int, took_ms: int, ok: bool, rows: Mapping[str, int]
) -> str:
    """What a run that has just ended leaves."""
    shown = Exposition(RUN_FIGURES)
    labels = {"command": command, "section": section}
    shown.add("jeongsan_run_ended_timestamp_seconds", seconds(ended_ms), labels)
    shown.add("jeongsan_run_seconds", seconds(took_ms), labels)
    shown.add("jeongsan_run_succeeded", int(ok), labels)
    for record, count in sorted(rows.items()):
        shown.add("jeongsan_run_rows", count, {**labels, "record": record})
    return shown.text


def _sources(shown: Exposition, opened: OpenSite, now_ms: int) -> None:
    with opened.database.read() as connection:
        reached = {s.name: watermarks(connection, s.name) for s in opened.site.sections}
    for section in opened.site.sections:
        for source in section.sources:
            labels = {"section": section.name, "source": source.name}
            complete_ms = reached[section.name].get(source.name)
            shown.add("jeongsan_source_collected", int(complete_ms is not None), labels)
            if complete_ms is not None:
                shown.add("jeongsan_source_lag_seconds", seconds(now_ms - complete_ms), labels)


def _usage(shown: Exposition, opened: OpenSite) -> str | None:
    """Adds the newest day of each section; gives the newest month with any usage."""
    newest: dict[str, str] = {}
    for part in opened.lake.partitions("usage_day"):
        newest[part["cluster"]] = max(part["date"], newest.get(part["cluster"], ""))
    for section, day in sorted(newest.items()):
        manifest = opened.lake.manifest("usage_day", cluster=section, date=day)
        if manifest is not None:
            labels = {"section": section}
            begin = opened.site.calendar.day(date.fromisoformat(day)).start_ms
            shown.add("jeongsan_usage_rows", manifest.rows, labels)
            shown.add("jeongsan_usage_day_timestamp_seconds", seconds(begin), labels)
    return month_of(date.fromisoformat(max(newest.values()))) if newest else None


def _coverage(
    shown: Exposition, opened: OpenSite, month: str | None, book: RuleBook | None
) -> None:
    for section in coverage(opened, month, book) if month else ():
        labels = {"section": section.section}
        for symbol, state in STATES.items():
            count = section.symbols.count(symbol)
            shown.add("jeongsan_coverage_days", count, {**labels, "state": state})
        shown.add("jeongsan_missing_seconds", seconds(section.missing_ms), labels)
        if section.missing_krw is not None:
            shown.add("jeongsan_missing_worth_krw", section.missing_krw, labels)


def _findings(shown: Exposition, opened: OpenSite, book: RuleBook | None) -> None:
    """By severity, kind and section; every severity is told of, so that none is nothing."""
    with opened.database.read() as connection:
        decided = acknowledgements(connection)
        left = [f for f in findings(connection) if not is_decided(f, decided)]
    worth = worth_krw(left, book, opened.site.calendar) if book is not None else {}
    counts = Counter((f.severity, f.kind, f.cluster) for f in left)
    for (severity, kind, section), count in sorted(counts.items()):
        labels = {"severity": severity, "kind": kind, "section": section}
        shown.add("jeongsan_findings", count, labels)
    for severity in ("fail", "warn"):
        own = [finding for finding in left if finding.severity == severity]
        if book is not None:
            krw = sum(_known(worth, (f.key for f in own)))
            shown.add("jeongsan_findings_worth_krw", krw, {"severity": severity})
        unpriced = sum(finding.key not in worth for finding in own)
        shown.add("jeongsan_findings_unpriced", unpriced, {"severity": severity})


def _known(worth: Mapping[str, int], keys: Iterable[str]) -> Iterator[int]:
    return (worth[key] for key in keys if key in worth)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
