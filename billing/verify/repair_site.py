"""Repairs a site: what is broken comes out of a copy, or is made anew, or is said to be gone.

A file is named by its content, so that bytes with the right digest are the ones that were lost and
are put back as such. Nothing that an issued month pins is ever replaced by anything else (METERING
43).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pyarrow.compute as pc

from billing.bundle.bundle import path_of, pinned
from billing.document import parse
from billing.month.list_price import list_price
from billing.rulebook.rule_book import RuleBook, read_rulebook
from billing.verify.check_site import CheckedSite, check_site
from billing.verify.remake_months import remake_months
from metering.errors import DamageError
from metering.finding import Stake
from metering.lake.inspection import BrokenFile, Partition, Read
from metering.lake.lake import Lake
from metering.lake.manifest import data_path, from_document, parse_path
from metering.lake.manifest_store import ManifestStore
from metering.lake.object_store import open_store
from metering.repair.make_anew import MONEY, USAGE, Anew, make_anew, moved, reached
from metering.repair.scratch_site import ScratchSite, scratch_site
from metering.site.open_site import OpenSite, Progress, silent
from metering.usage.meter import meter

# out of a copy; the same bytes made anew; other rows made anew; nothing came
Outcome = Literal["copied", "same", "other", "gone"]


@dataclass(frozen=True, slots=True)
class RepairedFile:
    """A broken file and what becomes of it. `months` are the issued ones that it proves. `rows` are
    those of its partition and `rows_now` those made anew, None where nobody knows. hours of devices
    and won at list are those of its section's day, None where nobody knows any more."""

    broken: BrokenFile
    outcome: Outcome
    months: tuple[str, ...]
    rows: int | None = None
    rows_now: int | None = None
    device_us: int | None = None
    worth_krw: int | None = None

    @property
    def mended(self) -> bool:
        """Whether what was lost is there again, or something else in its place."""
        return self.outcome != "gone"


@dataclass(frozen=True, slots=True)
class RepairedSite:
    """What was looked at and what becomes of what is broken; `problems` are sources that could not
    be read. done: whether it was done, or only looked at."""

    checked: CheckedSite
    files: tuple[RepairedFile, ...]
    problems: tuple[str, ...]
    done: bool


def repair_site(
    opened: OpenSite, read: Read, copy: str = "", *, do: bool, progress: Progress = silent
) -> RepairedSite:
    """What becomes of every broken file of a site; with `do` it is done, a file or a change at a
    time, so that a run that ends anywhere can be run again. `copy` is a copy of the lake."""
    checked = check_site(opened, read, progress)
    if not checked.broken:
        return RepairedSite(checked, (), (), do)
    with scratch_site(opened) as scratch:
        broken = _Broken(opened, scratch.site, checked)
        copied = broken.out_of(copy) if copy else set()
        lost = _lost(broken.left(copied), checked.in_force)
        scratch.take_out(lost)
        anew, problems = make_anew(scratch.site, lost, progress)
        if any(not b.partitions or b.partitions[0].table in MONEY for b in broken.left(copied)):
            remake_months(opened, scratch.site)
        broken.look_behind()
        files = _outcomes(opened, broken, scratch, anew, copied)
        if do:
            _put_back(opened, scratch, files)
            _replace(opened, scratch, anew, files, progress)
    return RepairedSite(checked, files, tuple(problems), do)


class _Broken:
    """The broken files, those too that only come to light once what names them is whole again."""

    def __init__(self, opened: OpenSite, scratch: OpenSite, checked: CheckedSite) -> None:
        self._opened, self._scratch = opened, scratch
        self.files = list(checked.broken)
        self.months = dict(checked.months)

    def left(self, copied: Collection[str]) -> list[BrokenFile]:
        """Those that did not come out of a copy."""
        return [file for file in self.files if file.path not in copied]

    def out_of(self, copy: str) -> set[str]:
        """Take over what a copy of the lake still has; gives the paths."""
        lake = self._scratch.lake
        source = ManifestStore(open_store(copy), self._scratch.database, lake.fault)
        copied = set()
        for file in self.files:  # it grows
            try:
                content = source.content(file.path, file.sha256)
            except DamageError:
                continue
            lake.store.put(file.path, content, lake.fault)
            copied.add(file.path)
            self._behind(file)
        return copied

    def look_behind(self) -> None:
        """Look at all that is named by what was made anew."""
        for file in self.files:  # it grows
            if self._scratch.lake.whole(file.path, file.sha256):
                self._behind(file)

    def _behind(self, file: BrokenFile) -> None:
        if not file.path.endswith(".json"):
            return
        content = self._scratch.lake.content(file.path, file.sha256).to_pybytes()
        known = {listed.path for listed in self.files}
        for path, sha256, partitions in _named(file, content):
            if path not in known and not self._opened.lake.whole(path, sha256):
                what = self._opened.lake.wrong(path)
                self.files.append(BrokenFile(path, sha256, what, partitions))
                self.months[path] = self.months[file.path]


def _named(file: BrokenFile, content: bytes) -> Iterator[tuple[str, str, tuple[Partition, ...]]]:
    """The paths, digests and partitions of the files that a manifest or an index names."""
    if file.partitions:
        manifest = from_document(content, file.sha256)
        for data in manifest.files:
            path = data_path(manifest.table, manifest.partition, data)
            yield path, data.sha256, file.partitions
        return
    index = parse(content, file.path)
    if isinstance(index, dict) and "documents" in index:
        for document in sorted(set(index["documents"].values())):
            yield path_of(document), document, ()
        for name in pinned(index):
            partition = Partition(*name)
            path = f"{partition.folder}/{partition.manifest}.json"
            yield path, partition.manifest, (partition,)


def _lost(broken: Iterable[BrokenFile], in_force: Collection[Partition]) -> set[Partition]:
    """The partitions in force that cannot be read."""
    named = {partition for file in broken for partition in file.partitions}
    return reached(named & {*in_force}, in_force)


def _outcomes(
    opened: OpenSite,
    listed: _Broken,
    scratch: ScratchSite,
    anew: Sequence[Anew],
    copied: Collection[str],
) -> tuple[RepairedFile, ...]:
    """What becomes of each broken file."""
    made_again = {entry.partition: entry for entry in anew}
    book, files = read_rulebook(opened.site.rules), []
    for broken in sorted(listed.files, key=lambda file: file.path):
        months = listed.months[broken.path]
        outcome: Outcome = "gone"
        rows_now = None
        if broken.path in copied:
            outcome = "copied"
        elif scratch.site.lake.whole(broken.path, broken.sha256):
            outcome = "same"
        elif not months:
            entry = next((made_again[p] for p in broken.partitions if p in made_again), None)
            if entry is not None and entry.manifest is not None:
                outcome, rows_now = "other", entry.manifest.rows
        device_us = worth_krw = None
        if outcome in ("other", "gone"):
            device_us, worth_krw = _worth(opened, broken, book)
        files.append(
            RepairedFile(
                broken, outcome, months, _rows(opened.lake, broken), rows_now, device_us, worth_krw
            )
        )
    return tuple(files)


def _rows(lake: Lake, broken: BrokenFile) -> int | None:
    """How many rows a broken partition had, where its manifest still says it."""
    for partition in broken.partitions:
        try:
            return lake.manifest_named(partition.table, partition.path, partition.manifest).rows
        except DamageError:
            return None
    return None


def _worth(opened: OpenSite, broken: BrokenFile, book: RuleBook) -> tuple[int | None, int | None]:
    """The held time (device us) and the won at list price of the day that a file is of, as its
    usage still says; None where it does not, or a SKU has no price."""
    keys = parse_path(broken.partitions[0].path) if broken.partitions else {}
    if "cluster" not in keys or "date" not in keys:
        return None, None
    day = date.fromisoformat(keys["date"])
    try:
        chosen = opened.lake.select("usage_day", cluster=keys["cluster"], date=day)
        usage = chosen.read()
    except DamageError:
        return None, None
    if not chosen.manifests:
        return None, None
    columns = (usage.column(name).to_pylist() for name in ("sku", "unit", "quantity"))
    stakes = [Stake(sku, unit, int(quantity)) for sku, unit, quantity in zip(*columns, strict=True)]
    prices = [list_price(stake, day, book, opened.site.calendar) for stake in stakes]
    known = [price for price in prices if price is not None]
    held = usage.filter(pc.equal(usage.column("unit"), "device_us")).column("quantity")
    device_us = sum(int(quantity) for quantity in held.to_pylist())
    return device_us, int(sum(known)) if len(known) == len(prices) else None


def _put_back(opened: OpenSite, scratch: ScratchSite, files: Iterable[RepairedFile]) -> None:
    """Puts the very bytes back that were lost, each file whole."""
    for file in files:
        if file.outcome in ("copied", "same"):
            content = scratch.site.lake.content(file.broken.path, file.broken.sha256)
            opened.lake.store.put(file.broken.path, content, opened.lake.fault)


def _moves(entry: Anew, files: Iterable[RepairedFile]) -> bool:
    """Whether something else takes the place of a partition."""
    return entry.manifest is not None and any(
        file.outcome == "other" and entry.partition in file.broken.partitions for file in files
    )


def _replace(
    opened: OpenSite,
    scratch: ScratchSite,
    anew: Sequence[Anew],
    files: Sequence[RepairedFile],
    progress: Progress,
) -> None:
    """Puts other rows in force: landed ones together with all that follows from them, in one
    change; usage by metering its days."""
    moving = [entry for entry in anew if _moves(entry, files)]
    if any(entry.landed for entry in moving):
        with opened.lake.change(scratch.began) as change:
            for partition in moved(opened, scratch.site, anew):
                lake = scratch.site.lake
                place = (partition.table, partition.path, partition.manifest)
                manifest = lake.manifest_named(*place)
                rows = lake.rows(manifest)
                change.replace(partition.table, manifest.partition, rows, manifest.inputs)
    days: dict[str, list[date]] = {}
    for entry in moving:
        if entry.partition.table in USAGE:
            keys = parse_path(entry.partition.path)
            days.setdefault(keys["cluster"], []).append(date.fromisoformat(keys["date"]))
    for section, some in sorted(days.items()):
        meter(opened, some, [section], progress)
