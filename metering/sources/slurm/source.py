"""Slurm accounting: dumps of sacct (text or JSON), of node events and of sreport."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from metering.calendar import Calendar, Period
from metering.settings.sections import Cluster
from metering.settings.site_toml import Site
from metering.settings.source_options.slurm import SlurmOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.reading import files
from metering.sources.reading.batch import Batch
from metering.sources.slurm import node_events, runaways, sacct_json, sacct_text, sreport
from metering.sources.slurm.cluster_names import ClusterNames, name_of
from metering.sources.slurm.runs import RunKey, Runs

HEADER = frozenset({"start", "end", "state"})


def read(source: SourceConfig, cluster: Cluster, site: Site, window: Period) -> Iterator[Batch]:
    """What touches the window, a batch a file; whether a file is text or JSON, its content says.

    Whose rows the files have is known once all are read; then the first batch comes.
    """
    options = source.options if isinstance(source.options, SlurmOptions) else SlurmOptions()
    own = ClusterNames(name_of(source, cluster))
    inputs = dict(files.files(source, site))
    batches: list[Batch] = []
    lost = frozenset[RunKey]()
    if source.record == "allocation":
        for name, _ in runaways.lists_of(inputs.items()):
            raw = files.content(name, inputs.pop(name), source.limits)
            batch, keys = runaways.parse(raw, name, site.calendar, options.naive, own)
            batches.append(batch)
            lost |= keys
    for name, path in inputs.items():
        raw = files.content(name, path, source.limits)
        match source.record:
            case "node_state":
                batch = node_events.parse(raw, name, site.calendar, window, options.naive, own)
            case "control_total":
                batch = sreport.parse(raw, name, site.calendar, window, options.naive, own)
            case _:
                batch = parse(raw, name, cluster, site.calendar, window, options, own, lost)
        batches.append(replace(batch, digest=files.digest(raw)))
    yield from own.settled(batches, cluster, source.name)


def parse(
    raw: bytes,
    origin: str,
    cluster: Cluster,
    calendar: Calendar,
    window: Period | None,
    options: SlurmOptions | None = None,
    own: ClusterNames | None = None,
    lost: frozenset[RunKey] = frozenset(),
) -> Batch:
    """The runs of a dump that hold devices and touch the window (None: all of them).

    Times of a text are UTC, as `TZ=UTC sacct` writes them, or the site's where the options say so.
    One row a run, resource and model. `own` says which rows are taken and takes note of what
    clusters there are; `lost` are runs that no controller knows. SourceError where a JSON cannot
    be read as a whole.
    """
    options, own = options or SlurmOptions(), own or ClusterNames()
    runs = Runs(cluster, calendar, window, options, lost)
    if sacct_json.is_json(raw):
        for number, job in enumerate(sacct_json.jobs_of(raw, origin)):
            runs.take(
                f"{origin}:jobs[{number}]",
                partial(sacct_json.job_of, job, own),
                partial(sacct_json.text_of, job),
            )
        return runs.batch(origin)
    for row in sacct_text.rows(raw, HEADER, "jobname", sacct_text.DOCUMENTED):
        job_of = partial(sacct_text.job_of, row, calendar, options.naive, own)
        runs.take(f"{origin}:{row.number}", job_of, row.shown)
    return runs.batch(origin)
