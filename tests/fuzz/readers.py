"""Every reader of what comes from outside, as a function of bytes: what it lands, or why not."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from billing.payment.bank_file import read_bank_file
from metering.calendar import DAY_MS, Period
from metering.errors import JeongsanError, Mistakes, SourceError
from metering.settings.bank_layout import BankLayout
from metering.settings.sections import Cluster, Section, Store
from metering.settings.source_options.booking import BookingOptions
from metering.settings.source_options.cloud import CloudOptions, Counter
from metering.settings.source_options.kubernetes import ResourceClaims
from metering.settings.source_options.limits import Limits
from metering.settings.source_options.source_config import SourceConfig, SourceOptions
from metering.settings.source_options.storage import StorageOptions
from metering.settings.source_options.table import ColumnMap
from metering.sources.cloud import naver, nhn
from metering.sources.families.family import family
from metering.sources.prometheus.decoded_series import DecodedSeries
from metering.sources.prometheus.json_answer import decode_export, decode_matrix
from metering.sources.prometheus.observations import Measured
from metering.sources.prometheus.remote_read import decode_read
from metering.sources.read import read
from metering.sources.reading.batch import Batch
from metering.sources.reading.web import Answer
from tests.builders.sites.metering_site import CALENDAR, MIDNIGHT, cluster, ground
from tests.fuzz.samples import STAMP

WINDOW = Period(MIDNIGHT - DAY_MS, MIDNIGHT + 2 * DAY_MS)
ENDS = re.compile(r"\r\n|\r|\n")


class UnforeseenError(AssertionError):
    """A reader raised what nobody foresaw, or lost a row."""


def _map(time_unit: str = "iso", **columns: str) -> ColumnMap:
    return ColumnMap(columns, time_unit=time_unit)  # type: ignore[arg-type]


def _storage(form: str, figure: str, account: str, **said: object) -> StorageOptions:
    return StorageOptions(form, "disk", figure, account, **said)  # type: ignore[arg-type]


BOOKED = {"7": "scope", "scope": "scope"}
STATES = {"ok": "kept", "gone": "cancelled"}
RUNS = ColumnMap(
    {"allocation_id": "job", "account": "account", "started_ms": "started", "ended_ms": "ended",
     "quantity_milli": "cards", "node": "node"}, scale={"quantity_milli": 1000},
)  # fmt: skip
READINGS = ColumnMap(
    {"account": "account", "resource_id": "resource", "started_ms": "from", "ended_ms": "until",
     "quantity": "amount", "unit": "unit"}, {"sku": "disk"},
)  # fmt: skip
SAMPLED = ColumnMap(
    {"device_uid": "uid", "sampled_ms": "at", "busy_ppm": "busy", "power_mw": "power"},
    time_unit="s", scale={"busy_ppm": 1_000_000, "power_mw": 1000},
)  # fmt: skip
DOWN = ColumnMap({"node": "node", "started_ms": "from", "ended_ms": "until", "state": "state"})
BOOKINGS = ColumnMap(
    {"booking_id": "id", "equipment": "tool", "account": "account", "booked_from": "from",
     "booked_until": "until", "state": "word"}
)  # fmt: skip
CLAIMS = ResourceClaims({"gpu.nvidia.com": ("gpu", "")}, ("dra.net",))

# A file's name, kind, record and options, by the sample's name.
FILES: Mapping[str, tuple[str, str, str, SourceOptions | None]] = {
    "table of runs": ("x.csv", "table", "allocation", RUNS),
    "table of readings": ("x.csv", "table", "reading", READINGS),
    "table of samples": ("x.csv", "table", "sample", SAMPLED),
    "table of node states": ("x.csv", "table", "node_state", DOWN),
    "sacct text": ("x.psv", "slurm", "allocation", None),
    "sacct JSON": ("x.json", "slurm", "allocation", None),
    "node events": ("x.psv", "slurm", "node_state", None),
    "runaway list": ("x.psv", "slurm", "allocation", None),
    "sreport": ("x.txt", "slurm", "control_total", None),
    "exposition text": (f"{STAMP}.prom", "exposition", "sample", None),
    "OpenMetrics text": (f"{STAMP}.prom", "exposition", "sample", None),
    "lfs quota": (f"{STAMP}.txt", "storage", "reading",
                  _storage("lfs_quota", "used", "id", quota="project", filesystem="s")),
    "mmrepquota": (f"{STAMP}.txt", "storage", "reading",
                   _storage("mmrepquota", "used", "name", quota="FILESET")),
    "GPFS exporter": (f"{STAMP}.prom", "storage", "reading",
                      _storage("gpfs_exporter", "used", "name")),
    "Ceph exporter": (f"{STAMP}.prom", "storage", "reading",
                      _storage("ceph_pools", "stored", "pool")),
    "Ceph buckets": (f"{STAMP}.json", "storage", "reading",
                     _storage("ceph_rgw", "size", "owner", categories=("rgw.main",))),
    "Ceph pools": (f"{STAMP}.json", "storage", "reading", _storage("ceph_df", "stored", "pool")),
    "gateway usage": (f"{MIDNIGHT + DAY_MS}.json", "storage", "reading",
                      _storage("rgw_usage", "bytes_sent", "owner")),
    "table of bookings": ("x.csv", "booking", "reading",
                          BookingOptions("table", "booked", BOOKED, (), 0, STATES, BOOKINGS)),
    "NEMO reservations": ("x.json", "booking", "reading", BookingOptions("nemo", "booked", BOOKED)),
    "NEMO usage": ("x.json", "booking", "reading", BookingOptions("nemo", "used", BOOKED)),
    "resource claims": (f"{STAMP}.json", "kubernetes", "allocation", CLAIMS),
}  # fmt: skip
DECODERS: Mapping[str, Callable[[bytes], DecodedSeries]] = {
    "Prometheus matrix": partial(decode_matrix, origin="server"),
    "VictoriaMetrics export": partial(decode_export, origin="server"),
    "remote read": partial(decode_read, content_type="application/x-protobuf", origin="server"),
}
CLOUDS = ("NHN meters", "Naver usage")
NHN = CloudOptions(
    "nhn", {"gpu": Counter("gpu", "HOURS", "nhn.gpu", "device_hour", "DELTA", "gpu")},
    account="projectId", partner="p", token_env="FUZZ_TOKEN",
)  # fmt: skip
NAVER = CloudOptions(
    "naver", {"SVR": Counter("SVR", "HOUR", "naver.server", "device_hour", "DAY")},
    counter_name="productItemKind", access_key_env="FUZZ_TOKEN", secret_key_env="FUZZ_TOKEN",
)  # fmt: skip


def source_of(name: str) -> tuple[SourceConfig, Section]:
    """The source of a file's kind, and the section that it is of."""
    file, kind, record, options = FILES[name]
    source = SourceConfig(
        "fuzz", kind, record, "dcgm" if kind == "exposition" else None,  # type: ignore[arg-type]
        (file,), options=options, late_ms=0,
    )  # fmt: skip
    if record == "reading":
        return source, Store("nas", "NAS", sources=(source,), quarantine_share_max=1)  # type: ignore[arg-type]
    return source, cluster(source, quarantine_share_max=1)


class FileReaders:
    """Reads files of a site in a folder."""

    def __init__(self, folder: Path) -> None:
        self._ground = ground(folder, cluster())
        self._folder = folder

    def __call__(self, name: str, content: bytes) -> Iterator[Batch]:
        """The batches of a file."""
        source, section = source_of(name)
        path = self._folder / source.paths[0]
        path.write_bytes(content)
        try:
            yield from read(source, section, self._ground.opened.site, WINDOW)
        finally:
            path.unlink()


class _OneAnswer:
    """A cloud that gives the same bytes to whatever it is asked."""

    url = "http://cloud/billing/v1"
    limits = Limits()

    def __init__(self, content: bytes) -> None:
        self._content = content

    def get(self, *_: object, **__: object) -> Answer:
        return Answer(self._content, {})


def cloud_batches(name: str, content: bytes) -> Iterator[Batch]:
    """The batches of a cloud's answer."""
    day = Period(MIDNIGHT, MIDNIGHT + DAY_MS)
    web = _OneAnswer(content)
    if name == CLOUDS[0]:
        return nhn.read(web, "fuzz", NHN, CALENDAR, day)  # type: ignore[arg-type]
    return naver.read(web, "fuzz", NAVER, CALENDAR, day)  # type: ignore[arg-type]


def measured(name: str, content: bytes) -> Batch:
    """What is made of a server's answer."""
    samples = DECODERS[name](content).between(WINDOW.start_ms, WINDOW.end_ms)
    check_series(samples)
    taking = Measured(family("dcgm"), "server")
    taking.take(samples)
    taken, refused = taking.taken, tuple(taking.quarantined)
    rows = taking.observed.table()
    left_out = dict(taking.skipped)
    return Batch("sample", rows, refused, len(samples), "server", left_out, taken=taken)


def check_series(samples: DecodedSeries) -> None:
    """Each series has its own stretch of samples, and all of them are in one."""
    bounds = samples.bounds.tolist()
    if bounds != sorted(bounds) or (bounds or [0])[0] != 0 or bounds[-1:] != [len(samples)]:
        raise UnforeseenError(f"bounds {bounds} of {len(samples)} samples")
    if len(bounds) != len(samples.labels) + 1:
        raise UnforeseenError(f"{len(bounds)} bounds of {len(samples.labels)} series")


@contextmanager
def foreseen() -> Iterator[list[str]]:
    """What may be said instead of taking an input; anything else is a failure of the reader."""
    said: list[str] = []
    try:
        yield said
    except (SourceError, Mistakes) as error:
        said.append(str(error))
        if "unforeseen" in str(error) or "please report it" in str(error):
            raise UnforeseenError(str(error)) from error


def check(batches: list[Batch]) -> None:
    """Every row of an input is accounted for, and what was made of it can be kept."""
    for batch in batches:
        if batch.unaccounted:
            raise UnforeseenError(
                f"{batch.rows_read} rows read, {batch.taken} taken, left out {batch.skipped},"
                f" {len(batch.quarantined)} refused"
            )
        batch.table.validate(full=True)
        for row in batch.quarantined:
            f"{row.place}{row.reason}{row.text}".encode()
            if not row.reason:
                raise UnforeseenError(f"{row.place} is refused without a reason")
        _check_spans(batch.table)


def _check_spans(rows: pa.Table) -> None:
    """No span that was taken ends before it starts, and no amount is below nothing."""
    if {"started_ms", "ended_ms"} <= set(rows.column_names):
        columns = (rows.column(name).to_pylist() for name in ("started_ms", "ended_ms"))
        if any(None not in span and span[1] < span[0] for span in zip(*columns, strict=True)):
            raise UnforeseenError("a span ends before it starts")
    for name in ("quantity", "quantity_milli"):
        if (
            name in rows.column_names
            and min(rows.column(name).drop_null().to_pylist(), default=0) < 0
        ):
            raise UnforeseenError(f"{name} below nothing")


def lines_of(content: bytes) -> tuple[int, int]:
    """How many lines a text has at least and at most that are not empty: blanks may be either."""
    text = content.decode("latin-1")
    lines = ENDS.split(text)
    return sum(bool(line.strip()) for line in lines), sum(bool(line) for line in lines)


def bank(content: bytes) -> None:
    """A bank's list: every line below its headings is a payment, left out, or for a person."""
    layout = BankLayout()
    read_list = read_bank_file("list.csv", content, layout)
    rows = len(read_list.payments) + read_list.left_out + len(read_list.untaken)
    least, most = lines_of(content)
    if not content.startswith((b"\xff\xfe", b"\xfe\xff")) and not rows < most:
        raise UnforeseenError(f"{rows} rows of {least} to {most} lines")


def section_of(name: str) -> Cluster | Store:
    """The section of a file's kind, as `collect` has it."""
    source, section = source_of(name)
    return replace(section, sources=(source,))  # type: ignore[return-value]


__all__ = ["CLOUDS", "DECODERS", "FILES", "FileReaders", "JeongsanError", "bank", "check"]
