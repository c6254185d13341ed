"""Storage that an agreement leaves free is free to the won, once a project (SETTLEMENT 30, 43):
from the file of a store to the draft that a person reads."""

from pathlib import Path

import pytest

from tests.breadth import few
from tests.builders.sites.command_line import MONTH, SHEETS, collect, run, without_edge, write_site

STORE = """
[store.parallel]
title = "병렬 스토리지"

[[store.parallel.source]]
name = "snapshots"
kind = "table"
record = "reading"
paths = ["incoming/storage.csv"]
time_unit = "iso"
columns = { account = "who", resource_id = "set", started_ms = "from", ended_ms = "until", \
quantity = "mib" }
constants = { source = "parallel", sku = "storage.parallel", unit = "mib" }
"""
HOURS_KRW = 120_000  # 20 device hours within the first agreement's 300: free too
HEADING = SHEETS["awards"].splitlines()[0]
AWARDS = f"""{HEADING}
A-1,AIDC-BASE,C-1,P-1,2025-09-25,2025-09-10,2025-10-01,2026-01-01,협약-1,300,device_hours,,,2025
A-2,AIDC-BASE,C-1,P-1,2025-10-02,2025-10-01,2025-10-06,2026-01-01,협약-2,100,device_hours,,,2025
"""


@pytest.mark.parametrize(
    ("mib", "charge_krw", "company_krw"),
    few(
        1,
        [
            (19_073_488, 2_400_000, 1_200_000),  # 20 TB: 10 TB are free, by two agreements too
            (9_536_744, 1_200_000, 0),  # 10,000.0009 GB
            (9_545_000, 1_201_038, 1_038),
        ],
    ),
)
def test_free_storage_of_a_project_with_two_agreements(
    tmp_path: Path, mib: int, charge_krw: int, company_krw: int
) -> None:
    site = without_edge(write_site(tmp_path / "site"))
    with (site / "site.toml").open("a", encoding="utf-8") as toml:
        toml.write(STORE)
    (site / "registry" / "awards.csv").write_text(AWARDS, encoding="utf-8")
    with (site / "registry" / "tenancy.csv").open("a", encoding="utf-8") as tenancy:
        tenancy.write("parallel,one,P-1,2025-10-01,\n")
    days = [f"2025-10-{day:02d}T00:00:00+09:00" for day in range(1, 32)]
    ends = [*days[1:], "2025-11-01T00:00:00+09:00"]
    rows = [f"one,fs,{day},{end},{mib}" for day, end in zip(days, ends, strict=True)]
    (site / "incoming" / "storage.csv").write_text(
        "\n".join(["who,set,from,until,mib", *rows, ""]), encoding="utf-8"
    )
    steps = run(site, "load"), collect(site), run(site, "meter", "2025-10-01..2025-10-31")
    for said in (*steps, run(site, "draft", MONTH, "--by", "김정산", "--json")):
        assert said.code == 0, said.out + said.err
    invoice, _ = said.document["invoices"]
    assert invoice["company_id"] == "C-1"
    assert invoice["charge_krw"] == charge_krw + HOURS_KRW
    assert (invoice["company_krw"], invoice["vat_krw"]) == (company_krw, company_krw // 10)
