"""What the DAG tasks run: the command line's functions, their findings in the task log."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from billing.draft.draft import Draft
    from metering.calendar import Calendar, Period
    from metering.finding import Finding
    from metering.settings.site_toml import Site
    from metering.site.open_site import OpenSite
    from reports.notices.run_notices import RunNotice

Given = Mapping[str, str | None]  # what the form of a run was filled with
log = logging.getLogger("jeongsan")
ZONE = "Asia/Seoul"  # in which the timetables say hours, days and months
# What the timetables are called where people read of them
TITLES = {
    "collect_hourly": "시간별 수집",
    "scrape_targets": "지표 직접 수집",
    "meter_nightly": "야간 계량",
    "bill_monthly": "월 정산 마감",
    "report_monthly": "월 문서 작성",
    "check_weekly": "주간 파일 점검",
}
NOBODY = "site.toml names nobody to tell: no [notices.mail], no [notices.webhook]"
UNNAMED_MS = 7 * 24 * 3_600_000  # how long a file that nothing names stays (METERING 28)


class _Korean(logging.Filter):
    """A task's log reads as the screens do."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Puts a line into Korean; none is left out."""
        from reports.wording.shown_text import korean

        record.msg, record.args = korean(record.getMessage()), ()
        return True


log.addFilter(_Korean())


def _directory() -> Path:
    return Path(os.environ.get("JEONGSAN_SITE", "."))


@contextmanager
def _opened(task: str = "", **of: str) -> Iterator["OpenSite"]:  # a named run is told of
    from jeongsan.clock import now_ms
    from reports.operations.run_log import running

    with running(task, now_ms, **of) if task else nullcontext(), _site() as opened:
        yield opened


@contextmanager
def _site() -> Iterator["OpenSite"]:
    from billing.ledger.number_register import settle
    from metering.errors import JeongsanError
    from metering.site.open_site import open_site

    opened = open_site(_directory())
    try:
        _same_zone(opened.site)
        if (apart := settle(opened.database, opened.lake)) is not None:
            log.warning("%s", apart.text)
        yield opened
    except JeongsanError as error:
        log.error("%s", error)
        raise
    finally:
        opened.database.close()


def _same_zone(site: "Site") -> None:
    """A key of a run is an hour or a day of the timetables, and is read as one of the site's."""
    from metering.errors import TimeError

    if site.timezone != ZONE:
        raise TimeError(
            f"site.toml: timezone {site.timezone}: the timetables in dags/ are of {ZONE};"
            " write the site's zone there and in dags/stages.py"
        )


def _show(findings: Sequence["Finding"]) -> None:
    from metering.repeated_findings import by_cause

    for cause in by_cause(findings):
        level = logging.ERROR if cause.severity == "fail" else logging.WARNING
        first = cause.first
        place = " ".join(part for part in (first.cluster, cause.span) if part)
        key = first.key if cause.days == 1 else f"{cause.days} days"
        log.log(level, "%s %s: %s [%s]", first.kind, place, first.detail, key)


def _progress(what: str, done: int, total: int) -> None:
    if done == total:
        log.info("%s: %s/%s", what, done, total)


def _key(key: str | None, params: Given, name: str) -> str:
    given = key or params.get(name)
    if not given:
        raise ValueError(f"give the {name} in the form, or as the partition key")
    return given


def day_of(key: str | None, params: Given) -> str:
    """The accounting day of a run: its partition key, or else `day` given by hand."""
    from metering.calendar import read_date

    return str(read_date(_key(key, params, "day")))


def month_of(key: str | None, params: Given) -> str:
    """The month of a run: its partition key, or else `month` given by hand."""
    from metering.calendar import read_month

    return read_month(_key(key, params, "month"))


def hours_of(key: str | None, params: Given, calendar: "Calendar") -> "Period":
    """What a run collects: `from` and `to` given by hand, else the hour of its partition key."""
    from metering.calendar import HOUR_MS, Period

    first, last = params.get("from"), params.get("to")
    if first and last:
        return Period(calendar.moment(first), calendar.moment(last))
    if first or last or not key:
        raise ValueError("give the hour as the partition key (2025-10-05T14), or `from` and `to`")
    start_ms = calendar.instant(f"{key}:00", naive="site")
    return Period(start_ms, start_ms + HOUR_MS)


def sections() -> list[str]:
    """The clusters and stores of the site, one mapped task each."""
    from metering.settings.site_toml import read_site

    site = read_site(_directory())
    _same_zone(site)
    return [section.name for section in site.sections]


def collect(section: str, key: str | None, params: Given) -> None:
    """Collects one section; SourceError when a source gave nothing."""
    from metering.collect.collect import collect as run
    from metering.errors import SourceError
    from reports.operations.run_log import counted

    with _opened("collect", section=section, hour=key or "") as opened:
        calendar = opened.site.calendar
        window = hours_of(key, params, calendar)
        complete_to = params.get("complete_to")
        limit = calendar.moment(complete_to) if complete_to else None
        log.info("from %s to %s", calendar.iso(window.start_ms), calendar.iso(window.end_ms))
        for collected in run(opened, window, [section], limit, _progress, "others"):
            counted(section, collected.rows)
            for record, count in collected.rows.items():
                refused, left_out = collected.quarantined[record], dict(collected.left_out[record])
                said = (count, collected.landed(record), left_out, refused)
                log.info(
                    "%s %s: %d rows, %d landed, left out %s, %d refused", section, record, *said
                )
            _show(collected.findings)
            if collected.failed:
                raise SourceError(f"{section}: the findings above stop its collecting")


def scrape() -> None:
    """Asks the exporters that the site asks directly for what they say now."""
    from jeongsan.clock import scraped_window
    from metering.collect.collect import collect as run
    from metering.errors import SourceError

    with _opened() as opened:
        failed = []
        for collected in run(opened, scraped_window(), None, None, _progress, "targets"):
            log.info("%s: %s", collected.section, collected.rows)
            _show(collected.findings)
            failed += [collected.section] if collected.failed else []
        if failed:
            raise SourceError(f"{', '.join(failed)}: the findings above stop the scrape")


def meter(section: str, day: str) -> None:
    """Meters one section's day; `fail` findings are shown and stop the month, not the night."""
    from billing.adjust.restatement import restate
    from metering.calendar import read_date
    from metering.usage.meter import meter as run

    with _opened("meter", section=section, day=day) as opened:
        _show(run(opened, [read_date(day)], [section], _progress))
        for changed in restate(opened):
            kind = "quantities" if changed.billed else "evidence only"
            text = "%s is issued, and %s of it has changed: %s"
            log.warning(text, changed.month, changed.day, kind)


def meter_changed(month: str) -> None:
    """Meters the month's days whose inputs have changed since; an issued month's stay."""
    from billing.ledger.ledger import month_state
    from metering.calendar import month_first_day, month_last_day
    from metering.usage.meter import meter as run
    from metering.usage.outdated_days import outdated

    with _opened() as opened:
        with opened.database.read() as connection:
            if month_state(connection, month).state == "issued":
                return
        stale = outdated(opened, month_first_day(month), month_last_day(month))
        for section in sorted({name for name, _ in stale}):
            _show(
                run(opened, [day for name, day in stale if name == section], [section], _progress)
            )


def days_to_announce() -> dict[str, str]:
    """The days that have become complete and were not announced yet, with their digests; and all
    days of a month that is complete since an earlier night and that nobody drafted: who was told of
    them forgot it."""
    from billing.close.undrafted_month import undrafted_days
    from metering.usage.complete_days import complete_days

    with _opened() as opened:
        days = {str(day): digest for day, digest in complete_days(opened).items()}
        again = {str(day): digest for day, digest in undrafted_days(opened).items()}
    log.info("complete: %s", ", ".join(days) or "no further day")
    if again:
        first = min(again)
        text = "%s is complete, was announced, and nobody drafted it: its days are announced again"
        log.warning(text, first[:7])
    return again | days


def record_announced(days: Mapping[str, str]) -> None:
    """Records days as announced."""
    from metering.calendar import read_date
    from metering.usage.complete_days import record_announced as run

    with _opened() as opened:
        run(opened, {read_date(day): digest for day, digest in days.items()})


def sweep() -> None:
    """Removes the lake's files that nothing names any more, a week after they were written."""
    from billing.close.issued_month import kept_files
    from jeongsan.clock import now_ms

    with _opened() as opened:
        removed = opened.lake.sweep(UNNAMED_MS, now_ms(), kept_files(opened))
        log.info("%s files removed that nothing names", len(removed))


def check() -> None:
    """Reads every file of the lake against its digest; CheckError names how many are broken."""
    from billing.verify.check_site import check_site
    from jeongsan.clock import MIB_A_SECOND, paced
    from metering.errors import CheckError

    with _opened("check") as opened:
        checked = check_site(opened, paced(MIB_A_SECOND), _progress)
    log.info("%s files, %s bytes read; nothing names %s", checked.files, checked.size,
             len(checked.unnamed))  # fmt: skip
    for broken in checked.broken:
        months = " ".join(checked.months[broken.path]) or "-"
        log.error("%s: %s; issued months that it proves: %s", broken.path, broken.what, months)
    if checked.broken:
        raise CheckError(f"{len(checked.broken)} files are broken: `jeongsan repair`")


def alarm() -> None:
    """Tells people of the quotas and budgets that have newly reached a mark; nobody, where the site
    names nobody to tell."""
    from jeongsan.clock import now_ms
    from reports.quota.alarm_messages import send_alarms
    from reports.quota.limits_view import limits_of_day

    with _opened() as opened:
        if opened.site.notices.silent:
            log.info(NOBODY)
            return
        for channel, names in send_alarms(opened, limits_of_day(opened), now_ms()):
            log.warning("%s: %s", channel, ", ".join(names) or "no further mark")


def draft(month: str, by: str = "") -> dict[str, str] | None:
    """Drafts the month: its digest, to which an approval binds, and what the approver reads.
    None when it is issued. `by` is who started the run by hand."""
    from billing.close.draft_month import draft as run
    from billing.ledger.ledger import month_state
    from billing.ledger.month_history import Who
    from jeongsan.clock import now_ms
    from reports.readiness.approval_text import approval_text
    from reports.readiness.readiness import ready

    with _opened("draft", month=month) as opened:
        with opened.database.read() as connection:
            if month_state(connection, month).state == "issued":
                return None
        drafted = run(opened, month, Who(by or "airflow", now_ms(), by))
        deadline = _deadline(opened, drafted)
        body = approval_text(ready(opened, drafted), deadline)
    _show(drafted.findings)
    return {"month": month, "digest": drafted.digest, "body": body, "deadline": deadline}


def _deadline(opened: "OpenSite", drafted: "Draft") -> str:
    """The last day for the month's tax invoices, and what it may cost to be a day late."""
    from datetime import timedelta

    from billing.close.issue_date import lateness
    from billing.rulebook.rule_book import read_rulebook
    from metering.calendar import tax_invoice_deadline
    from reports.readiness.audit_view import deadline_text

    month, holidays = drafted.month, opened.site.holidays
    deadline = tax_invoice_deadline(month, holidays)
    rules, invoices = read_rulebook(opened.site.rules).tax, drafted.closing.invoices
    late = lateness(month, deadline + timedelta(days=1), invoices, rules, holidays)
    return deadline_text(deadline, late)


def approve_and_issue(
    month: str, digest: str, by: str, on: str | None, late: bool = False, account: str = ""
) -> None:
    """Approves the draft of the page that the person answered, and issues the month; again, it
    changes nothing. `account` is under which name the person was signed in, `late` whether a day
    after the tax documents' last is meant."""
    from billing.close.approve_month import approve
    from billing.close.issue_month import issue
    from billing.ledger.ledger import month_state
    from billing.ledger.month_history import Who
    from jeongsan.clock import now_ms, today
    from metering.calendar import read_date

    with _opened("issue", month=month) as opened:
        with opened.database.read() as connection:
            before = month_state(connection, month)
        if (before.state, before.digest) != ("issued", digest):
            approve(opened, month, by=by, digest=digest, at_ms=now_ms(), account=account)
        day = read_date(on) if on else today(opened.site)
        issued = issue(opened, month, day, Who(by, now_ms(), account), late)
        log.info("%s issued: %s invoices", month, len(issued.invoices))


def approvers() -> list[str]:
    """The logins that may approve; none where the site does not say."""
    from metering.settings.site_toml import read_site

    return list(read_site(_directory()).approvers)


def tell_waiting(drafted: Mapping[str, str], run: str, link: str) -> None:
    """Tells people that a draft waits for them."""
    from reports.notices.run_notices import approval_waits

    _tell(approval_waits(drafted["month"], drafted["digest"], drafted["deadline"], run, link))


def tell_failed(run: Mapping[str, str], task: str) -> None:
    """Tells people that a run failed; of a timetable that somebody renamed, by its new name."""
    from reports.notices.run_notices import run_failed

    title = TITLES.get(run["dag"], run["dag"])
    _tell(run_failed(title, run["of"], task, run["run"], run["link"]))


def _tell(notice: "RunNotice") -> None:
    """A run neither fails nor waits because somebody could not be told of it."""
    from jeongsan.clock import now_ms
    from metering.errors import JeongsanError
    from reports.notices.run_notices import tell

    try:
        with _opened() as opened:
            if opened.site.notices.silent:
                return log.info(NOBODY)
            for untold in tell(opened, notice, now_ms()):
                log.error("not told: %s", untold)
    except JeongsanError as error:
        log.error("not told: %s", error)
        return
    log.info("told: %s", notice.subject)


def report(month: str) -> list[str]:
    """Renders the month's documents and gives their paths."""
    from reports.documents import render_month

    with _opened("report", month=month) as opened:
        paths = [str(path) for path in render_month(opened, month, _progress)]
    for path in paths:
        log.info("%s", path)
    return paths
