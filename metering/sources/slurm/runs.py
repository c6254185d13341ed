"""A run of Slurm's accounting, in whichever form it came, as rows of allocation."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from metering.calendar import Calendar, Period
from metering.errors import TimeError
from metering.plain_text import flaw, tidy
from metering.settings.sections import Cluster
from metering.sources.reading.accelerator_models import Models
from metering.sources.reading.batch import Batch, Note, Quarantined, shown
from metering.sources.reading.schemas import ALLOCATION_RUN, table_of

NEVER = frozenset({"PENDING"})
RUNNING = frozenset(
    {"RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "CONFIGURING", "POWER_UP_NODE"}
)
_ENDED = (
    "BOOT_FAIL CANCELLED COMPLETED COMPLETING DEADLINE EXPEDITING FAILED LAUNCH_FAILED NODE_FAIL"
    " OUT_OF_MEMORY PREEMPTED RECONFIG_FAIL REQUEUED REQUEUE_FED REQUEUE_HOLD RESIZING"
    " RESV_DEL_HOLD REVOKED SPECIAL_EXIT STAGE_OUT TIMEOUT"
)
ENDED = frozenset(_ENDED.split())
KNOWN = RUNNING | ENDED | NEVER
DEVICE = re.compile(r"gres/(gpu|npu)(?::(.+))?", re.ASCII)
COUNTED = re.compile(r"(?:^|,)gres/(?:gpu|npu)[:=]", re.ASCII)
COUNT = re.compile(r"\d{1,9}", re.ASCII)
STEP = re.compile(r"[^.]+\..+")

Devices = tuple[tuple[str, str, int], ...]  # resource, model, milli-devices


class RefusedRunError(Exception):
    """This row cannot be taken; the message is the reason."""


class NoRowError(Exception):
    """This row is rightly none; the message is what it is counted as."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a job as the accounting has it."""

    job_id: str
    account: str
    user: str
    partition: str
    nodes: str
    state: str
    tres: str  # as AllocTRES writes it
    submitted_ms: int
    started_ms: int | None  # None: it never started
    ended_ms: int | None  # None while it runs
    suspended_ms: int


class Runs:
    """The runs of one input: rows of those that hold devices, and what became of the others."""

    def __init__(self, cluster: Cluster, calendar: Calendar, window: Period | None) -> None:
        self._models = Models(cluster)
        self._gpu_partitions = {*cluster.partition_models, *cluster.gpu_partitions}
        self._title = cluster.title
        self._calendar = calendar
        self._window = window
        self._rows: list[tuple[object, ...]] = []
        self._places: list[str] = []
        self._corrections: list[tuple[object, ...]] = []
        self._quarantined: list[Quarantined] = []
        self._skipped: Counter[str] = Counter()
        self._no_gres: Counter[tuple[date, str]] = Counter()
        self._rows_read = 0

    def take(self, place: str, read: Callable[[], Job], text: Callable[[], str]) -> None:
        """Take in one row that `read` reads; `text` is the row as it came."""
        self._rows_read += 1
        try:
            rows = self._of(read())
            self._rows.extend(rows)
            self._places.extend([place] * len(rows))
        except NoRowError as reason:
            self._skipped[str(reason)] += 1
        except (RefusedRunError, TimeError) as reason:
            self._quarantined.append(Quarantined(place, str(reason), shown(text())))

    def batch(self, origin: str) -> Batch:
        """All that was taken in, of the input of that name."""
        return Batch(
            "allocation",
            table_of(self._rows, ALLOCATION_RUN),
            tuple(self._quarantined),
            self._rows_read,
            origin,
            dict(self._skipped),
            tuple(self._notes(origin)),
            places=self._places,
            corrections=table_of(self._corrections, ALLOCATION_RUN),
            one_start=True,
        )

    def _of(self, job: Job) -> list[tuple[object, ...]]:
        if job.started_ms is None:
            raise self._holds_nothing(job, "not_started")
        if job.ended_ms is not None and job.ended_ms < job.started_ms:
            iso = self._calendar.iso
            raise RefusedRunError(
                f"ends {iso(job.ended_ms)} before it starts {iso(job.started_ms)}"
            )
        devices = devices_of(job.tres)
        if isinstance(devices, str):
            raise RefusedRunError(devices)
        partition = plain(job.partition)
        without = not devices and partition in self._gpu_partitions and not COUNTED.search(job.tres)
        if not devices and not without:
            raise self._holds_nothing(job, "no_device")
        if job.ended_ms == job.started_ms:
            raise self._holds_nothing(job, "no_time")
        if without and not self._outside(job):
            self._no_gres[self._day(job), partition] += 1
        if without:
            raise self._holds_nothing(job, "outside_window" if self._outside(job) else "no_gres")
        rows = self._rows_of(job, partition, devices)
        if self._outside(job):
            self._corrections += rows
            raise NoRowError("outside_window")
        return rows

    def _rows_of(self, job: Job, partition: str, devices: Devices) -> list[tuple[object, ...]]:
        node = "" if job.nodes.startswith("None") else job.nodes
        names = (job.job_id, "slurm", job.job_id, plain(job.account), plain(job.user), partition)
        if not names[3]:
            raise RefusedRunError("has no account")
        times = (job.submitted_ms, job.started_ms, job.ended_ms, job.suspended_ms, job.state, node)
        return [
            (*names, resource, model or self._models.of(partition, node), milli, *times)
            for resource, model, milli in devices
        ]

    def _holds_nothing(self, job: Job, reason: str) -> NoRowError:
        """Keeps that the input says so of the run, which may have held devices in one before."""
        names = (job.job_id, "slurm", job.job_id, "", "", "", "gpu", "", 0)
        times = (job.submitted_ms, job.started_ms, job.started_ms, 0, job.state, "")
        self._corrections.append((*names, *times))
        return NoRowError(reason)

    def _outside(self, job: Job) -> bool:
        window = self._window
        if window is None or job.started_ms is None:
            return False
        ended = job.ended_ms is not None and job.ended_ms <= window.start_ms
        return ended or job.started_ms >= window.end_ms

    def _day(self, job: Job) -> date:
        """The first day that was asked for on which the job ran."""
        assert job.started_ms is not None
        first = job.started_ms if self._window is None else self._window.start_ms
        return self._calendar.day_of(max(job.started_ms, first))

    def _notes(self, origin: str) -> list[Note]:
        """Slurm records no GPU at all where AccountingStorageTRES lacks gres/gpu."""
        return [
            Note(
                "fail",
                "no_gres",
                partition,
                f"{self._title}: GPU 파티션 {partition}의 작업 {count}건에 GPU 수가 없어 청구하지"
                f" 않았습니다({origin}). slurm.conf의 AccountingStorageTRES에 gres/gpu가 있는지"
                " 확인하고, GPU를 쓰지 않는 작업이면 사유와 함께 확인으로 처리하세요.",
                day,
            )
            for (day, partition), count in sorted(self._no_gres.items())
        ]


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """A name as it is kept; refused where it cannot be printed."""
    plain_text = tidy(text)
    if wrong := flaw(plain_text):
        raise RefusedRunError(f"{text!r}: {wrong}")
    return plain_text


@lru_cache(maxsize=65536)
def devices_of(tres: str) -> Devices | str:
    """The devices of an AllocTRES by resource and model, or what is wrong with it.

    Typed counts make the rows and the untyped count checks their sum; it stands alone, with
    model '', only where nothing is typed (METERING 14).
    """
    typed: dict[tuple[str, str], int] = {}
    untyped: dict[str, int] = {}
    for pair in filter(None, tres.split(",")):
        name, _, count = pair.partition("=")
        device = DEVICE.fullmatch(name)
        if device is None:
            continue
        if not COUNT.fullmatch(count):
            return f"AllocTRES {pair!r} is no count"
        resource, model = device.groups()
        key = (resource, (model or "").lower())
        if key in typed or (not model and resource in untyped):
            return f"AllocTRES counts {name} twice"
        if model:
            typed[key] = int(count)
        else:
            untyped[resource] = int(count)
    return _agreed(typed, untyped)


def _agreed(typed: dict[tuple[str, str], int], untyped: dict[str, int]) -> Devices | str:
    rows = [(resource, model, count) for (resource, model), count in typed.items()]
    for resource, count in untyped.items():
        own: Sequence[int] = [n for (kind, _), n in typed.items() if kind == resource]
        if own and sum(own) != count:
            return f"AllocTRES counts {sum(own)} {resource} by type and {count} in all"
        if not own:
            rows.append((resource, "", count))
    return tuple((resource, model, n * 1000) for resource, model, n in sorted(rows) if n)
