"""What the tests of storage stand on: a store whose snapshots' files are named by instant."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from metering.calendar import HOUR_MS, Period, days_after
from metering.collect.collect import Collected, collect
from metering.collect.watermark import watermarks
from metering.settings import sections
from metering.settings.source_options.cloud_units import CAPACITY_BYTES
from metering.settings.source_options.source_config import SourceConfig
from metering.settings.source_options.storage import StorageOptions
from tests.builders.sites.metering_site import CALENDAR, LAST, MIDNIGHT, Ground, ground

OPTIONS = StorageOptions("mmrepquota", "storage.parallel", "used", "name", quota="FILESET")
HEADER = "mmrepquota::HEADER:version:reserved:reserved:filesystemName:quotaType:id:name:blockUsage:"
GIB_KIB = 1024 * 1024


def hours(count: float) -> int:
    """An instant so many hours after the midnight between FIRST and LAST."""
    return MIDNIGHT + round(count * HOUR_MS)


def filesets(**gib: int) -> str:
    """A report of file sets of one file system, in GiB."""
    rows = [f"mmrepquota::0:1:::fs:FILESET:{n}:{name}:{size * GIB_KIB}:"
            for n, (name, size) in enumerate(gib.items())]  # fmt: skip
    return "\n".join(["*** Report for FILESET quotas on fs", HEADER, *rows, ""])


def store(
    options: StorageOptions = OPTIONS, capacity_bytes: int = CAPACITY_BYTES
) -> sections.Store:
    source = SourceConfig("snaps", "storage", "reading", paths=("in/*",), options=options)
    return sections.Store("nas", "NAS", sources=(source,), capacity_bytes=capacity_bytes)


class Store:
    """A site with one store, collected up to an hour after the midnight."""

    def __init__(
        self,
        path: Path,
        options: StorageOptions = OPTIONS,
        known: float = 0,
        capacity_bytes: int = CAPACITY_BYTES,
    ) -> None:
        (path / "in").mkdir(parents=True)
        self.path = path
        self.made: Ground = ground(path, stores=[store(options, capacity_bytes)])
        self.made.complete(hours(known), "nas")

    def put(self, at: float, text: str, suffix: str = "txt") -> Path:
        """Put a snapshot of an hour among the files."""
        return self.file(f"snap-{hours(at)}.{suffix}", text)

    def file(self, name: str, text: str) -> Path:
        path = self.path / "in" / name
        path.write_text(text, encoding="utf-8")
        return path

    def collect(self, start: float, end: float, complete_to_ms: int | None = None) -> Collected:
        window = Period(hours(start), hours(end))
        (collected,) = collect(self.made.opened, window, None, complete_to_ms)
        return collected

    def readings(self) -> list[tuple[object, ...]]:
        """Resource, account, hours from and to after the midnight, and MiB."""
        rows = self.made.lake.read("reading").to_pylist()
        return [
            (
                row["resource_id"],
                row["account"],
                since(row["started_ms"]),
                since(row["ended_ms"]),
                row["quantity"],
            )
            for row in rows
        ]

    def known_to(self) -> float:
        with self.made.opened.database.read() as connection:
            return since(watermarks(connection, "nas")["snaps"])


def since(instant_ms: int) -> float:
    return (instant_ms - MIDNIGHT) / HOUR_MS


def told(collected: Collected) -> list[tuple[str, str, str, str]]:
    """Severity, kind, day of the month and subject of each finding."""
    return [
        (
            finding.severity,
            finding.kind,
            str(finding.day.day) if finding.day else "",
            finding.subject,
        )
        for finding in collected.findings
    ]


def quarantine(of_store: Store) -> list[tuple[str, str]]:
    rows = of_store.made.lake.read("quarantine").to_pylist()
    return [(row["place"], row["reason"]) for row in rows]


def day(number: int) -> date:
    """LAST and the days after it."""
    return days_after(LAST, number)


__all__: Sequence[str] = ("CALENDAR", "Store", "day", "filesets", "hours", "quarantine", "told")
