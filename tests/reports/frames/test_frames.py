"""Every table of a site as a DataFrame: as the stores have it, chosen by month, day and cluster."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from metering.errors import JeongsanError
from metering.site.open_site import OpenSite, open_site
from reports.frames.frames import frame, tables
from tests.builders.sites.command_line import MONTH
from tests.builders.sites.usage_site import HELD_MIB_S, done, issued, usage_site

pytestmark = pytest.mark.breadth


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSite]:
    """A site with an issued month."""
    site = open_site(issued(usage_site(tmp_path_factory.mktemp("frames") / "site")))
    yield site
    site.database.close()


def test_every_table_is_read_whole_and_holds_no_float(opened: OpenSite) -> None:
    named = tables(opened)
    assert {"usage_day", "charge", "subsidy", "finding", "invoice", "awards"} <= set(named)
    for name, description in named.items():
        assert description
        kinds = [str(kind) for kind in frame(opened, name).dtypes]
        assert kinds
        assert [kind for kind in kinds if "pyarrow" not in kind or "float" in kind] == [], name


def test_usage_is_as_the_lake_has_it_with_its_cluster(opened: OpenSite) -> None:
    usage = frame(opened, "usage_day", month=MONTH)
    lake = opened.lake.read("usage_day")
    assert list(usage.columns) == ["cluster", *lake.column_names]
    assert list(map(int, usage["quantity"])) == [
        int(q) for q in lake.column("quantity").to_pylist()
    ]
    stored = usage[usage["cluster"] == "disk"]
    assert sum(map(int, stored["quantity"])) == HELD_MIB_S


def test_rows_are_chosen_by_month_day_and_cluster(opened: OpenSite) -> None:
    one_day = frame(opened, "usage_day", days=[date(2025, 10, 6)], cluster="hpc")
    assert len(one_day) == 0
    assert len(frame(opened, "usage_day", days=[date(2025, 10, 9), date(2025, 10, 10)])) == 2
    assert set(frame(opened, "usage_hour", cluster="hpc")["cluster"]) == {"hpc"}
    for name in ("usage_day", "charge", "posting", "invoice", "invoice_line", "finding"):
        assert len(frame(opened, name, month=MONTH)) > 0, name
        assert len(frame(opened, name, month="2025-11")) == 0, name


def test_money_is_whole_won_and_adds_up(opened: OpenSite) -> None:
    invoices, lines = frame(opened, "invoice"), frame(opened, "invoice_line")
    charges = frame(opened, "charge", month=MONTH)
    assert str(invoices["charge_krw"].dtype) == "int64[pyarrow]"
    assert invoices["charge_krw"].sum() == lines["charge_krw"].sum() == charges["charge_krw"].sum()
    assert frame(opened, "posting")["amount_krw"].sum() == 0
    assert list(invoices["amends"].isna()) == [True] * len(invoices)


def test_sheets_are_as_the_registry_in_force(opened: OpenSite) -> None:
    awards = frame(opened, "awards")
    assert list(awards["award_id"]) == ["A-1"]
    assert (awards["cap_krw"][0], awards["from"][0]) == (100_000, date(2025, 10, 1))
    assert awards["quota"].isna().all()
    companies = frame(opened, "companies").set_index("company_id")
    assert companies.loc["C-1", "org_type"] == "sme"
    assert pd.isna(companies.loc["C-1", "relocated_on"])


def test_a_company_has_a_row_from_each_day_on_which_its_name_changes(
    opened: OpenSite, tmp_path: Path
) -> None:
    site = Path(shutil.copytree(opened.site.directory, tmp_path / "site"))
    sheet = site / "registry" / "companies.csv"
    header, *rows = sheet.read_text(encoding="utf-8").splitlines()
    renamed = rows[0].replace("[red]빨강[/red] :dog:", "파랑")
    lines = [f"{header},from", *(f"{row}," for row in rows), f"{renamed},2025-10-15"]
    sheet.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done(site, "load", "--yes")
    loaded = open_site(site)
    companies = frame(loaded, "companies")
    loaded.database.close()
    before, since = (row for _, row in companies[companies["company_id"] == "C-1"].iterrows())
    assert pd.isna(before["from"])
    assert since["from"] == date(2025, 10, 15)
    assert (before["name"], since["name"]) == ("[red]빨강[/red] :dog:", "파랑")
    assert (before["business_number"], before["place"]) == (
        since["business_number"],
        since["place"],
    )


@pytest.mark.parametrize(
    ("table", "chosen", "error"),
    [
        ("usage", {}, "the site has no table 'usage'; it has: allocation"),
        ("awards", {"month": MONTH}, "awards is not kept by day or month"),
        ("payment", {"month": MONTH}, "payment is not kept by day or month"),
        ("invoice", {"cluster": "hpc"}, "invoice is not kept by cluster"),
        ("charge", {"cluster": "hpc"}, "charge has no cluster"),
        ("usage_day", {"cluster": "mars"}, "no cluster or store 'mars'"),
        ("usage_day", {"month": "2025-13"}, "is no month"),
        ("usage_day", {"month": MONTH, "days": [date(2025, 10, 1)]}, "give a month or days"),
    ],
)
def test_what_cannot_be_chosen_by_is_an_error(
    opened: OpenSite, table: str, chosen: dict[str, object], error: str
) -> None:
    with pytest.raises(JeongsanError, match=error):
        frame(opened, table, **chosen)  # type: ignore[arg-type]
