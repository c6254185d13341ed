"""How long `jeongsan status` takes on a site of three years and 100,000 findings, a process each
time, as an operator waits for it; and `health`, which a probe asks every few seconds."""

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from metering.calendar import month_first_day, next_month
from metering.database.findings import replace_findings
from metering.database.tables import watermark
from metering.finding import Finding
from metering.site.open_site import OpenSite
from tests.builders.close_steps import close
from tests.builders.sites.close_site import MONTH, make_ground, put_month

DAYS = 1_096
SITE = """\
[site]
name = "시험 센터"
timezone = "Asia/Seoul"
first_month = "2025-10"
[issuer]
business_number = "124-81-00998"
name = "국가AI데이터센터"
representative = "김센터"
address = "광주광역시 북구"
business_type = "서비스"
business_item = "컴퓨팅 자원 대여"
[[cluster.gpu.source]]
name = "sacct"
kind = "slurm"
record = "allocation"
paths = ["incoming/none.psv"]
[[store.disk.source]]
name = "snapshots"
kind = "table"
record = "reading"
paths = ["incoming/none.csv"]
time_unit = "iso"
[store.disk.source.columns]
account = "account"
resource_id = "set"
started_ms = "from"
ended_ms = "until"
quantity = "mib"
[store.disk.source.constants]
source = "disk"
sku = "storage.parallel"
unit = "mib"
"""


def main() -> None:
    """Make the site once, then time the commands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--site", type=Path, help="keep the site there, and use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = options.site or Path(folder) / "site"
        if not (site / "site.toml").exists():
            make(site, options.months, options.findings)
        for command in (["status"], ["status", "--month", MONTH], ["health"]):
            report(site, command, options.runs)


def make(site: Path, months: int, findings: int) -> None:
    """All months issued but the last, and findings on every day of them."""
    opened = make_ground(site)
    month = MONTH
    for left in range(months, 0, -1):
        if month != MONTH:
            put_month(opened, month)
        if left > 1:
            close(opened, month, month_first_day(next_month(month)))
            month = next_month(month)
    put_findings(opened, findings)
    opened.database.close()
    (site / "site.toml").write_text(SITE, encoding="utf-8")


def put_findings(opened: OpenSite, count: int) -> None:
    """As many findings over three years, each with usage at stake, as metering leaves them."""
    first = date(2025, 10, 1).toordinal()
    kinds = ("unowned_usage", "late_run", "over_capacity", "identity_unchecked")
    several = [
        Finding(
            "warn", kinds[n % 4], "meter", "gpu", date.fromordinal(first + n % DAYS),
            f"account-{n // DAYS}", f"계정 {n // DAYS}: 3.25 장비시간",
            "gpu.h100:device_us:11700",
        )
        for n in range(count)
    ]  # fmt: skip
    with opened.database.begin() as connection:
        replace_findings(connection, "meter", "gpu", None, several)
        row = {"cluster": "gpu", "source": "none", "complete_to_ms": 0}
        connection.execute(sa.insert(watermark), [row])


def report(site: Path, command: list[str], runs: int) -> None:
    """The seconds of a command, its start among them: the quickest of several runs."""
    asked = [sys.executable, "-m", "jeongsan", "--site", str(site), *command]
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(asked, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        took.append(time.perf_counter() - began)
    print(f"jeongsan {' '.join(command)}: {min(took):.2f} s (of {runs})")


if __name__ == "__main__":
    main()
