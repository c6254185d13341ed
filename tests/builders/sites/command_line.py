"""A small site as files, and the command line run on it as a person would."""

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from typer import testing
from typer.main import get_command

from billing.paths import PACKAGED_RULES
from jeongsan.app import app

FAILED = {
    "error",
    "message",
    "error_kind",
    "exit_code",
    "what_to_do",
}  # what every failure has in JSON
MONTH = "2025-10"
FIRST = "2025-10-05"  # the first day on which anything ran
COMPLETE = "2025-11-01T00:10+09:00"
SITE = """
[site]
name = "[bold]시험[/bold] 센터"
timezone = "Asia/Seoul"
first_month = "2025-10"

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
paths = ["incoming/hpc.psv"]

[cluster.edge]
title = "엣지"

[[cluster.edge.source]]
name = "sacct"
kind = "slurm"
record = "allocation"
paths = ["incoming/edge.psv"]
"""
SHEETS = {
    "companies": """\
company_id,business_number,name,representative,address,business_type,business_item,org_type,size,\
place,founded_on,representative_birth_year,youth
C-1,220-81-62517,[red]빨강[/red] :dog:,김대표,광주,업태,종목,sme,small,광주,2015-01-01,1970,
C-2,124-81-00998,(주)둘째,이대표,서울,업태,종목,large,large,서울,2000-01-01,1960,
""",
    "projects": """\
project_id,company_id,name,started_on,ended_on
P-1,C-1,첫 과제,2025-10-01,
P-2,C-2,둘째 과제,2025-10-01,
""",
    "tenancy": """\
source,account,project_id,from,until
hpc,one,P-1,2025-10-01,
hpc,two,P-2,2025-10-01,
edge,two,P-2,2025-10-01,
""",
    "devices": """\
cluster,device_uid,model,resource,node,parent,slice,installed_at,removed_at,power_limit_w
hpc,GPU-1,h100,gpu,n1,,,2025-10-01T00:00:00+09:00,,700
hpc,GPU-2,h100,gpu,n1,,,2025-10-01T00:00:00+09:00,,700
edge,GPU-3,a100,gpu,e1,,,2025-10-20T00:00:00+09:00,2025-10-22T00:00:00+09:00,400
""",
    "awards": """\
award_id,programme,company_id,project_id,agreed_on,announced_on,from,until,agreement_number,quota,\
quota_unit,cap_krw,referrer,budget_year
A-1,AICA-2025R,C-1,,2025-09-25,2025-09-10,2025-10-01,2026-01-01,협약-1,,,100000,,2025
""",
    "set_aside": "source,account,reason,by\n",
}
HEADER = "JobIDRaw|Account|State|Submit|Start|End|AllocTRES"
JOBS = (
    ("1", "one", "2025-10-05T01:00:00", "2025-10-05T11:00:00", "h100=2"),
    ("2", "two", "2025-10-09T14:30:00", "2025-10-09T16:00:00", "h100=1"),
    ("3", "two", "2025-10-31T10:00:00", "Unknown", "h100=1"),  # still runs
)
EDGE_JOBS = (("4", "two", "2025-10-20T00:00:00", "2025-10-20T05:00:00", "a100=1"),)


@dataclass(frozen=True)
class Said:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document that it has to be."""
        return json.loads(self.out)


testing._get_command = cache(get_command)  # put together once: they are the same at each call


def run(site: Path, *arguments: str) -> Said:
    """Runs a command of jeongsan on a site."""
    result = testing.CliRunner().invoke(app, ["--site", str(site), *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def approve(site: Path, *more: str, month: str = MONTH, by: str = "김정산") -> Said:
    """Approves a month by name, by the digest of the draft that lies there."""
    drafted = run(site, "status", "--month", month, "--json").document["steps"]
    digest = drafted[-1]["draft"] if drafted else "0" * 64
    return run(site, "approve", month, "--digest", digest, "--by", by, *more)


def adjust(site: Path, *arguments: str, month: str = "") -> Said:
    """Looks at a correction and approves what was shown, with these arguments."""
    about = [month] if month else []
    seen = run(site, "adjust", *about, "--json").document
    digest = ["--digest", seen["digest"]] if "digest" in seen else []
    return run(site, "adjust", *about, "--approve", *digest, *arguments)


def flat(text: str) -> str:
    """Help without the frame that a terminal's width puts around it."""
    return re.sub(r"[\s│]+", " ", text)


def failing(said: Said) -> list[tuple[str, str, str]]:
    """The findings that stop a stage: kind, cluster and subject of each."""
    return [
        (finding["kind"], finding["cluster"], finding["subject"])
        for finding in said.document["findings"]
        if finding["severity"] == "fail"
    ]


def write_jobs(site: Path, cluster: str, jobs: Iterable[tuple[str, ...]]) -> None:
    lines = [
        f"{n}|{who}|{'RUNNING' if e == 'Unknown' else 'COMPLETED'}|{s}|{s}|{e}|gres/gpu:{tres}"
        for n, who, s, e, tres in jobs
    ]
    (site / "incoming").mkdir(exist_ok=True)
    text = "\n".join([HEADER, *lines, ""])
    (site / "incoming" / f"{cluster}.psv").write_text(text, encoding="utf-8")


def without_edge(site: Path) -> Path:
    """The site with its first cluster alone."""
    toml = (site / "site.toml").read_text(encoding="utf-8").split("[cluster.edge]")[0]
    (site / "site.toml").write_text(toml, encoding="utf-8")
    for name in ("tenancy", "devices"):
        path = site / "registry" / f"{name}.csv"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if not line.startswith("edge,"))
        path.write_text(kept, encoding="utf-8")
    return site


def write_site(site: Path) -> Path:
    """Writes the site: two clusters, two companies, four jobs of October 2025."""
    (site / "registry").mkdir(parents=True)
    (site / "site.toml").write_text(SITE, encoding="utf-8")
    for name, text in SHEETS.items():
        (site / "registry" / f"{name}.csv").write_text(text, encoding="utf-8")
    write_jobs(site, "hpc", JOBS)
    write_jobs(site, "edge", EDGE_JOBS)
    return site


def with_own_rules(site: Path) -> Path:
    """The site with a copy of the packaged rules as its own; gives their directory."""
    toml = (site / "site.toml").read_text(encoding="utf-8")
    (site / "site.toml").write_text(toml.replace("[issuer]", 'rules = "rules"\n[issuer]'), "utf-8")
    return Path(shutil.copytree(PACKAGED_RULES, site / "rules"))


def collect(site: Path, *more: str) -> Said:
    window = ("--from", "2025-10-01", "--to", "2025-11-01", "--complete-to", COMPLETE)
    return run(site, "collect", *window, *more)


def meter(site: Path) -> Said:
    """Meters the days on which each cluster ran."""
    said = run(site, "meter", "2025-10-01..2025-10-31", "--cluster", "hpc")
    return (
        run(site, "meter", "2025-10-20..2025-10-21", "--cluster", "edge") if not said.code else said
    )
