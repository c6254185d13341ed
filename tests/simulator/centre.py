"""A centre drawn from a seed: who it serves, what it asks, and what really ran, to the second.

A day or two of each month are lived. Three H100 run jobs of Slurm and are watched by Prometheus,
two RNGD run jobs of a table, and a store lists its file sets four times; a small centre has some of
these only. All of it is known here without a line of the program.
"""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from billing.paths import PACKAGED_RULES
from metering.calendar import Calendar
from tests.builders.rules_and_usage import PF, price, programme, source

CALENDAR = Calendar("Asia/Seoul")
HOUR_S, DAY_S = 3600, 86_400
SNAPSHOTS = 4  # of the days that are lived, and one at their end
SCRAPE_S, HOLD_S = 150, 300
CLUSTERS = ("gpu", "npu")
SKU = {"gpu": "gpu.h100", "npu": "npu.rngd", "disk": "storage.parallel"}
LANES = {"gpu": (1, 2), "npu": (1, 1)}  # the cards of each row of jobs, one after the other
ACCOUNTS = {"a": "A-1", "a2": "A-2", "b": "B-1", "c": "C-1"}
LIMIT_W = {"gpu": 700, "npu": 180}


@dataclass(frozen=True)
class Job:
    """What really ran, or what somebody says of it; seconds are of UTC."""

    cluster: str
    number: int
    account: str
    start_s: int
    end_s: int
    cards: int
    devices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Level:
    """What a file set of the store held when it was listed."""

    account: str
    at_s: int
    mib: int


@dataclass
class World:
    """All that is true."""

    seed: int
    months: tuple[str, ...]
    days: int = 2  # of a month: what is lived of it
    sections: tuple[str, ...] = ("gpu", "npu", "disk")
    small: bool = False
    watched: bool = True  # whether Prometheus sees the H100
    jobs: dict[str, list[Job]] = field(default_factory=dict)  # by month
    levels: dict[str, list[Level]] = field(default_factory=dict)
    prices: dict[str, dict[str, str]] = field(default_factory=dict)  # SKU -> day -> won
    cap_krw: int | None = None  # of A's award
    quota_hours: int | None = None  # of B's award
    share: str = "0.2"  # of A's charge that A pays

    def start(self, month: str) -> int:
        """When the days that are lived begin, in seconds of UTC: near those of the next month."""
        day = 27 if int(month[5:]) % 2 else 2
        return CALENDAR.day(date.fromisoformat(f"{month}-{day:02d}")).start_ms // 1000

    def end(self, month: str) -> int:
        return self.start(month) + self.days * DAY_S

    def middle(self, month: str) -> int:
        return self.start(month) + self.days * DAY_S // 2

    def lived(self, month: str) -> list[str]:
        """The days that are lived, in order."""
        first = self.start(month)
        return [iso(first + n * DAY_S)[:10] for n in range(self.days)]

    def snapshots(self, month: str) -> range:
        """When the store lists what it holds."""
        step = self.days * DAY_S // SNAPSHOTS
        return range(self.start(month), self.end(month) + 1, step)

    @property
    def clusters(self) -> tuple[str, ...]:
        return tuple(name for name in CLUSTERS if name in self.sections)


def iso(at_s: int) -> str:
    """An instant as Seoul writes it."""
    return CALENDAR.iso(at_s * 1000)


def draw(seed: int, months: int = 2, small: bool = False) -> World:
    """The centre of a seed."""
    random = Random(f"centre {seed}")
    names = tuple(f"2026-{number:02d}" for number in range(1, months + 1))
    world = World(seed, names, small=small)
    if small:
        world.days = 1
        world.sections = (("npu",), ("gpu",), ("disk",))[seed % 3]
        world.watched = seed % 12 == 4
    changed = world.lived(random.choice(names))[-1]  # a price moves on that day
    for sku, krw in ((SKU["gpu"], "6000"), (SKU["npu"], "2400.5"), (SKU["disk"], "1200")):
        world.prices[sku] = {"2026-01-01": krw}
    moved = random.choice(tuple(world.prices))
    world.prices[moved][changed] = random.choice(("6333.3", "1999.99"))
    world.cap_krw = random.choice((None, 40_000, 150_000))
    world.quota_hours = random.choice((None, 5, 20))
    world.share = random.choice(("0.2", "0.33", "0"))
    for month in names:
        world.jobs[month] = [
            job for name in world.clusters for job in _jobs(random, world, name, month)
        ]
        world.levels[month] = _levels(random, world, month)
    return world


def _jobs(random: Random, world: World, cluster: str, month: str) -> list[Job]:
    """The rows of jobs of a cluster's month: on no card two at once."""
    jobs = []
    first = 0
    for lane, cards in enumerate(LANES[cluster]):
        devices = tuple(device_uid(cluster, first + n) for n in range(cards))
        first += cards
        at = world.start(month) + random.randint(0, 3 * HOUR_S)
        while at < world.end(month):
            end = min(at + random.randint(60, 15 * HOUR_S), world.end(month))
            number = int(month[5:]) * 1000 + lane * 100 + len(jobs)
            account = random.choice(sorted(ACCOUNTS))
            jobs.append(Job(cluster, number, account, at, end, cards, devices))
            at = end + random.choice((0, 1, random.randint(2, 5 * HOUR_S)))
    return jobs


def _levels(random: Random, world: World, month: str) -> list[Level]:
    """What a and c keep, each time it is listed, and nothing any more at the end."""
    levels = []
    for at in world.snapshots(month) if "disk" in world.sections else ():
        for account in ("a", "c"):
            mib = 0 if at == world.end(month) else random.randint(1, 4_000_000_000)
            levels.append(Level(account, at, mib))
    return levels


def device_uid(cluster: str, number: int) -> str:
    return f"{cluster.upper()}-{number}"


# -- the site as files ---------------------------------------------------------------------------

HEAD = """
[site]
name = "시험 센터"
timezone = "Asia/Seoul"
first_month = "2026-01"
rules = "rules"
{lake}
[issuer]
business_number = "990-80-12346"
name = "시험 사업단"
representative = "홍길동"
address = "광주광역시"
business_type = "서비스업"
business_item = "컴퓨팅"
"""
SECTIONS = {
    "gpu": """
[cluster.gpu]
title = "GPU"
quarantine_share_max = 1.0
{watched}
[[cluster.gpu.source]]
name = "sacct"
kind = "slurm"
record = "allocation"
paths = ["incoming/gpu-*.psv"]
""",
    "npu": """
[cluster.npu]
title = "NPU"
quarantine_share_max = 1.0

[[cluster.npu.source]]
name = "jobs"
kind = "table"
record = "allocation"
paths = ["incoming/npu-*.csv"]
time_unit = "iso"
columns = { allocation_id = "job", workload = "job", account = "account", \
submitted_ms = "started", started_ms = "started", ended_ms = "ended", quantity_milli = "cards" }
constants = { source = "slurm", resource = "npu", model = "rngd", state = "COMPLETED" }
scale = { quantity_milli = 1000 }
""",
    "disk": """
[store.disk]
title = "스토리지"

[[store.disk.source]]
name = "quota"
kind = "storage"
record = "reading"
format = "mmrepquota"
quota = "FILESET"
figure = "used"
account = "name"
sku = "storage.parallel"
paths = ["incoming/disk-*.txt"]
""",
}
WATCHED = """
[[cluster.gpu.source]]
name = "dcgm"
kind = "prometheus"
record = "sample"
family = "dcgm"
url = "{url}"
"""
COMPANIES = """\
company_id,business_number,name,representative,address,business_type,business_item,org_type,size,\
place,founded_on,representative_birth_year,youth
A,220-81-62517,가나전산,김대표,광주,업태,종목,sme,small,광주,2015-01-01,1970,
B,124-81-00998,다라연구,이대표,서울,업태,종목,sme,small,서울,2000-01-01,1960,
C,120-81-47521,마바기술,박대표,서울,업태,종목,sme,small,서울,2001-01-01,1961,
"""
AWARDS = """\
award_id,programme,company_id,project_id,agreed_on,announced_on,from,until,agreement_number,quota,\
quota_unit,cap_krw,referrer,budget_year
"""
WHEN = "2025-12-20,2025-12-10,2026-01-01,2027-01-01"


def site_toml(world: World, prometheus: str, lake: str) -> str:
    """The site's settings, its servers where they are."""
    text = HEAD.replace("{lake}", f'lake = "{lake}"\n' if lake else "")
    for name in world.sections:
        text += SECTIONS[name]
    scrape = 'scrape = "150s"\nhold = "300s"\n' if world.watched else ""
    text = text.replace("{watched}", scrape)
    return text + (WATCHED.replace("{url}", prometheus) if world.watched else "")


def sheets(world: World, owners: dict[str, str]) -> dict[str, str]:
    """The registry's sheets, with the projects that accounts are said to belong to."""
    devices = [
        f"{name},{device_uid(name, n)},{SKU[name].partition('.')[2]},{name},{name}-n1,,,"
        f"2025-12-01T00:00:00+09:00,,{LIMIT_W[name]}"
        for name in world.clusters
        for n in range(sum(LANES[name]))
    ]
    tenancies = [
        f"{section},{account},{project},2026-01-01,"
        for section in world.sections
        for account, project in owners.items()
    ]
    projects = [f"{name},{name[0]},{name} 과제,2026-01-01," for name in sorted(ACCOUNTS.values())]
    quota = f"{world.quota_hours or ''},{'device_hours' if world.quota_hours else ''}"
    return {
        "companies": COMPANIES,
        "projects": _sheet("project_id,company_id,name,started_on,ended_on", projects),
        "tenancy": _sheet("source,account,project_id,from,until", tenancies),
        "devices": _sheet(
            "cluster,device_uid,model,resource,node,parent,slice,installed_at,removed_at,"
            "power_limit_w",
            devices,
        ),
        "awards": AWARDS
        + f"PA,P,A,,{WHEN},협약-1,,,{world.cap_krw or ''},,2026\n"
        + f"QB,Q,B,,{WHEN},협약-2,{quota},,,2026\n",
        "set_aside": "source,account,reason,by\n",
    }


def _sheet(head: str, rows: list[str]) -> str:
    return "\n".join([head, *rows, ""])


def rule_texts(world: World) -> dict[str, str]:
    """Prices, and the programmes of A and of B."""
    packaged = {
        name: (PACKAGED_RULES / name).read_text(encoding="utf-8")
        for name in ("tax.yaml", "amendments.yaml")
    }
    funds = [source("national", "0.7"), source("city", "0.3")]
    return {
        **packaged,
        "pf.yaml": PF,
        **price(SKU["gpu"], world.prices[SKU["gpu"]]),
        **price(SKU["npu"], world.prices[SKU["npu"]]),
        **price(SKU["disk"], world.prices[SKU["disk"]], unit="gb_month"),
        **programme("P", world.share, order=10, skus="[gpu.*, npu.*, storage.*]", funding=funds),
        **programme("Q", "0", order=20, skus="[gpu.*]"),
    }
