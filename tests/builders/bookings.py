"""What the tests of bookings stand on: a laboratory whose bookings lie in files."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from metering.calendar import HOUR_MS, Period
from metering.collect.collect import Collected, collect
from metering.registry.registry import Tenancy
from metering.settings.sections import Store
from metering.settings.source_options.booking import BookingOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.settings.source_options.table import ColumnMap
from tests.builders.sites.metering_site import MIDNIGHT, REGISTRY, Ground, ground

SIM = "equipment.driving-simulator"
STATES = {"ok": "kept", "cancel": "cancelled", "noshow": "missed", "moved": "moved",
          "free": "waived"}  # fmt: skip
TABLE = BookingOptions(
    "table", "booked", {"sim": SIM, "sim2": SIM}, ("room",), 2 * HOUR_MS, STATES  # type: ignore[arg-type]
)  # fmt: skip
NEMO = BookingOptions("nemo", "booked", {"5": SIM}, ("area:7",))
FIELDS = (
    "booking_id", "equipment", "account", "booked_from", "booked_until", "used_from", "used_until",
    "state", "cancelled_at",
)  # fmt: skip
HEAD = "id,tool,team,from,until,in,out,state,cancelled"
COLUMNS = dict(zip(FIELDS, HEAD.split(","), strict=True))


def clock(hour: float | None) -> str:
    """An instant so many hours after the midnight between FIRST and LAST, as Seoul writes it."""
    if hour is None:
        return ""
    day, minutes = divmod(round(hour * 60), 24 * 60)
    days = {-1: "2025-10-31", 0: "2025-11-01", 1: "2025-11-02", 2: "2025-11-03"}
    return f"{days[day]}T{minutes // 60:02d}:{minutes % 60:02d}:00+09:00"


def row(
    name: str,
    booked: tuple[float, float] | None = None,
    used: tuple[float, float | None] | None = None,
    state: str = "ok",
    cancelled: float | None = None,
    tool: str = "sim",
    team: str = "lab",
) -> str:
    """A line of the table."""
    instants = [clock(at) for at in (*(booked or (None, None)), *(used or (None, None)))]
    return ",".join((name, tool, team, *instants, state, clock(cancelled)))


def reservation(number: int, start: float, end: float, **said: object) -> Mapping[str, object]:
    """A reservation as NEMO writes it."""
    plain = {
        "id": number, "user": 1, "creator": 1, "tool": 5, "area": None, "project": 3,
        "start": clock(start), "end": clock(end), "short_notice": False, "cancelled": False,
        "cancellation_time": None, "cancelled_by": None, "missed": False, "shortened": False,
        "descendant": None, "waived": False, "validated": False,
    }  # fmt: skip
    return {**plain, **said}


def use(number: int, start: float, end: float | None, **said: object) -> Mapping[str, object]:
    """A usage event as NEMO writes it."""
    plain = {
        "id": number, "user": 1, "operator": 1, "tool": 5, "project": 3, "start": clock(start),
        "end": None if end is None else clock(end), "waived": False, "remote_work": False,
    }  # fmt: skip
    return {**plain, **said}


class Lab:
    """A site with one booking system."""

    def __init__(self, path: Path, options: BookingOptions = TABLE) -> None:
        (path / "in").mkdir(parents=True)
        self.path = path
        if options.format == "table":
            options = replace(options, mapped=ColumnMap(COLUMNS))
        self.source = SourceConfig("desk", "booking", "reading", paths=("in/*",), options=options)
        self.made: Ground = ground(path, stores=[Store("lab", "시험실", sources=(self.source,))])
        tenancies = tuple(
            Tenancy("lab", name, project, date(2025, 1, 1), None)
            for name, project in (("lab", "P1"), ("team", "P2"), ("3", "P1"))
        )
        self.made.load(replace(REGISTRY, tenancies=(*REGISTRY.tenancies, *tenancies)))

    def table(self, *rows: str, name: str = "a.csv") -> None:
        (self.path / "in" / name).write_text("\n".join((HEAD, *rows, "")), encoding="utf-8")

    def json(self, content: object, name: str = "a.json") -> None:
        (self.path / "in" / name).write_text(json.dumps(content), encoding="utf-8")

    def collect(self, start: float = -24, end: float = 24, known: float | None = None) -> Collected:
        window = Period(MIDNIGHT + round(start * HOUR_MS), MIDNIGHT + round(end * HOUR_MS))
        complete_to = window.end_ms if known is None else MIDNIGHT + round(known * HOUR_MS)
        (collected,) = collect(self.made.opened, window, None, complete_to)
        return collected

    def readings(self) -> list[tuple[object, ...]]:
        """Account, last part of the SKU, equipment, hours after the midnight."""
        return sorted(
            (reading["account"], reading["sku"].rpartition(".")[2],
             reading["resource_id"].split("/")[1], since(reading["started_ms"]),
             since(reading["ended_ms"]))
            for reading in self.made.lake.read("reading").to_pylist()
        )  # fmt: skip

    def facts(self) -> list[tuple[object, ...]]:
        """Id, fact, whether it is waived, hours after the midnight."""
        return sorted(
            (booking["booking_id"], booking["fact"], booking["waived"],
             since(booking["started_ms"]), since(booking["ended_ms"]))
            for booking in self.made.lake.read("booking").to_pylist()
        )  # fmt: skip

    def quarantine(self) -> list[tuple[str, str]]:
        rows = self.made.lake.read("quarantine").to_pylist()
        return [(refused["place"], refused["reason"]) for refused in rows]


def since(instant_ms: int) -> float:
    return (instant_ms - MIDNIGHT) / HOUR_MS


def told(collected: Collected) -> list[tuple[str, str, str, str]]:
    """Severity, kind, day and subject of each finding."""
    return [
        (finding.severity, finding.kind, str(finding.day or ""), finding.subject)
        for finding in collected.findings
    ]
