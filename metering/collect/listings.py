"""Listings: which input listed a run last. The later input wins, whatever it says (METERING 32)."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from metering.calendar import Calendar
from metering.collect.spans import SEPARATOR, keys
from metering.lake.change import Change
from metering.lake.contract import contract
from metering.lake.lake import Lake
from metering.sources.reading.schemas import ALLOCATION_RUN

TABLE = "allocation_listing"
RUN = ("source", "allocation_id", "submitted_ms", "started_ms")  # a run's identity
SAID = tuple(name for name in ALLOCATION_RUN.names if name not in RUN)
NEVER = (-1, "")  # before every input


@dataclass(frozen=True, slots=True)
class Listing:
    """What listed a run: up to when the input is complete, its name, who collected it, and in short
    what it said of the run ('' where that held nothing)."""

    as_of_ms: int
    input: str
    collector: str
    said: str = ""
    digest: str = ""  # of the content of the input; '' of an answer

    @property
    def order(self) -> tuple[int, str]:
        """SourceInputs in their order: as far as they are complete, then by name."""
        return self.as_of_ms, self.input


def job_of(run: str) -> str:
    """The submission of a run: its identity without the start."""
    return run.rpartition(SEPARATOR)[0]


def started_day(run: str, calendar: Calendar) -> date:
    """The accounting day in which a run starts."""
    return calendar.day_of(int(run.rpartition(SEPARATOR)[2]))


def read_listings(
    lake: Lake, cluster: str, days: Iterable[date], jobs: pa.ChunkedArray | None = None
) -> dict[str, Listing]:
    """The listings of the runs that start on those days, by run; only those of some submissions."""
    wanted = sorted(set(days))
    if not wanted:
        return {}
    there = {
        partition["date"]
        for partition in lake.partitions(
            TABLE, cluster=cluster, date_from=wanted[0], date_to=wanted[-1]
        )
    }
    listings: dict[str, Listing] = {}
    for day in wanted:
        if day.isoformat() in there:
            rows = lake.read(TABLE, cluster=cluster, date_from=day, date_to=day)
            if jobs is not None:
                rows = rows.filter(pc.is_in(keys(rows, RUN[:-1]), value_set=jobs))
            columns = (rows.column(field.name).to_pylist() for field in fields(Listing))
            texts = keys(rows, RUN).to_pylist()
            listings |= dict(zip(texts, map(Listing, *columns), strict=True))
    return listings


def put_listings(
    lake: Lake, change: Change, cluster: str, calendar: Calendar, new: Mapping[str, Listing]
) -> None:
    """Puts listings in place of what was known of the same runs."""
    by_day: dict[date, dict[str, Listing]] = {}
    for run, listing in new.items():
        by_day.setdefault(started_day(run, calendar), {})[run] = listing
    for day, own in sorted(by_day.items()):
        before = read_listings(lake, cluster, [day])
        if all(before.get(run) == listing for run, listing in own.items()):
            continue
        rows = _table(cluster, day, {**before, **own})
        change.replace(TABLE, {"cluster": cluster, "date": day.isoformat()}, rows)


def _table(cluster: str, day: date, listings: Mapping[str, Listing]) -> pa.Table:
    names = [run.split(SEPARATOR) for run in listings]
    columns = {
        "cluster": [cluster] * len(names),
        "date": [day] * len(names),
        "source": [name[0] for name in names],
        "allocation_id": [name[1] for name in names],
        "submitted_ms": [int(name[2]) for name in names],
        "started_ms": [int(name[3]) for name in names],
        "as_of_ms": [listing.as_of_ms for listing in listings.values()],
        "input": [listing.input for listing in listings.values()],
        "collector": [listing.collector for listing in listings.values()],
        "said": [listing.said for listing in listings.values()],
        "digest": [listing.digest for listing in listings.values()],
    }
    schema = contract(TABLE).schema
    return pa.table(
        [pa.array(columns[name], schema.field(name).type) for name in schema.names], schema=schema
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What stands once inputs are put in their order: of each run, what the last to list it says.

    `listed` are the runs that these facts settle; `gone` those in force that hold nothing any more.
    """

    listed: Mapping[str, Listing]
    gone: Mapping[str, Listing]

    @property
    def new(self) -> dict[str, Listing]:
        """All listings that are to be kept."""
        return {**self.gone, **self.listed}


def judge(
    facts: pa.Table,
    in_force: Iterable[str],
    known: Mapping[str, Listing],
    collector: str,
    void: Collection[str] = (),
) -> Judged:
    """Which of the facts (ALLOCATION_FACT) stand beside what is in force and was listed before,
    save what is void (see `unsaid`).

    A fact without a start, and one of an input that has a submission once, takes away every other
    run of the submission that was listed before it.
    """
    last: dict[str, Listing] = {}
    claims: dict[str, Listing] = {}
    for run, job, one_start, listing in _sayings(facts, collector):
        if run is not None:
            last[run] = _later(last.get(run), listing)
        if job is not None and (one_start or run is None):
            claims[job] = _later(claims.get(job), listing)
    unsaid_now = {run: replace(known[run], said="") for run in void}
    known = {run: listing for run, listing in known.items() if run not in unsaid_now}
    standing = [run for run in in_force if job_of(run) in claims]
    for run in standing:
        if run in known and run not in last:
            claims[job_of(run)] = _later(known[run], claims[job_of(run)])
    listed: dict[str, Listing] = {}
    gone: dict[str, Listing] = {}
    for run in {**last, **dict.fromkeys(standing)}:
        own = last.get(run)
        before = known.get(run)
        claim = claims.get(job_of(run))
        order = max(listing.order if listing else NEVER for listing in (own, before))
        if claim is not None and order < claim.order:
            gone[run] = replace(claim, said="")
        elif own is not None and order == own.order:
            listed[run] = own
    gone |= {run: listing for run, listing in unsaid_now.items() if run not in listed}
    return Judged(listed, gone)


def unsaid(
    facts: pa.Table, known: Mapping[str, Listing], collector: str, contents: Collection[str]
) -> set[str]:
    """The runs whose last listing is by an input that was read now and does not say them any more:
    the same content, read by other settings. What it said of them is void."""
    runs, digests = keys(facts, RUN).to_pylist(), facts.column("digest").to_pylist()
    says = set(zip(runs, digests, strict=True))
    return {
        run
        for run, listing in known.items()
        if listing.said and listing.collector == collector and listing.digest in contents
        if (run, listing.digest) not in says
    }


def corrected_jobs(facts: pa.Table, listed: Mapping[str, Listing]) -> set[str]:
    """The submissions of which facts correct what was listed: no earlier input says something else
    of a run, or a later one that there was another start or none (see `judge`)."""
    jobs: set[str] = set()
    last: dict[str, tuple[int, str]] = {}
    claims: dict[str, tuple[int, str]] = {}
    for run, job, one_start, listing in _sayings(facts, ""):
        if run is not None:
            last[run] = max(last.get(run, NEVER), listing.order)
            known = listed.get(run)
            if known and known.order <= listing.order and known.said != listing.said:
                jobs.add(job)
        if job is not None and (one_start or run is None):
            claims[job] = max(claims.get(job, NEVER), listing.order)
    for run, known in listed.items():
        own = max(known.order, last.get(run, NEVER))
        if known.said and own < claims.get(job_of(run), NEVER):
            jobs.add(job_of(run))
    return jobs


def _sayings(facts: pa.Table, collector: str) -> Iterable[tuple[str | None, str, bool, Listing]]:
    """Each fact's run (None: it never started) and submission, whether its input has that once, and
    its listing."""
    runs, jobs = (keys(facts, names).to_pylist() for names in (RUN, RUN[:-1]))
    names = ("as_of_ms", "input", "one_start", "digest")
    as_of, inputs, once, digests = (facts.column(name).to_pylist() for name in names)
    texts = _texts(facts)
    said: dict[tuple[str | None, int, str], list[str]] = {}
    for run, as_of_ms, name, text in zip(runs, as_of, inputs, texts, strict=True):
        said.setdefault((run, as_of_ms, name), []).append(text)
    short = {place: _short(own) for place, own in said.items()}
    rows = zip(runs, jobs, as_of, inputs, once, digests, strict=True)
    for run, job, as_of_ms, name, one_start, digest in rows:
        text = short[run, as_of_ms, name]
        yield run, job, one_start, Listing(as_of_ms, name, collector, text, digest)


def _texts(facts: pa.Table) -> Sequence[str]:
    """What each fact says of its run, as one text; '' where that holds nothing."""
    parts = [pc.cast(facts.column(name), pa.string()) for name in SAID]
    texts = pc.binary_join_element_wise(
        *parts, SEPARATOR, null_handling="replace", null_replacement="-"
    )
    lasting = pc.not_equal(facts.column("started_ms"), facts.column("ended_ms"))
    lasting = pc.and_(pc.is_valid(facts.column("started_ms")), pc.fill_null(lasting, True))
    holds = pc.and_(lasting, pc.greater(facts.column("quantity_milli"), 0))
    said: Sequence[str] = pc.if_else(pc.fill_null(holds, False), texts, "").to_pylist()
    return said


def _short(texts: Iterable[str]) -> str:
    """What tells one set of texts from another; '' of nothing."""
    text = "\n".join(sorted({text for text in texts if text}))
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""


def _later(before: Listing | None, listing: Listing) -> Listing:
    return listing if before is None or before.order <= listing.order else before
