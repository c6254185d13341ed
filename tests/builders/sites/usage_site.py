"""A site whose usage is compared: jobs, a store of quantities beyond 2^53, an account set aside."""

from pathlib import Path

from tests.builders.explained_month import metered_site
from tests.builders.sites.command_line import COMPLETE, JOBS, MONTH, approve, run, write_jobs

MIB = 1_000_000_000_003  # a level that no spreadsheet's number can hold as MiB seconds of a day
HELD_MIB_S = (86_400 + 1) * MIB  # of one day and one second
FORMULA = "=HYPERLINK(1)"  # why an account is set aside
BURN = ("3", "burn", "2025-10-06T00:00:00", "2025-10-06T00:00:07", "h100=1")
LATE = (
    ("4", "two", "2025-10-08T01:00:00", "2025-10-08T02:00:01", "h100=1"),
    ("5", "ghost", "2025-10-08T03:00:00", "2025-10-08T03:20:00", "h100=1"),
)
STORE = """
[store.disk]
title = "저장소"

[[store.disk.source]]
name = "volumes"
kind = "table"
record = "reading"
paths = ["incoming/volumes.csv"]
columns = { account = "who", resource_id = "id", started_ms = "f", ended_ms = "u", quantity = "q" }
constants = { sku = "storage.parallel", unit = "mib", source = "disk" }
"""
VOLUMES = f"""\
who,id,f,u,q
one,v-1,2025-10-06T00:00:00+09:00,2025-10-07T00:00:01+09:00,{MIB}
"""
US_OF_JOBS = {"one": 72_000_000_000, "two": 5_400_000_000, "burn": 7_000_000}


def usage_site(site: Path) -> Path:
    """The site metered: six days of a cluster, and October of a store. Nothing is drafted."""
    metered_site(site)
    toml = site / "site.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + STORE, encoding="utf-8")
    (site / "incoming" / "volumes.csv").write_text(VOLUMES, encoding="utf-8")
    tenancy = site / "registry" / "tenancy.csv"
    text = tenancy.read_text(encoding="utf-8")
    tenancy.write_text(f"{text}disk,one,P-1,2025-10-01,\n", encoding="utf-8")
    aside = f"source,account,reason,by\nhpc,burn,{FORMULA},김정산\n"
    (site / "registry" / "set_aside.csv").write_text(aside, encoding="utf-8")
    write_jobs(site, "hpc", (*JOBS[:2], BURN))
    done(site, "load")
    again(site)
    done(site, "collect", "--from", "2025-10-06", "--to", "2025-11-01", "--complete-to", COMPLETE,
         "--cluster", "disk")  # fmt: skip
    done(site, "meter", "2025-10-06..2025-10-31", "--cluster", "disk")
    return site


def again(site: Path) -> None:
    """The jobs collected and metered anew."""
    window = ("--from", "2025-10-05", "--to", "2025-10-11", "--complete-to", COMPLETE)
    done(site, "collect", *window, "--cluster", "hpc")
    run(site, "meter", "2025-10-05..2025-10-10", "--cluster", "hpc")  # 1 where nobody owns some


def late_jobs(site: Path) -> None:
    """Two jobs that nobody knew of come in, one of an account that nobody owns."""
    write_jobs(site, "hpc", (*JOBS[:2], BURN, *LATE))
    again(site)


def issued(site: Path) -> Path:
    """The month of the site, issued."""
    done(site, "draft", MONTH)
    assert approve(site).code == 0
    done(site, "issue", MONTH, "--on", "2025-11-03")
    return site


def done(site: Path, *command: str) -> None:
    """Runs a command that has to succeed."""
    said = run(site, *command)
    assert said.code == 0, (command, said.out, said.err)
