"""A small centre whose year is closed by the commands that people type, month after month.

Two cards stand for two days of each month of 2026. A is supported by P, out of budgets that end,
B by Q, within a quota that ends, C by nobody. In April B's award gets its quota, in June B is
called otherwise, in July P's budgets grow, in September two hours of C's August come late and are
corrected. Whoever owes pays in the month after. In February 2027 both programmes are settled.
"""

import importlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
import typer.testing

from billing.close.issue_month import issue
from billing.paths import PACKAGED_RULES
from billing.payment.receivables import dues
from metering.calendar import Calendar, month_last_day
from metering.database.decisions import waive
from metering.site.open_site import OpenSite, open_site
from tests.builders.rules_and_usage import PF, caps, price, programme, source
from tests.builders.sites.adjust_site import write_rules
from tests.builders.sites.command_line import HEADER, Said, run

MONTHS = tuple(f"2026-{number:02d}" for number in range(1, 13))
QUOTA_FROM, RENAMED, BUDGET_FROM, CORRECTED = (
    "2026-04", "2026-06", "2026-07", "2026-09",
)  # fmt: skip
LATE = "9"  # the job of August that is told in September
FIRST, GONE = 5, 7  # the days of a month on which the cards come and go
BY = ("--by", "김정산")
WHY = ("--reason", "시험")
CALENDAR = Calendar("Asia/Seoul")
CLOCKS = ("jeongsan.clock", "jeongsan.invocation", "jeongsan.night", "jeongsan.questions")
BANK = "거래일시,적요,보낸분,출금액,입금액,잔액"
SITE = """
[site]
name = "시험 센터"
timezone = "Asia/Seoul"
first_month = "2026-01"
rules = "rules"

[issuer]
business_number = "990-80-12346"
name = "시험 사업단"
representative = "홍길동"
address = "광주광역시"
business_type = "서비스업"
business_item = "컴퓨팅"

[cluster.hpc]
title = "HPC"

[[cluster.hpc.source]]
name = "sacct"
kind = "slurm"
record = "allocation"
paths = ["incoming/hpc-*.psv"]
"""
COMPANIES = """\
company_id,business_number,name,representative,address,business_type,business_item,org_type,size,\
place,founded_on,representative_birth_year,youth,from,relocated_on
A,220-81-62517,가나전산,김대표,광주,업태,종목,sme,small,광주,2015-01-01,1970,,,
B,124-81-00998,다라연구,이대표,서울,업태,종목,sme,small,서울,2000-01-01,1960,,,
C,120-81-47521,마바기술,박대표,서울,업태,종목,sme,small,서울,2001-01-01,1961,,,
"""
NEW_NAME = "B,,다라에이아이,,,,,sme,small,서울,,,,2026-06-01,\n"
PROJECTS = "project_id,company_id,name,started_on,ended_on\n" + "".join(
    f"{company}-1,{company},{company} 과제,2026-01-01,\n" for company in "ABC"
)
TENANCY = "source,account,project_id,from,until\n" + "".join(
    f"hpc,{company.lower()},{company}-1,2026-01-01,\n" for company in "ABC"
)
AWARDS = """\
award_id,programme,company_id,project_id,agreed_on,announced_on,from,until,agreement_number,quota,\
quota_unit,cap_krw,referrer,budget_year
PA,P,A,,2025-12-20,2025-12-10,2026-01-01,2027-01-01,협약-1,,,3000000,,2026
QB,Q,B,,2025-12-20,2025-12-10,2026-01-01,2027-01-01,협약-2,,,,,2026
"""
QUOTA = ("협약-2,,,", "협약-2,200,device_hours,")
SET_ASIDE = "source,account,reason,by\n"


def day_of(month: str, day: int) -> date:
    return date.fromisoformat(f"{month}-{day:02d}")


def devices() -> str:
    """Two cards for two days of each month, under names of that month."""
    head = (
        "cluster,device_uid,model,resource,node,parent,slice,installed_at,removed_at,power_limit_w"
    )
    rows = [
        f"hpc,GPU-{month[5:]}-{n},h100,gpu,n1,,,{month}-{FIRST:02d}T00:00:00+09:00,"
        f"{month}-{GONE:02d}T00:00:00+09:00,700"
        for month in MONTHS
        for n in (1, 2)
    ]
    return "\n".join([head, *rows, ""])


def jobs_of(month: str, more: str = "", hours: int = 2) -> str:
    """What sacct lists of a month: 40 hours of A, 24 of B, some of C, and those of one more job of
    C where it has a name; in UTC."""
    number = int(month[5:])

    def job(name: str, account: str, day: int, hour: int, hours: int, cards: int) -> str:
        start = CALENDAR.moment(f"{month}-{day:02d}T{hour:02d}:00+09:00")
        spans = [_utc(start), _utc(start + hours * 3_600_000)]
        listed = (
            f"{number}{name}",
            account,
            "COMPLETED",
            spans[0],
            *spans,
            f"gres/gpu:h100={cards}",
        )
        return "|".join(listed)

    rows = [job("1", "a", 5, 0, 20, 2), job("2", "b", 6, 0, 24, 1), job("3", "c", 6, 0, number, 1)]
    rows += [job(more, "c", 6, 20 if more == LATE else 22, hours, 1)] if more else []
    return "\n".join([HEADER, *rows, ""])


def _utc(ms: int) -> str:
    return CALENDAR.iso(ms - 9 * 3_600_000)[:19]


def rule_texts(krw: int, years: str = "2026") -> dict[str, str]:
    """P pays 80 % out of two budgets of a size, Q all; tax and amendments as they are packaged."""
    packaged = {
        name: (PACKAGED_RULES / name).read_text(encoding="utf-8")
        for name in ("tax.yaml", "amendments.yaml")
    }
    shared = [
        source("national", "0.7", {years: krw * 7 // 10}),
        source("city", "0.3", {years: krw * 3 // 10}),
    ]
    return {
        **packaged,
        "pf.yaml": PF,
        **price("gpu.h100", "6000"),
        **programme("P", "0.2", order=10, funding=shared, more=caps(award_month=190_000)),
        **programme("Q", "0", order=20, funding=[source("national", "1", {"2026": 5_000_000})]),
    }


@dataclass
class Centre:
    """The site's directory, and the day that its people believe it is."""

    site: Path
    set_today: Callable[[date], None]
    digest: str = ""  # of what was looked at last: a draft, a correction, a settlement
    dumps: int = 0  # collected so far

    def type(self, *words: str) -> Said:
        """A command as a person types it."""
        return run(self.site, *words)

    def done(self, *words: str) -> Said:
        """A command that has to be done."""
        said = self.type(*words)
        assert said.code == 0, (words, said.err, said.out)
        return said

    def opened(self) -> OpenSite:
        return open_site(self.site)

    def edit(self, sheet: str, old: str, new: str) -> Callable[[], None]:
        """Writes something else in a sheet, once; gives what writes it back."""
        path = self.site / "registry" / f"{sheet}.csv"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (sheet, old)
        path.write_text(text.replace(old, new), encoding="utf-8")
        return lambda: (path.write_text(text, encoding="utf-8"), None)[1]

    def row(self, sheet: str, start: str) -> str:
        """The first row of a sheet that begins so."""
        lines = (self.site / "registry" / f"{sheet}.csv").read_text(encoding="utf-8").splitlines()
        return next(line for line in lines if line.startswith(start))

    def tables(self, *but: str) -> str:
        """A digest of every row of every table but these, and of which documents lie there."""
        lines = [str(sorted((self.site / "documents").rglob("*")))]
        with sqlite3.connect(self.site / "jeongsan.db") as database:
            names = [
                row[0]
                for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for name in sorted({*names} - {*but}):
                rows = database.execute(f'SELECT * FROM "{name}"')  # noqa: S608 (a table's name)
                lines += [name, *sorted(map(repr, rows))]
        return sha256("\n".join(lines).encode()).hexdigest()

    def rest(self) -> None:
        """Lets the days pass on which nothing runs."""
        with self.opened().database.begin() as connection:
            for day in (day for month in MONTHS for day in CALENDAR.month_days(month)):
                if not FIRST <= day.day < GONE:
                    waive(connection, "hpc", day, "쉼", "김정산")

    # -- the steps of a month, as they have to be ------------------------------------------------

    def load(self, month: str) -> None:
        """The registry and the rules as they are in a month, where they change."""
        self.set_today(day_of(month, 20))
        if month not in (MONTHS[0], QUOTA_FROM, RENAMED, BUDGET_FROM):
            return
        companies = COMPANIES + (NEW_NAME if month >= RENAMED else "")
        awards = AWARDS.replace(*QUOTA) if month >= QUOTA_FROM else AWARDS
        sheets = {
            "companies": companies, "projects": PROJECTS, "tenancy": TENANCY,
            "devices": devices(), "awards": awards, "set_aside": SET_ASIDE,
        }  # fmt: skip
        for name, text in sheets.items():
            (self.site / "registry").mkdir(parents=True, exist_ok=True)
            (self.site / "registry" / f"{name}.csv").write_text(text, encoding="utf-8")
        later = month >= BUDGET_FROM
        write_rules(self.site, rule_texts(2_000_000 if later else 1_500_000))
        self.done("load", "--yes")

    def put(self, month: str, name: str = "") -> Path:
        """The dump of a month where the site looks for it."""
        (self.site / "incoming").mkdir(exist_ok=True)
        path = self.site / "incoming" / f"hpc-{name or month}.psv"
        path.write_text(jobs_of(month), encoding="utf-8")
        return path

    def window(self, month: str) -> tuple[str, ...]:
        """What is collected of a month, each time by a dump that is complete a minute further."""
        last = f"{month}-{GONE:02d}"
        complete = f"{last}T{6 + self.dumps // 60:02d}:{self.dumps % 60:02d}+09:00"
        self.dumps += 1
        return ("--from", f"{month}-{FIRST:02d}", "--to", last, "--complete-to", complete)

    def tell(self, month: str, job: str, hours: int = 2) -> None:
        """A later dump, which tells of one more job of C; with no hours it takes it away again."""
        self.put(month).write_text(jobs_of(month, job, hours), encoding="utf-8")
        self.done("collect", *self.window(month))
        self.meter(month)

    def collect(self, month: str) -> None:
        self.put(month)
        self.done("collect", *self.window(month))

    def days(self, month: str) -> str:
        return f"{month}-{FIRST:02d}..{month}-{GONE - 1:02d}"

    def meter(self, month: str) -> None:
        self.done("meter", self.days(month))

    def draft(self, month: str) -> None:
        self.set_today(issue_day(month))
        self.digest = str(self.done("draft", month, "--json").document["digest"])

    def approve(self, month: str) -> None:
        self.done("approve", month, "--digest", self.digest, *BY)

    def issue(self, month: str) -> None:
        """Issued; the documents are made at the end of the year."""
        issue(self.opened(), month, issue_day(month))

    def pay(self, month: str) -> None:
        """What was issued of a month, paid in the middle of the next."""
        self.set_today(issue_day(month) + timedelta(12))
        self.done("pay", str(self.bank_list(month)), *BY)

    def bank_list(self, month: str, head: str = BANK, name: str = "") -> Path:
        """The bank's list of the money that comes for a month: a row a document."""
        path = self.site / f"{name or 'bank'}-{month}.csv"
        if path.exists():
            return path
        on = issue_day(month) + timedelta(10)
        with self.opened().database.read() as connection:
            owed = [due for due in dues(connection) if due.open_krw > 0]
        rows = [
            f'{on} 10:00:{n:02d},{due.number},{due.company},,"{due.open_krw:,}",'
            for n, due in enumerate(owed)
        ]
        path.write_text("\r\n".join([head, *rows, ""]), encoding="utf-8-sig")
        return path

    def correct(self, month: str) -> None:
        """Two hours of C's August, which were told in September; what it paid goes back to it."""
        self.set_today(corrected_on(month))
        self.tell("2026-08", LATE)
        self.digest = str(self.done("adjust", "--json").document["digest"])
        self.done("adjust", "--approve", "--digest", self.digest, *BY, *WHY)
        self.done("credit", "C", "--refund", *BY, *WHY)

    def fund(self) -> None:
        """The first money of the state."""
        self.set_today(day_of("2027-01", 20))
        self.done("fund", "P", "2026", "national", "received", "1000000", *BY, *WHY)

    def file(self) -> None:
        """Both settlements of the year."""
        self.set_today(day_of("2027-02", 20))
        for name in ("P", "Q"):
            self.digest = str(self.done("grant", name, "2026", "--json").document["digest"])
            self.done("grant", name, "2026", "--file", "--digest", self.digest, *BY)


def issue_day(month: str) -> date:
    """The fifth of the month after."""
    return month_last_day(month) + timedelta(5)


def corrected_on(month: str) -> date:
    """The day of a correction: between the month's issue and its payments."""
    return issue_day(month) + timedelta(3)


@contextmanager
def a_centre(site: Path) -> Iterator[Centre]:
    """A centre, new or as it lies there, whose people know no other day than the year's."""
    with pytest.MonkeyPatch.context() as patch:

        def set_today(day: date) -> None:
            now_ms = CALENDAR.day(day).start_ms + 10 * 3_600_000
            for module in CLOCKS:
                patch.setattr(importlib.import_module(module), "now_ms", lambda: now_ms)

        for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TERMINAL_WIDTH"):
            patch.delenv(name, raising=False)
        patch.setenv("COLUMNS", "100")
        # hundreds of commands: what typer makes of the app is the same each time
        patch.setattr("typer.testing._get_command", cache(typer.testing._get_command))
        patch.setattr("jeongsan.clock.login", lambda: "kim")
        site.mkdir(parents=True, exist_ok=True)
        (site / "site.toml").write_text(SITE, encoding="utf-8")
        yield Centre(site, set_today)
