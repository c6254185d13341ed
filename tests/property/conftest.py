"""What properties of usage and of the example's month stand on, made once a file."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from billing.close.approve_month import approve
from billing.close.draft_month import draft
from billing.close.issue_month import issue
from billing.close.issued_month import IssuedMonth, issued_month
from metering.database.findings import findings
from metering.finding import Finding
from metering.site.open_site import OpenSite, open_site
from metering.usage.duckdb_engine import Engine
from reports.documents import render_month
from tests.builders.sites.example_month import MONTH, copy_site

ON = date(2025, 11, 3)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="module")
def metered(metered_example: Path) -> Iterator[OpenSite]:
    """The metered month, to be read only."""
    opened = open_site(metered_example)
    yield opened
    opened.database.close()


@pytest.fixture(scope="module")
def month(metered_example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of its own whose month is issued and has its documents."""
    site = copy_site(metered_example, tmp_path_factory.mktemp("issued") / "site")
    opened = open_site(site)
    drafted = draft(opened, MONTH)
    approve(opened, MONTH, "김정산", drafted.digest)
    issue(opened, MONTH, ON)
    render_month(opened, MONTH)
    opened.database.close()
    return site


@pytest.fixture(scope="module")
def closed(month: Path) -> Iterator[OpenSite]:
    opened = open_site(month)
    yield opened
    opened.database.close()


@pytest.fixture(scope="module")
def issued(closed: OpenSite) -> IssuedMonth:
    return issued_month(closed, MONTH)


@pytest.fixture(scope="module")
def month_findings(metered: OpenSite) -> list[Finding]:
    with metered.database.read() as connection:
        return findings(connection)


# what was used
