"""A metered month of a small cluster."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from billing.close.issued_month import IssuedMonth, issued_month
from billing.ledger.ledger import month_state
from metering.site.open_site import open_site
from metering.usage.complete_days import complete_days, record_announced
from tests.builders.sites.command_line import (
    JOBS,
    MONTH,
    SHEETS,
    collect,
    run,
    without_edge,
    write_jobs,
    write_site,
)
from tests.paths import ROOT

LAST_DAY, LAST_HOUR = "2025-10-31", "2025-10-31T23"
ISSUED_ON = "2025-11-03"
OURS = ("5", "ops", f"{LAST_DAY}T08:00:00", f"{LAST_DAY}T08:45:00", "h100=1")  # set aside


def collected_month(site: Path) -> Path:
    """A small cluster's month, collected: no day of it is metered."""
    without_edge(write_site(site))
    (site / "registry" / "set_aside.csv").write_text(
        SHEETS["set_aside"] + "hpc,ops,운영 점검,김정산\n", encoding="utf-8"
    )
    write_jobs(site, "hpc", [*JOBS, OURS])
    for said in (run(site, "load"), collect(site)):
        assert said.code == 0, said.err
    return site


@pytest.fixture
def metered_month(tmp_path: Path) -> Path:
    """That month, metered; copy it before changing it."""
    site = collected_month(tmp_path / "metered")
    said = run(site, "meter", "2025-10-01..2025-10-31")
    assert said.code == 0, said.err
    return site


def announced_elsewhere(site: Path, days: int) -> None:
    """The first days were announced to an Airflow that is no more, or to a DAG of another name."""
    opened = open_site(site)
    with opened.database:
        known = complete_days(opened)
        record_announced(opened, {day: known[day] for day in sorted(known)[:days]})


def state_of(site: Path) -> str:
    with open_site(site).database as database, database.read() as connection:
        return month_state(connection, MONTH).state


def issued_at(site: Path) -> IssuedMonth:
    opened = open_site(site)
    with opened.database:
        return issued_month(opened, MONTH)


def source(name: str) -> ast.Module:
    return ast.parse((ROOT / "dags" / f"{name}.py").read_text(encoding="utf-8"))


def python(code: str, home: Path, **variables: str) -> str:
    """What a new interpreter prints, with Airflow's state below `home`."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"AIRFLOW_HOME": str(home / "airflow")} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]
