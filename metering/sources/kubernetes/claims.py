"""Resource claims (DRA) as allocations: the devices that each holds, while lists show it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from metering.calendar import Calendar, Period
from metering.errors import SourceError
from metering.settings.sections import Cluster
from metering.settings.site_toml import Site
from metering.settings.source_options.kubernetes import Kubernetes, ResourceClaims
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.families.family import family
from metering.sources.kubernetes.claim_lists import ClaimList, HeldDevice, ResourceClaim, read_list
from metering.sources.kubernetes.refusals import HoldError
from metering.sources.kubernetes.resource_slices import OfferedDevice, Pools
from metering.sources.reading.accelerator_models import Models
from metering.sources.reading.batch import Batch, Note, Quarantined, shown
from metering.sources.reading.files import files
from metering.sources.reading.schemas import ALLOCATION_RUN, table_of

GAP_MS = 300_000  # between two lists: as long as a sample may vouch for (METERING 9)
HOUR_US = 3_600_000_000  # thousandths of a device x ms


@dataclass(slots=True)
class ClaimHold:
    """A claim as it was allocated at one time: from when, and when a list last showed it so."""

    claim: ResourceClaim
    start_ms: int
    seen_ms: int
    end_ms: int | None
    pools: Pools
    gone_ms: int | None = None  # when a list first did not show it so any more


def read_claims(
    source: SourceConfig, options: ResourceClaims, cluster: Cluster, site: Site, window: Period
) -> Batch:
    """The claims that held devices in the window, out of all files, as one batch.

    A claim holds from its allocation's instant, or from the first list that shows it where it has
    none, to the last list that shows it: what comes after nobody knows. Several pods of one claim
    hold it once, admin access nothing (METERING 36). SourceError where no file is a list of claims.
    """
    lists: list[ClaimList] = []
    quarantined: list[Quarantined] = []
    unread = 0
    for name, path in files(source, site):
        listed = read_list(name, path, site.calendar, source.limits)
        if isinstance(listed, ClaimList):
            lists.append(listed)
            quarantined += listed.quarantined
        else:
            quarantined.append(listed)
            unread += 1
    lists.sort(key=lambda listed: (listed.at_ms, listed.origin))
    lists = list(_known_by(lists, window.end_ms))
    whole = [listed for listed in lists if listed.whole]
    if not whole:
        first = f"; {quarantined[0].place} {quarantined[0].reason}" if quarantined else ""
        raise SourceError(f"source {source.name}: no file lists resource claims{first}")
    reader = _Reader(options, cluster, site.calendar, window, source.name)
    reader.known_to_ms = whole[-1].at_ms
    for hold in holds(lists):
        reader.take(hold)
    reader.tell_gaps()
    reader.skipped["idle_claim"] += max(listed.idle for listed in whole)
    reader.skipped["admin_access"] += max(listed.watching for listed in whole)
    refused = (*quarantined, *reader.quarantined)
    rows_read = unread + sum(listed.rows_read for listed in lists)
    return Batch(
        record="allocation",
        table=table_of(reader.runs, ALLOCATION_RUN),
        quarantined=refused,
        rows_read=rows_read,
        origin=f"{source.name} claims",
        skipped=dict(+reader.skipped),
        notes=tuple(reader.notes),
        complete_to_ms=whole[-1].at_ms,
        # a claim is listed as often as it is asked for: each list accounts for its own rows
        taken=rows_read - len(refused) - reader.skipped.total(),
    )


def _known_by(lists: Sequence[ClaimList], end_ms: int) -> Iterator[ClaimList]:
    """The lists that tell of the time before an instant: the last is the first whole one from it
    on. What later ones say is told when their time is read."""
    after = [listed.at_ms for listed in lists if listed.whole and listed.at_ms >= end_ms]
    reached_ms = min(after, default=None)
    for listed in lists:
        if reached_ms is None or listed.at_ms <= reached_ms:
            yield listed


def holds(lists: Sequence[ClaimList]) -> Iterator[ClaimHold]:
    """The times of claims out of lists in order of time; what goes on has no end.

    A claim that is allocated anew, or gets other devices, is another hold.
    """
    going: dict[str, ClaimHold] = {}
    pools = _first_pools(lists)
    for at_ms in sorted({listed.at_ms for listed in lists}):
        together = [listed for listed in lists if listed.at_ms == at_ms]
        slices = [body for listed in together for body in listed.slices]
        pools = Pools(slices) if slices else pools
        claims = {uid: claim for listed in together for uid, claim in listed.claims.items()}
        whole = any(listed.whole for listed in together)
        for uid, hold in list(going.items()):
            if whole if uid not in claims else _key(claims[uid]) != _key(hold.claim):
                hold.end_ms, hold.gone_ms = hold.seen_ms, at_ms
                yield going.pop(uid)
        for uid, claim in claims.items():
            if uid in going:
                going[uid].seen_ms = at_ms
            else:
                start_ms = at_ms if claim.allocated_ms is None else claim.allocated_ms
                going[uid] = ClaimHold(claim, min(start_ms, at_ms), at_ms, None, pools)
    yield from going.values()


def _first_pools(lists: Sequence[ClaimList]) -> Pools:
    """The pools of the first lists that have slices: they hold for claims before them."""
    first_ms = min((listed.at_ms for listed in lists if listed.slices), default=None)
    return Pools(body for listed in lists if listed.at_ms == first_ms for body in listed.slices)


def _key(claim: ResourceClaim) -> tuple[object, ...]:
    return claim.allocated_ms, claim.devices


class _Reader:
    """Turns holds into rows, one a claim and model."""

    def __init__(
        self,
        options: ResourceClaims,
        cluster: Cluster,
        calendar: Calendar,
        window: Period,
        name: str,
    ) -> None:
        self.runs: list[tuple[object, ...]] = []
        self.quarantined: list[Quarantined] = []
        self.notes: list[Note] = []
        self.skipped: Counter[str] = Counter()
        self.known_to_ms = window.end_ms  # when the last whole list was taken
        self._options, self._cluster, self._name = options, cluster, name
        self._calendar, self._window = calendar, window
        self._unseen: dict[date, list[int]] = defaultdict(list)  # milli-devices x ms, by claim
        self._models, self._nvidia = Models(cluster), family("dcgm")
        self._requested = {
            kind
            for source in cluster.sources
            if isinstance(source.options, Kubernetes) and source.record == "allocation"
            for kind, _ in source.options.resources.values()
        }

    def take(self, hold: ClaimHold) -> None:
        """Take in one claim's hold."""
        beyond = hold.end_ms is not None and hold.end_ms <= self._window.start_ms
        if beyond or hold.start_ms >= self._window.end_ms:
            self.skipped["outside_window"] += 1
            return
        if hold.start_ms > self.known_to_ms:
            self.skipped["not_yet"] += 1  # shown by a list that is not whole, after those that are
            return
        claim = hold.claim
        sums: Counter[tuple[str, str]] = Counter()
        node = ""
        for held in claim.devices:
            if held.driver in self._options.ignored:
                self.skipped["ignored_driver"] += 1
                continue
            try:
                device = hold.pools.device(held.driver, held.pool, held.device)
                kind, model = self._meaning(held, device, claim)
                if claim.extended and kind in self._requested:
                    self.skipped["requested_by_pod"] += 1
                    continue
                node = node or device.node
                sums[kind, model] += _milli(held, device)
            except HoldError as error:
                self._refuse(hold, held, error)
        if hold.gone_ms is not None and hold.gone_ms - hold.seen_ms > GAP_MS and sums:
            unseen_us = sum(sums.values()) * (hold.gone_ms - hold.seen_ms)
            self._unseen[self._day(hold.seen_ms)].append(unseen_us)
        for (kind, model), milli in sorted(sums.items()):
            self.runs.append((
                f"{claim.uid}/claim", "pod", f"{claim.namespace}/{claim.pod}", claim.namespace, "",
                claim.namespace, kind, model, milli, hold.start_ms, hold.start_ms, hold.end_ms, 0,
                "RUNNING" if hold.end_ms is None else "COMPLETED", node,
            ))  # fmt: skip

    def tell_gaps(self) -> None:
        """A note a day of claims that ended between two lists far apart: when, nobody knows."""
        for day, unseen in sorted(self._unseen.items()):
            hours, hundredths = divmod(sum(unseen) // (HOUR_US // 100), 100)
            detail = (
                f"{self._name}: 목록과 목록 사이에 끝난 클레임이 {len(unseen):,}건 있습니다."
                f" 마지막으로 보인 뒤의 최대 {hours:,}.{hundredths:02d} 장치시간은 세지 않았습니다."
                " 목록을 더 자주 받으세요."
            )
            self.notes.append(Note("warn", "silent_scheduler", self._name, detail, day))

    def _meaning(
        self, held: HeldDevice, device: OfferedDevice, claim: ResourceClaim
    ) -> tuple[str, str]:
        """Kind and model of a device, the model by its product where the site maps it."""
        known = self._options.drivers.get(held.driver)
        if known is None:
            raise HoldError(
                f"holds devices of {held.driver}, which site.toml has neither in `drivers` nor in"
                " `ignored`",
                "unknown_accelerator",
                held.driver,
                f"리소스 클레임(DRA)이 쓰는 드라이버 {held.driver}의 장치가 가속기인지 모릅니다."
                " site.toml의 `drivers`나 `ignored`에 적고 다시 수집하세요.",
            )
        kind, of_driver = known
        model = self._options.models.get(device.product) or of_driver
        model = model or self._nvidia.model(device.product)
        model = model or self._models.of(claim.namespace, device.node)
        return kind, f"{model}.mig-{device.profile}" if model and device.profile else model

    def _refuse(self, hold: ClaimHold, held: HeldDevice, error: HoldError) -> None:
        claim = hold.claim
        text = f"{claim.namespace}/{claim.name} {held.driver}/{held.pool}/{held.device}"
        self.quarantined.append(Quarantined(f"claim {claim.uid}", str(error), shown(text)))
        if error.kind:
            text = f"{self._cluster.title}: {error.remedy}"
            note = Note("fail", error.kind, error.subject, text, self._day(hold.start_ms))
            if note not in self.notes:
                self.notes.append(note)

    def _day(self, at_ms: int) -> date:
        """The accounting day of an instant, or the nearest of the window."""
        at_ms = max(at_ms, self._window.start_ms)
        return self._calendar.day_of(min(at_ms, self._window.end_ms - 1))


def _milli(held: HeldDevice, device: OfferedDevice) -> int:
    """Thousandths of the device (a board, a slice) that are held, rounded down.

    Of shared capacity the largest share counts; HoldError where none of it says how large.
    """
    share = device.part
    if held.taken is not None or held.share_id:
        shares = [
            amount / device.capacity[name]
            for name, amount in held.taken or ()
            if device.capacity.get(name)
        ]
        if not 0 < max(shares, default=Fraction(0)) <= 1:
            raise HoldError(
                f"shares {held.device} and does not say how much of it",
                "unknown_share",
                f"{held.driver}/{held.pool}/{held.device}",
                "나눠 쓰는 장치의 몫을 알 수 없습니다(consumedCapacity). 드라이버의 나눔 정책과"
                " ResourceSlice의 capacity를 확인하고 다시 수집하세요.",
            )
        share *= max(shares)
    milli = int(share * 1000)
    if milli == 0:
        raise HoldError("holds less than a thousandth of a device")
    return milli
