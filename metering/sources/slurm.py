"""Slurm accounting: dumps of sacct (text or JSON), of node events and of sreport."""

from collections.abc import Iterator
from functools import partial

from metering.period import Calendar, Naive, Period
from metering.site import Cluster, Site, SourceConfig
from metering.sources import incoming, slurm_json, slurm_nodes, slurm_report, slurm_text
from metering.sources.batch import Batch
from metering.sources.slurm_run import Runs

HEADER = frozenset({"start", "end", "state"})


def read(source: SourceConfig, cluster: Cluster, site: Site, window: Period) -> Iterator[Batch]:
    """What touches the window, a batch a file; whether a file is text or JSON, its content says."""
    naive = source.naive or "utc"
    for name, path in incoming.files(source, site):
        raw = incoming.content(name, path)
        match source.record:
            case "node_state":
                yield slurm_nodes.parse(raw, name, site.calendar, window, naive)
            case "control_total":
                yield slurm_report.parse(raw, name, site.calendar, window, naive)
            case _:
                yield parse(raw, name, cluster, site.calendar, window, naive)


def parse(
    raw: bytes,
    origin: str,
    cluster: Cluster,
    calendar: Calendar,
    window: Period | None,
    naive: Naive = "utc",
) -> Batch:
    """The runs of a dump that hold devices and touch the window (None: all of them).

    Times of a text are UTC, as `TZ=UTC sacct` writes them, or the site's where `naive` says so.
    One row a run, resource and model. SourceError where a JSON cannot be read as a whole.
    """
    runs = Runs(cluster, calendar, window)
    if slurm_json.is_json(raw):
        for number, job in enumerate(slurm_json.jobs_of(raw, origin)):
            runs.take(
                f"{origin}:jobs[{number}]",
                partial(slurm_json.job_of, job),
                partial(slurm_json.text_of, job),
            )
        return runs.batch(origin)
    for row in slurm_text.rows(raw, HEADER, "jobname", slurm_text.DOCUMENTED):
        job_of = partial(slurm_text.job_of, row, calendar, naive)
        runs.take(f"{origin}:{row.number}", job_of, row.shown)
    return runs.batch(origin)
