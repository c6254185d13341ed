"""The gateway's usage log (`radosgw-admin usage show`): what was sent and received in each hour."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from metering.calendar import HOUR_MS, SECOND_MS, Period
from metering.plain_text import flaw, tidy
from metering.settings.source_options.storage import StorageOptions
from metering.sources.reading import exact_numbers
from metering.sources.reading.json_text import JsonTextError, read_json, written
from metering.sources.reading.unowned import NOBODY
from metering.sources.storage.snapshot import MIB, RefusedLevelError, StoreReport

HOUR_S = 3600
FLUSH_MS = 60_000  # the gateway writes its log half a minute late, or after 1024 entries
NO_BUCKET = "no-bucket"  # what was asked of no bucket, such as the list of them


class Amount(NamedTuple):
    """Who did what with which bucket in which hour."""

    user: str
    owner: str
    bucket: str
    hour_ms: int


@dataclass(slots=True)
class UsageLog:
    """Amounts by hour, of all dumps in their order: the later word on an hour is in force, for an
    hour is written again until all of it is flushed, and is no counter that would be added up."""

    options: StorageOptions
    bytes_by: dict[Amount, int] = field(default_factory=dict)
    known_to_ms: int = 0

    def take(self, raw: bytes, origin: str, at_ms: int | None) -> StoreReport:
        """Take in a dump of an instant; rows are counted by hour and bucket.

        One whose entries do not come to its own summary is distrusted whole.
        """
        report = StoreReport(origin)
        if at_ms is None:
            report.rows_read = 1
            report.refuse(1, "has no instant in its name (<epoch_ms>)", "")
            return report
        whole_to_ms = (at_ms - FLUSH_MS) // HOUR_MS * HOUR_MS
        said: dict[Amount, int] = {}
        sums: Counter[str] = Counter()
        document = _document(raw, report)
        for user, row in _rows(document, report):
            report.rows_read += 1
            try:
                amount, count = _amount(user, row, self.options)
                sums[user] += count
                if amount in said:
                    raise RefusedLevelError("is in this dump twice")
            except RefusedLevelError as reason:
                report.refuse(report.rows_read, str(reason), written(row))
                continue
            said[amount] = count
        if not report.quarantined and (words := _differs(document, sums, self.options.figure)):
            report.distrust(words)
        elif not report.quarantined:
            self.known_to_ms = max(self.known_to_ms, whole_to_ms)
        if not report.distrusted:
            over = {amount: n for amount, n in said.items() if amount.hour_ms < whole_to_ms}
            if len(over) < len(said):
                report.skipped["hour_not_over"] = len(said) - len(over)
            report.taken = len(over)
            self.bytes_by |= over
        return report

    def readings(self, source: str, window: Period) -> list[tuple[object, ...]]:
        """Rows of READING: an hour's bytes as MiB that are held for it, exact to a MiB-second (291
        bytes); what does not divide by its seconds lies on the first of them."""
        totals: dict[tuple[str, str, int], int] = defaultdict(int)
        for amount, count in self.bytes_by.items():
            account = amount.owner if self.options.account == "owner" else amount.user
            if window.holds(amount.hour_ms):
                totals[account, amount.bucket, amount.hour_ms] += count
        rows: list[tuple[object, ...]] = []
        for (account, bucket, start_ms), count in sorted(totals.items()):
            level, more_s = divmod(count * HOUR_S // MIB, HOUR_S)
            cut_ms, end_ms = start_ms + more_s * SECOND_MS, start_ms + HOUR_MS
            for begin_ms, until_ms, mib in (
                (start_ms, cut_ms, level + 1), (cut_ms, end_ms, level)
            ):  # fmt: skip
                if begin_ms < until_ms:
                    rows.append((source, account, self.options.sku, bucket, begin_ms, until_ms,
                                 mib, "mib"))  # fmt: skip
        return rows


def _document(raw: bytes, report: StoreReport) -> Mapping[str, Any]:
    try:
        document = read_json(raw)
    except JsonTextError as error:
        report.rows_read = 1
        report.refuse(1, f"is no JSON: {error}", "")
        return {}
    if not isinstance(document, Mapping) or not isinstance(document.get("entries"), list):
        report.rows_read = 1
        report.refuse(1, "has no `entries`; ask with --show-log-entries=true", "")
        return {}
    return document


def _rows(document: Mapping[str, Any], report: StoreReport) -> Iterator[tuple[str, Any]]:
    """The user and the row of each hour and bucket."""
    for entry in document.get("entries", ()):
        buckets = entry.get("buckets") if isinstance(entry, Mapping) else None
        user = entry.get("user") if isinstance(entry, Mapping) else None
        if not isinstance(buckets, list) or not isinstance(user, str):
            report.rows_read += 1
            report.refuse(report.rows_read, "has no `user` or no `buckets`", written(entry))
            continue
        for row in buckets:
            yield user, row


def _amount(user: str, row: Any, options: StorageOptions) -> tuple[Amount, int]:
    if not isinstance(row, Mapping):
        raise RefusedLevelError("is no JSON object")
    names = [row.get(key, "") for key in ("owner", "bucket")]
    if not all(isinstance(name, str) for name in names):
        raise RefusedLevelError("has a name that is no text")
    user, owner, bucket = (tidy(name) for name in (user, *names))
    for name in (user, owner, bucket):
        if wrong := flaw(name):
            raise RefusedLevelError(f"the name {name[:80]!r}: {wrong}")
    epoch = row.get("epoch")
    if not isinstance(epoch, int) or isinstance(epoch, bool) or epoch % HOUR_S:
        raise RefusedLevelError(f"epoch {epoch!r} is no whole hour")
    if not exact_numbers.FIRST_MS <= epoch * SECOND_MS < exact_numbers.LAST_MS:
        raise RefusedLevelError(f"epoch {epoch} is an impossible instant")
    categories = row.get("categories")
    if not isinstance(categories, list):
        raise RefusedLevelError("has no `categories`")
    count = sum(_bytes(category, options.figure) for category in categories)
    if count > options.capacity_bytes:
        raise RefusedLevelError(f"{count} bytes in an hour is more than can be")
    amount = Amount(user or NOBODY, owner or user or NOBODY, bucket or NO_BUCKET, epoch * SECOND_MS)
    return amount, count


def _bytes(category: Any, figure: str) -> int:
    count = category.get(figure) if isinstance(category, Mapping) else None
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise RefusedLevelError(f"has no {figure}")
    return count


def _differs(document: Mapping[str, Any], sums: Counter[str], figure: str) -> str:
    """How the entries differ from the summary of their user, which is the log's own check."""
    summary = document.get("summary")
    for own in summary if isinstance(summary, list) else ():
        total = own.get("total") if isinstance(own, Mapping) else None
        count = total.get(figure) if isinstance(total, Mapping) else None
        user = own.get("user") if isinstance(own, Mapping) else None
        if isinstance(count, int) and isinstance(user, str) and count != sums[user]:
            return f"summary of {user}: {figure} {count}, entries {sums[user]}"
    return ""
