"""The jobs of `sacct --json` and of slurmrestd's accounting, by the version of their form."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from metering.errors import SourceError
from metering.sources.reading import exact_numbers
from metering.sources.slurm.cluster_names import ClusterNames
from metering.sources.slurm.runs import KNOWN, NEVER, RUNNING, Job, NoRowError, RefusedRunError

# The forms whose jobs are written alike, as the data_parser plugins of Slurm 23.02 (v0.0.39) to
# 26.05 (v0.0.46) have them. v0.0.38 writes when a job became eligible as its start.
VERSIONS = tuple(range(39, 47))
VERSION = re.compile(r"v?0\.0\.(\d{1,3})", re.ASCII)
CONTROLLER = re.compile(r"openapi/(?:slurmctld|v0\.0\.\d+)", re.ASCII)
# What sacct writes of a state with flags: the first of these, else the state beneath
# (job_state_string in Slurm). A requeued run is ["PENDING", "REQUEUED"].
_FLAGS = (
    "COMPLETING STAGE_OUT CONFIGURING EXPEDITING RESIZING REQUEUED REQUEUE_FED REQUEUE_HOLD"
    " SPECIAL_EXIT STOPPED REVOKED RESV_DEL_HOLD SIGNALING"
)
FLAGS = tuple(_FLAGS.split())
NO_VALUES = frozenset({0xFFFFFFFE, 0xFFFFFFFF, 2**64 - 2, 2**64 - 1, -1, -2})


def is_json(raw: bytes) -> bool:
    """Whether an input is JSON and no text of columns."""
    return raw.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def jobs_of(raw: bytes, origin: str) -> list[Any]:
    """The jobs of a document; SourceError where it is not whole or of a form that is not known."""
    try:
        document = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise SourceError(f"{origin}: is no whole JSON: {error}") from error
    plugin = _inside(document, "meta", "plugin")
    version = _version(plugin)
    if version not in VERSIONS:
        said_version = "no version" if version is None else f"the version v0.0.{version}"
        why = ", whose start is the time of eligibility" if version == 38 else ""
        raise SourceError(
            f"{origin}: is of {said_version} of Slurm's data_parser{why};"
            f" v0.0.{VERSIONS[0]} to v0.0.{VERSIONS[-1]} are known"
        )
    if CONTROLLER.fullmatch(str(plugin.get("type", ""))):
        raise SourceError(
            f"{origin}: is of the controller, which forgets jobs;"
            " take `sacct --json` or /slurmdb/.../jobs"
        )
    if document.get("errors"):
        raise SourceError(f"{origin}: Slurm could not answer: {document['errors']!r:.300}")
    jobs = document.get("jobs")
    if not isinstance(jobs, list):
        raise SourceError(f"{origin}: has no list of jobs")
    return jobs


def job_of(job: Any, own: ClusterNames) -> Job:
    """The run that a job of a document tells of; NoRowError for one that never started and for
    one of another cluster. Whose it is stands with the job: `meta` says who was asked."""
    if not isinstance(job, dict):
        raise RefusedRunError("is no job")
    own.admit(_text(job, "cluster"))
    job_id = _whole(job, "job_id")
    state = _state(job)
    if not job_id or state not in KNOWN:
        raise RefusedRunError(f"job {job_id} in an unknown state {state!r}")
    started = _seconds(job, "start")
    never = not started or state in NEVER
    if never and not _seconds(job, "submission"):
        raise NoRowError("not_started")
    ended = None if never else _seconds(job, "end")
    return Job(
        str(job_id),
        _text(job, "account"),
        _text(job, "user"),
        _text(job, "partition"),
        _text(job, "nodes"),
        state,
        _tres(job),
        _instant(_seconds(job, "submission")),
        None if never else _instant(started),
        None if not ended or state in RUNNING else _instant(ended),
        _suspended_ms(job),
    )


def text_of(job: Any) -> str:
    """A job as it came."""
    return orjson.dumps(job).decode()


def _version(plugin: Mapping[str, Any]) -> int | None:
    for key in ("data_parser", "type", "name"):
        if match := VERSION.search(str(plugin.get(key, ""))):
            return int(match[1])
    return None


def _inside(value: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _state(job: Mapping[str, Any]) -> str:
    current = _inside(job, "state").get("current")
    names = [current] if isinstance(current, str) else current
    if not isinstance(names, list) or not all(isinstance(text, str) for text in names):
        return ""
    flag = next((word for word in FLAGS if word in names), None)
    return flag or (names[0] if names else "")


def _text(job: Mapping[str, Any], key: str) -> str:
    value = job.get(key)
    if value is not None and not isinstance(value, str):
        raise RefusedRunError(f"its {key} is no text: {value!r:.80}")
    return value or ""


def _whole(values: Mapping[str, Any], key: str) -> int | None:
    """A number that is plain, or stands with `set` and `infinite`; None where it has no value."""
    value = values.get(key)
    if isinstance(value, dict):
        if not value.get("set") or value.get("infinite"):
            return None
        value = value.get("number")
    if value is None or (isinstance(value, int) and value in NO_VALUES):
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise RefusedRunError(f"its {key} is no whole number: {value!r:.80}")
    return value


def _seconds(job: Mapping[str, Any], key: str) -> int | None:
    time = job.get("time")
    if not isinstance(time, dict) or key not in time:
        raise RefusedRunError(f"has no time.{key}")
    return _whole(time, key)


def _instant(seconds: int | None) -> int:
    instant_ms = (seconds or 0) * 1000
    if not exact_numbers.FIRST_MS <= instant_ms < exact_numbers.LAST_MS:
        raise RefusedRunError(f"has the impossible instant {seconds}")
    return instant_ms


def _suspended_ms(job: Mapping[str, Any]) -> int:
    suspended_s = _seconds(job, "suspended") or 0
    if suspended_s * 1000 > exact_numbers.LAST_MS:
        raise RefusedRunError(f"was suspended for the impossible {suspended_s} s")
    return suspended_s * 1000


def _tres(job: Mapping[str, Any]) -> str:
    """What is allocated, as AllocTRES writes it: only what is counted in devices matters here."""
    allocated = _inside(job, "tres").get("allocated")
    if not isinstance(allocated, list):
        raise RefusedRunError("has no tres.allocated")
    pairs = []
    for resource in allocated:
        if not isinstance(resource, dict):
            raise RefusedRunError(f"its tres.allocated has {resource!r:.80}")
        if resource.get("type") == "gres":
            count = _whole(resource, "count")
            pairs.append(f"gres/{_text(resource, 'name')}={'' if count is None else count}")
    return ",".join(pairs)
