"""A run of Slurm's accounting, in whichever form it came, as rows of allocation."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

from metering.calendar import Calendar, Period
from metering.errors import TimeError
from metering.plain_text import flaw, tidy
from metering.settings.sections import Cluster
from metering.settings.source_options.slurm import SlurmOptions
from metering.sources.reading.batch import Batch, Note, Quarantined, shown
from metering.sources.reading.schemas import ALLOCATION_RUN, table_of
from metering.sources.slurm.gres import Accelerators, Held, Why, WrongGresError

NEVER = frozenset({"PENDING", "REVOKED"})  # revoked: another cluster of a federation ran it
RUNNING = frozenset(
    {"RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "CONFIGURING", "POWER_UP_NODE"}
)
_ENDED = (
    "BOOT_FAIL CANCELLED COMPLETED COMPLETING DEADLINE EXPEDITING FAILED LAUNCH_FAILED NODE_FAIL"
    " OUT_OF_MEMORY PREEMPTED RECONFIG_FAIL REQUEUED REQUEUE_FED REQUEUE_HOLD RESIZING"
    " RESV_DEL_HOLD SPECIAL_EXIT STAGE_OUT TIMEOUT"
)
ENDED = frozenset(_ENDED.split())
KNOWN = RUNNING | ENDED | NEVER
STEP = re.compile(r"[^.]+\..+")
SHOWN = 3  # jobs that a finding names
HOUR_MS = 3_600_000

RunKey = tuple[str, int, int]  # job id, submitted_ms, started_ms


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


@dataclass(slots=True)
class _Cause:
    """The runs of a day that one finding is about."""

    jobs: list[str] = field(default_factory=list)
    left: Fraction = Fraction(0)  # milli-devices x ms that no whole number of milli-devices holds

    @property
    def text(self) -> str:
        names = sorted(set(self.jobs))
        more = " 등" if len(names) > SHOWN else ""
        return f"작업 {len(self.jobs)}건({', '.join(names[:SHOWN])}{more})"


class Runs:
    """The runs of one input: rows of those that hold devices, and what became of the others."""

    def __init__(
        self,
        cluster: Cluster,
        calendar: Calendar,
        window: Period | None,
        options: SlurmOptions | None = None,
        runaways: frozenset[RunKey] = frozenset(),
    ) -> None:
        self._accelerators = Accelerators(cluster, options or SlurmOptions())
        self._gpu_partitions = {*cluster.partition_models, *cluster.gpu_partitions}
        self._title = cluster.title
        self._calendar = calendar
        self._window = window
        self._runaways = runaways
        self._rows: list[tuple[object, ...]] = []
        self._places: list[str] = []
        self._corrections: list[tuple[object, ...]] = []
        self._quarantined: list[Quarantined] = []
        self._skipped: Counter[str] = Counter()
        self._no_gres: Counter[tuple[date, str]] = Counter()
        self._unsaid: dict[tuple[date, str, Why], _Cause] = {}
        self._left: dict[tuple[date, str], _Cause] = {}
        self._lost: dict[date, _Cause] = {}
        self._rows_read = self._taken = 0

    def take(self, place: str, read: Callable[[], Job], text: Callable[[], str]) -> None:
        """Take in one row that `read` reads; `text` is the row as it came."""
        self._rows_read += 1
        try:
            rows = self._of(read())
            self._taken += 1
            self._rows.extend(rows)
            self._places.extend([place] * len(rows))
        except NoRowError as reason:
            self._skipped[str(reason)] += 1
        except (RefusedRunError, WrongGresError, TimeError) as reason:
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
            taken=self._taken,
        )

    def _of(self, job: Job) -> list[tuple[object, ...]]:
        if job.started_ms is None:
            raise self._holds_nothing(job, "not_started")
        if job.ended_ms is not None and job.ended_ms < job.started_ms:
            iso = self._calendar.iso
            raise RefusedRunError(
                f"ends {iso(job.ended_ms)} before it starts {iso(job.started_ms)}"
            )
        partition = plain(job.partition)
        node = "" if job.nodes.startswith("None") else job.nodes
        held = self._accelerators.of(job.tres, partition, node)
        without = not held.counted and partition in self._gpu_partitions
        if not held.rows and not held.unsaid and not without:
            raise self._holds_nothing(job, "no_device")
        if job.ended_ms == job.started_ms:
            raise self._holds_nothing(job, "no_time")
        outside = self._outside(job)
        key = (job.job_id, job.submitted_ms, job.started_ms)
        if job.ended_ms is None and key in self._runaways:
            if not outside:
                self._lost.setdefault(self._day(job), _Cause()).jobs.append(job.job_id)
            raise self._holds_nothing(job, "runaway_job")
        if not outside:
            self._tell(job, held)
        if without and not outside:
            self._no_gres[self._day(job), partition] += 1
        if not held.rows:
            raise self._holds_nothing(
                job, "outside_window" if outside else "no_gres" if without else "unknown_gres"
            )
        rows = self._rows_of(job, partition, node, held)
        if outside:
            self._corrections += rows
            raise NoRowError("outside_window")
        return rows

    def _rows_of(self, job: Job, partition: str, node: str, held: Held) -> list[tuple[object, ...]]:
        names = (job.job_id, "slurm", job.job_id, plain(job.account), plain(job.user), partition)
        if not names[3]:
            raise RefusedRunError("has no account")
        times = (job.submitted_ms, job.started_ms, job.ended_ms, job.suspended_ms, job.state, node)
        return [(*names, resource, model, milli, *times) for resource, model, milli in held.rows]

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
        return self._calendar.day_of(self._since(job))

    def _since(self, job: Job) -> int:
        assert job.started_ms is not None
        first = job.started_ms if self._window is None else self._window.start_ms
        return max(job.started_ms, first)

    def _tell(self, job: Job, held: Held) -> None:
        """Keep what a run has of names that nobody explained, and what was left of its shares."""
        if not held.unsaid and not held.left:
            return
        day = self._day(job)
        for gres, why in held.unsaid:
            self._unsaid.setdefault((day, gres, why), _Cause()).jobs.append(job.job_id)
        for gres, milli in held.left:
            cause = self._left.setdefault((day, gres), _Cause())
            cause.jobs.append(job.job_id)
            ends = (job.ended_ms, None if self._window is None else self._window.end_ms)
            since = self._since(job)
            until = min((end for end in ends if end is not None), default=since)
            cause.left += milli * max(until - since, 0)

    def _notes(self, origin: str) -> Iterator[Note]:
        """What stops until the site says it, and what was left off, by day and name.

        Slurm records no GPU at all where AccountingStorageTRES lacks gres/gpu.
        """
        for (day, partition), count in sorted(self._no_gres.items()):
            yield Note(
                "fail",
                "no_gres",
                partition,
                f"{self._title}: GPU 파티션 {partition}의 작업 {count}건에 GPU 수가 없어 청구하지"
                f" 않았습니다({origin}). slurm.conf의 AccountingStorageTRES에 gres/gpu가 있는지"
                " 확인하고, GPU를 쓰지 않는 작업이면 사유와 함께 확인으로 처리하세요.",
                day,
            )
        for day, cause in sorted(self._lost.items()):
            yield Note(
                "fail",
                "runaway_job",
                "runaway",
                f"{self._title}: Slurm이 실행 중으로 적었으나 제어기가 모르는 {cause.text}을"
                f" 청구하지 않았습니다({origin}). 언제 끝났는지 확인해 `sacctmgr show runaway`로"
                " 바로잡고 다시 수집하세요.",
                day,
            )
        for (day, gres, why), cause in sorted(self._unsaid.items()):
            detail = f"{self._title}: {cause.text}이 쓴 {gres}을(를) 청구하지 않았습니다({origin})."
            yield Note("fail", "unknown_gres", gres, f"{detail} {MENDS[why](gres)}", day)
        for (day, gres), cause in sorted(self._left.items()):
            parts = int(cause.left * 10_000 / (1000 * HOUR_MS))  # a share of a share is small
            yield Note(
                "warn",
                "share_remainder",
                gres,
                f"{self._title}: {cause.text}의 {gres} 몫이 장비의 1/1000로 나누어떨어지지 않아"
                f" 버린 나머지가 {parts // 10_000}.{parts % 10_000:04} 장비시간입니다"
                f"({origin}).",
                day,
            )


def _no_resource(gres: str) -> str:
    name = gres.removeprefix("gres/")
    return (
        f'가속기이면 site.toml의 이 원천에 gres_devices = {{ {name} = "npu:모델" }}처럼, 아니면'
        f' ignored_gres = ["{name}"]처럼 적고 다시 수집하세요.'
    )


def _no_type(gres: str) -> str:
    kind = gres.partition(":")[2]
    return (
        f'요금표의 모델을 site.toml의 이 원천에 gres_models = {{ "{kind}" = "h100" }}처럼 적고'
        " 다시 수집하세요."
    )


def _no_share(gres: str) -> str:
    key, many = ("shards", 32) if gres.endswith("shard") else ("mps", 100)
    return (
        "장비 하나가 몇 조각인지 모든 노드에서 알 수 있게 site.toml의 이 원천에"
        f' {key} = {many} 또는 {key} = {{ "gpu[01-04]" = {many} }}처럼 적고 다시 수집하세요.'
    )


MENDS: Mapping[Why, Callable[[str], str]] = MappingProxyType(
    {"resource": _no_resource, "type": _no_type, "share": _no_share}
)


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """A name as it is kept; refused where it cannot be printed."""
    plain_text = tidy(text)
    if wrong := flaw(plain_text):
        raise RefusedRunError(f"{text!r}: {wrong}")
    return plain_text
