"""A month to ask about: as plain values, and as a site of six days."""

from collections.abc import Iterable
from pathlib import Path

from billing.month.pure_month import MonthResult
from billing.records import Usage
from billing.rulebook.rule_book import RuleBook
from billing.simulate.months_as_they_stand import ChainMonth
from metering.registry.registry import Registry
from tests.builders.rules_and_usage import SEOUL, close
from tests.builders.sites.command_line import (
    COMPLETE,
    JOBS,
    MONTH,
    approve,
    run,
    without_edge,
    write_jobs,
    write_site,
)

Job = tuple[str, ...]


def stood(
    usages: Iterable[Usage], rules: RuleBook, held: Registry, month: str = "2025-10"
) -> tuple[ChainMonth, MonthResult]:
    """A month as it stands, and its result, from plain values."""
    result = close(usages, rules, held, month)
    chain_month = ChainMonth(
        month=month,
        state="draft",
        calendar=SEOUL,
        registry=held,
        book=rules,
        opening=result.opening,
        charges=result.charges,
        days=tuple(sorted({usage.day for usage in result.usages})),
        missing=(),
        lake=None,  # type: ignore[arg-type]
        inputs=None,
        bundle=None,
    )
    return chain_month, result


def drafted_site(site: Path, jobs: Iterable[Job] = JOBS[:2], moved: str = "") -> Path:
    """The site of six days, drafted."""
    said = run(metered_site(site, jobs, moved), "draft", MONTH)
    assert said.code == 0, said.err
    return site


def metered_site(site: Path, jobs: Iterable[Job] = JOBS[:2], moved: str = "") -> Path:
    """A site of one cluster that ran for six days of October 2025, metered. `moved`: the day from
    which the account `one` is of P-2."""
    devices = without_edge(write_site(site)) / "registry" / "devices.csv"
    text = devices.read_text(encoding="utf-8")
    stay = "2025-10-05T00:00:00+09:00,2025-10-11T00:00:00+09:00,"
    devices.write_text(text.replace("2025-10-01T00:00:00+09:00,,", stay), encoding="utf-8")
    if moved:
        tenancy = site / "registry" / "tenancy.csv"
        was, rest = "hpc,one,P-1,2025-10-01,", tenancy.read_text(encoding="utf-8")
        assert was in rest
        left = f"{was}{moved}\nhpc,one,P-2,{moved},"
        tenancy.write_text(rest.replace(was, left), encoding="utf-8")
    write_jobs(site, "hpc", jobs)
    window = ("--from", "2025-10-05", "--to", "2025-10-11", "--complete-to", COMPLETE)
    for command in (
        ("load",), ("collect", *window), ("meter", "2025-10-05..2025-10-10")
    ):  # fmt: skip
        said = run(site, *command)
        assert said.code == 0, said.err
    return site


def issue(site: Path) -> Path:
    """The drafted month, issued."""
    assert approve(site).code == 0
    assert run(site, "issue", MONTH, "--on", "2025-11-03").code == 0
    return site
