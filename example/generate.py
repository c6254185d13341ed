"""Writes the example site: site.toml, registry, and a month of generated jobs and telemetry."""

import csv
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from example.centre import (
    A100,
    AGREEMENTS,
    AWARDS,
    COMPANIES,
    H100,
    NPU,
    OUTCOMES,
    PLANS,
    PROJECTS,
    SEED,
    SET_ASIDE_ACCOUNT,
)
from example.scheduler import ExampleJob, schedule
from example.telemetry import (
    ExampleDevice,
    ExampleScrape,
    Fault,
    scrapes,
    write_cards,
    write_exposition,
)

ZONE = ZoneInfo("Asia/Seoul")
TEMPLATE = Path(__file__).with_name("site.toml")
MONTH = "2025-10"
FIRST_DAY, LAST_DAY = date(2025, 10, 1), date(2025, 10, 31)
TAKEN = "2025-11-01T00:10:00+09:00"  # when the dumps were taken: they are complete up to then

BOARDS: dict[str, tuple[ExampleDevice, ...]] = {
    H100: tuple(
        ExampleDevice(f"GPU-e0000000-0000-4000-8000-0000000001{n:02d}", n % 4,
                      f"h100-{n // 4 + 1:02d}",
                      "NVIDIA H100 80GB HBM3", 72_000, 690_000, 81_559)
        for n in range(8)
    ),
    A100: tuple(
        ExampleDevice(f"GPU-e0000000-0000-4000-8000-0000000002{n:02d}", n, "a100-01",
              "NVIDIA A100-SXM4-80GB", 55_000, 395_000, 81_920)
        for n in range(8)
    ),
    NPU: tuple(
        ExampleDevice(f"rngd-{n:04d}", n % 4, f"npu-{n // 4 + 1:02d}",
                      "RNGD", 38_000, 175_000, 49_152)
        for n in range(8)
    ),
}  # fmt: skip
MODELS = {H100: ("h100", "gpu"), A100: ("a100", "gpu"), NPU: ("rngd", "npu")}
POWER_LIMIT_W = {H100: 700, A100: 400, NPU: 180}

Report = Callable[[str], None]


def _epoch_s(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


FAULTS: dict[str, tuple[Fault, ...]] = {
    H100: (
        # the exporter of node 2 is silent for three hours, its jobs go on
        Fault(_epoch_s("2025-10-09T02:00:00+09:00"), _epoch_s("2025-10-09T05:00:00+09:00"),
              frozenset(range(4, 8))),
        # node 1 is repaired and restarts: its energy counters begin again
        Fault(_epoch_s("2025-10-15T14:00:00+09:00"), _epoch_s("2025-10-15T17:30:00+09:00"),
              frozenset(range(4)), reboot=True),
    ),
    A100: (
        Fault(_epoch_s("2025-10-21T11:20:00+09:00"), _epoch_s("2025-10-21T12:00:00+09:00"),
              frozenset(range(8))),
    ),
    NPU: (),
}  # fmt: skip
REPAIR = FAULTS[H100][1]
CLUSTERS = (H100, A100, NPU)
DEVICES = 8  # of each
RUNNING = (_epoch_s("2025-09-29T00:00:00+09:00"), _epoch_s("2025-11-01T06:00:00+09:00"))


def is_example(directory: Path) -> bool:
    """Whether a directory is the example site, and no site that somebody made or changed."""
    site = directory / "site.toml"
    return site.is_file() and site.read_bytes() == TEMPLATE.read_bytes()


def jobs_of(cluster: str) -> tuple[random.Random, list[ExampleJob]]:
    """The jobs of a cluster, and the chance that goes on in its telemetry."""
    offset = CLUSTERS.index(cluster)
    chance = random.Random(SEED + offset)
    accounts = [(p.account, p.weight) for p in PROJECTS if p.cluster == cluster]
    if cluster == H100:
        accounts.append((SET_ASIDE_ACCOUNT, 1))
    down = (REPAIR.start_s, REPAIR.end_s, REPAIR.devices) if cluster == H100 else None
    first_id = 100_000 * (offset + 1) + 1
    return chance, schedule(chance, accounts, DEVICES, *RUNNING, first_id, down)


def scrapes_of(
    cluster: str, chance: random.Random, jobs: Sequence[ExampleJob]
) -> Iterator[ExampleScrape]:
    """What the devices of a cluster say from just before the month until the dumps are taken."""
    start, end = _epoch_s("2025-10-01T00:00:00+09:00"), _epoch_s(TAKEN)
    return scrapes(chance, BOARDS[cluster], jobs, FAULTS[cluster], start - 240, end)


def generate(directory: Path, report: Report = lambda _: None) -> None:
    """Writes the whole example site into `directory`; the same bytes on every run."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "site.toml").write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    _write_registry(directory / "registry")
    _write_report_sheets(directory / "registry")
    for cluster in CLUSTERS:
        chance, jobs = jobs_of(cluster)
        report(f"{cluster}: {len(jobs)} jobs")
        _write_jobs(directory / "incoming" / cluster, cluster, jobs)
        _write_telemetry(
            directory / "incoming" / cluster, cluster, scrapes_of(cluster, chance, jobs)
        )
    _write_node_states(directory / "incoming" / H100)
    _write_storage(directory / "incoming" / "parallel", random.Random(SEED + 9))
    report("storage: daily snapshots")


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_registry(directory: Path) -> None:
    _write_csv(
        directory / "companies.csv",
        ["company_id", "business_number", "name", "representative", "address", "business_type",
         "business_item", "org_type", "size", "place", "founded_on", "representative_birth_year",
         "youth"],
        [(c.company_id, c.business_number, c.name, c.representative, c.address, c.business_type,
          c.business_item, c.org_type, c.size, c.place, c.founded_on, c.birth_year, "")
         for c in COMPANIES],
    )  # fmt: skip
    _write_csv(
        directory / "projects.csv",
        ["project_id", "company_id", "name", "started_on", "ended_on"],
        [(p.project_id, p.company_id, p.name, "2025-09-01", "") for p in PROJECTS],
    )
    owned = [(p.cluster, p.account, p.project_id) for p in PROJECTS]
    owned += [("parallel", p.account, p.project_id) for p in PROJECTS if p.storage_gib]
    _write_csv(
        directory / "tenancy.csv",
        ["source", "account", "project_id", "from", "until"],
        [(source, account, project, "2025-09-01", "") for source, account, project in owned],
    )
    _write_csv(
        directory / "devices.csv",
        ["cluster", "device_uid", "model", "resource", "node", "parent", "slice", "installed_at",
         "removed_at", "power_limit_w"],
        [(cluster, board.uid, *MODELS[cluster], board.node, "", "",
          "2023-10-01T00:00:00+09:00", "", POWER_LIMIT_W[cluster])
         for cluster, boards in BOARDS.items() for board in boards],
    )  # fmt: skip
    _write_csv(
        directory / "awards.csv",
        ["award_id", "programme", "company_id", "project_id", "agreed_on", "announced_on", "from",
         "until", "agreement_number", "quota", "quota_unit", "cap_krw", "referrer", "budget_year"],
        [(award, programme, company, project, "2025-09-25", "2025-09-10", start, until,
          f"협약-2025-{award[2:]}", quota, unit, cap, "", "2025")
         for award, programme, company, project, start, until, quota, unit, cap in AWARDS],
    )  # fmt: skip
    _write_csv(
        directory / "set_aside.csv",
        ["source", "account", "reason", "by"],
        [(H100, SET_ASIDE_ACCOUNT, "운영자 장비 점검 작업 (청구 대상 아님)", "운영팀")],
    )


def _write_report_sheets(directory: Path) -> None:
    """What no amount follows from: the ministry's report tells it."""
    _write_csv(
        directory / "agreements.csv", ["company_id", "number", "signed_on", "partner"], AGREEMENTS
    )
    _write_csv(
        directory / "outcomes.csv",
        ["project_id", "kind", "reached_on", "amount", "evidence"],
        OUTCOMES,
    )
    _write_csv(directory / "plans.csv", ["month", "when", "what", "note"], PLANS)


def _utc(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _write_jobs(directory: Path, cluster: str, jobs: Sequence[ExampleJob]) -> None:
    taken = _epoch_s(TAKEN)
    seen = [job for job in jobs if job.start_s < taken]
    if cluster == NPU:
        rows = [
            (job.job_id, job.account, _utc(job.submit_s) + "Z", _utc(job.start_s) + "Z",
             _utc(job.end_s) + "Z" if job.end_s <= taken else "", len(job.devices))
            for job in seen
        ]  # fmt: skip
        header = ["job", "account", "submitted", "started", "ended", "cards"]
        _write_csv(directory / "jobs.csv", header, rows)
        return
    names = (
        "JobIDRaw|JobID|Cluster|Account|User|Partition|QOS|State|Submit|Eligible|Start|End|"
        "ElapsedRaw|Suspended|ExitCode|AllocTRES|ConsumedEnergyRaw|Restarts|NodeList|JobName"
    )
    lines = [names]
    lines += [_sacct_row(job, cluster, taken) for job in seen]
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"sacct-{MONTH}.psv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _sacct_row(job: ExampleJob, cluster: str, taken: int) -> str:
    """One row of the dump; a job that still ran when it was taken has no end."""
    running = job.end_s > taken
    count = len(job.devices)
    nodes = sorted({BOARDS[cluster][device].node for device in job.devices})
    model = MODELS[cluster][0]
    granted = [f"billing={count * 12}", f"cpu={count * 12}", f"gres/gpu:{model}={count}"]
    granted += [f"gres/gpu={count}", f"node={len(nodes)}"]
    end, state = (taken, "RUNNING") if running else (job.end_s, job.state)
    row = [str(job.job_id), str(job.job_id), cluster, job.account, job.account, "gpu", "normal"]
    row += [state, _utc(job.submit_s), _utc(job.submit_s), _utc(job.start_s)]
    row += ["Unknown" if running else _utc(job.end_s), str(end - job.start_s), "00:00:00", "0:0"]
    row += [",".join(granted), "0", "0", ",".join(nodes), f"train-{job.job_id}"]
    return "|".join(row)


def _write_telemetry(directory: Path, cluster: str, said: Iterable[ExampleScrape]) -> None:
    boards = BOARDS[cluster]
    days: dict[date, list[ExampleScrape]] = {}
    for scrape in said:
        day = datetime.fromtimestamp(scrape.instant_ms // 1000, ZONE).date()
        days.setdefault(day, []).append(scrape)
    if cluster == H100:  # one row of the 5th comes a day late, in the file of the 6th
        late = days[date(2025, 10, 5)].pop(-3)
        days[date(2025, 10, 6)].append(late)
    for day, rows in sorted(days.items()):
        if cluster == NPU:
            write_cards(directory / "cards" / f"{day}.csv.gz", boards, rows)
        else:
            write_exposition(directory / "dcgm" / f"{day}.prom.gz", boards, rows)


def _write_node_states(directory: Path) -> None:
    _write_csv(
        directory / "node-states.csv",
        ["node", "from", "until", "state"],
        [("h100-01", _utc(REPAIR.start_s) + "Z", _utc(REPAIR.end_s) + "Z", "down")],
    )


def _write_storage(directory: Path, chance: random.Random) -> None:
    rows: list[tuple[object, ...]] = []
    day = FIRST_DAY
    levels = {p.account: p.storage_gib * 1024 for p in PROJECTS if p.storage_gib}
    while day <= LAST_DAY:
        for account, level in levels.items():
            until = day + timedelta(days=1)
            rows.append((account, f"/lustre/{account}", f"{day}T00:00:00+09:00",
                         f"{until}T00:00:00+09:00", level))  # fmt: skip
            levels[account] = level + level * chance.randrange(-4, 15) // 1000
        day += timedelta(days=1)
    header = ["account", "fileset", "from", "until", "used_mib"]
    _write_csv(directory / f"snapshots-{MONTH}.csv", header, rows)
