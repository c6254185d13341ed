"""What a day's bookings are billed as, and where two of them claim one piece of equipment."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from metering.settings.source_options.booking import BILLS

Spans = list[tuple[int, int]]
OWN_KIND = ("missed", "late_cancelled")


class Piece(NamedTuple):
    """A fact as far as it lies in a day, in the order of the table `booking`."""

    account: str
    equipment: str
    booking_id: str
    fact: str
    waived: bool
    sku: str
    start_ms: int
    end_ms: int


class Billed(NamedTuple):
    """A stretch of time in which an account pays for a piece of equipment."""

    account: str
    sku: str
    equipment: str
    start_ms: int
    end_ms: int


def readings(pieces: Iterable[Piece], bill: str) -> list[Billed]:
    """What is billed: each second once for an account, a SKU and a piece of equipment."""
    spans: dict[tuple[str, str, str], Spans] = defaultdict(list)
    for one in pieces:
        if not one.waived and (one.fact in BILLS[bill] or one.fact in OWN_KIND):
            spans[one.account, one.sku, one.equipment].append((one.start_ms, one.end_ms))
    return [Billed(*subject, *span) for subject in sorted(spans) for span in joined(spans[subject])]


def overlaps(
    pieces: Iterable[Piece], bill: str
) -> Iterator[tuple[str, tuple[str, str], bool, int]]:
    """Equipment that two accounts pay for at once, for how many ms; and whether both booked it, or
    both used it, which cannot be. One may well use it on into the time that another has booked."""
    spans: dict[str, dict[tuple[str, str], Spans]] = defaultdict(lambda: defaultdict(list))
    for one in pieces:
        if not one.waived and one.fact in BILLS[bill]:
            spans[one.equipment][one.account, one.fact].append((one.start_ms, one.end_ms))
    for equipment, own in sorted(spans.items()):
        claims = {subject: joined(found) for subject, found in sorted(own.items())}
        twice: dict[tuple[str, str], Spans] = defaultdict(list)
        sure = set()
        for (account, fact), (other, another) in combinations(claims, 2):
            shared = common(claims[account, fact], claims[other, another])
            if account != other and shared:
                twice[account, other] += shared
                sure |= {(account, other)} if fact == another else set()
        for accounts, shared in sorted(twice.items()):
            yield equipment, accounts, accounts in sure, length(joined(shared))


def unbooked(pieces: Iterable[Piece]) -> Iterator[tuple[str, str, int]]:
    """Equipment and account of use outside of what the account had booked, and for how many ms."""
    spans: dict[tuple[str, str], dict[str, Spans]] = defaultdict(lambda: defaultdict(list))
    for one in pieces:
        if one.fact == "booked" or (one.fact == "used" and not one.waived):
            spans[one.equipment, one.account][one.fact].append((one.start_ms, one.end_ms))
    for subject, own in sorted(spans.items()):
        used = joined(own["used"])
        outside_ms = length(used) - length(common(used, joined(own["booked"])))
        if outside_ms:
            yield *subject, outside_ms


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """The same time without overlaps, in order."""
    found: Spans = []
    for start_ms, end_ms in sorted(spans):
        if found and start_ms <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end_ms))
        else:
            found.append((start_ms, end_ms))
    return found


def common(one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]) -> Spans:
    """The time that is in both."""
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other)
    return [(start_ms, end_ms) for start_ms, end_ms in pairs if start_ms < end_ms]


def length(spans: Iterable[tuple[int, int]]) -> int:
    """How long spans without overlaps are together."""
    return sum(end_ms - start_ms for start_ms, end_ms in spans)
