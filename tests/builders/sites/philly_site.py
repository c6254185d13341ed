"""A site over the Philly trace: 15 accounts as companies, one cluster, as many devices as asked."""

import csv
import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path

SITE = """
[site]
name = "Philly"
timezone = "Asia/Seoul"
first_month = "2026-07"

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
paths = ["incoming/sacct.psv.gz"]
"""
DEVICES = 1_243  # the trace's peak of concurrent GPUs, 2026-09-12T23:03:38Z


def business_number(serial: int) -> str:
    nine = f"{700 + serial:03d}81{serial:04d}"
    weights = (1, 3, 7, 1, 3, 7, 1, 3, 5)
    total = sum(int(d) * w for d, w in zip(nine, weights, strict=True)) + int(nine[8]) * 5 // 10
    return f"{nine[:3]}-{nine[3:5]}-{nine[5:]}{(10 - total % 10) % 10}"


def write_site(directory: Path, trace: Path, devices: int = DEVICES) -> list[str]:
    """Writes the site, its dump linked to the trace; gives the accounts."""
    (directory / "incoming").mkdir(parents=True)
    (directory / "incoming" / "sacct.psv.gz").symlink_to(trace.resolve())
    (directory / "site.toml").write_text(SITE, encoding="utf-8")
    with gzip.open(trace, "rt", encoding="utf-8") as lines:
        header = next(lines).rstrip("\n").split("|")
        column = header.index("Account")
        accounts = sorted({line.split("|", column + 1)[column] for line in lines})
    registry = directory / "registry"
    registry.mkdir()
    write_csv(
        registry / "companies.csv",
        "company_id business_number name representative address business_type business_item "
        "org_type size place founded_on representative_birth_year youth",
        [
            (f"C-{n:02d}", business_number(n), f"기업 {account}", "대표", "주소", "업태", "종목",
             "sme", "small", "서울", "2015-01-01", 1970, "")
            for n, account in enumerate(accounts, 1)
        ],
    )  # fmt: skip
    write_csv(
        registry / "projects.csv",
        "project_id company_id name started_on ended_on",
        [
            (f"P-{n:02d}", f"C-{n:02d}", f"과제 {account}", "2026-07-01", "")
            for n, account in enumerate(accounts, 1)
        ],
    )
    write_csv(
        registry / "tenancy.csv",
        "source account project_id from until",
        [("hpc", account, f"P-{n:02d}", "2026-07-01", "") for n, account in enumerate(accounts, 1)],
    )
    write_csv(
        registry / "devices.csv",
        "cluster device_uid model resource node parent slice installed_at removed_at power_limit_w",
        [
            ("hpc", f"gpu-{n:04d}", "h100", "gpu", f"node-{n // 8:03d}", "", "",
             "2026-07-01T00:00:00+09:00", "", 700)
            for n in range(devices)
        ],
    )  # fmt: skip
    write_csv(registry / "set_aside.csv", "source account reason by", [])
    write_csv(
        registry / "awards.csv",
        "award_id programme company_id project_id agreed_on announced_on from until "
        "agreement_number quota quota_unit cap_krw referrer budget_year",
        [],
    )
    return accounts


def write_csv(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header.split())
        writer.writerows(rows)
