"""Differences by name: what `verify` finds that is not what it should be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from billing.document import canonical, sha256_hex, to_document
from billing.records import Posting


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that is not what it should be: its place, what should be there, what is; and the
    command that makes it so, where there is one."""

    place: str
    expected: str
    found: str
    command: str = ""


def same(place: str, expected: object, stored: object) -> list[Discrepancy]:
    """The one difference of two values, or none."""
    return [] if expected == stored else [Discrepancy(place, str(expected), str(stored))]


def compared(
    place: str, expected: Mapping[str, object], stored: Mapping[str, object]
) -> list[Discrepancy]:
    """The keys under which two documents differ."""
    return [
        Discrepancy(f"{place}.{key}", _short(expected.get(key)), _short(stored.get(key)))
        for key in sorted({*expected, *stored})
        if canonical(expected.get(key)) != canonical(stored.get(key))
    ]


def _short(value: object) -> str:
    text = canonical(value).strip()
    return text if len(text) <= 200 else f"{text[:200]}… (sha256 {sha256_hex(text.encode())})"


def listed(
    word: str, grain: Sequence[str], expected: Iterable[object], stored: Iterable[object]
) -> list[Discrepancy]:
    """Records by grain: those that are missing, those that are too many, and fields that differ."""

    def keyed(records: Iterable[object]) -> dict[tuple[str, ...], object]:
        return {tuple(str(getattr(record, name)) for name in grain): record for record in records}

    wanted, there = keyed(expected), keyed(stored)
    differences = []
    for key in sorted({*wanted, *there}):
        record, stored_record = wanted.get(key), there.get(key)
        place = f"{word} {' '.join(part or '-' for part in key)}"
        if record is None or stored_record is None:
            differences.append(
                Discrepancy(
                    place, *("none" if x is None else "a row" for x in (record, stored_record))
                )
            )
            continue
        for name in (field.name for field in fields(record)):  # type: ignore[arg-type]
            left, right = (to_document(getattr(row, name)) for row in (record, stored_record))
            if left != right:
                differences.append(Discrepancy(f"{place}: {name}", _short(left), _short(right)))
    return differences


@dataclass(frozen=True, slots=True)
class PlacedPosting:
    """A posting with its place in its group."""

    group: str
    place: int
    account: str
    amount_krw: int
    memo: str


def placed(postings: Iterable[Posting]) -> list[PlacedPosting]:
    """Postings by group and place, to be listed."""
    seen: dict[str, int] = {}
    placed = []
    for posting in postings:
        seen[posting.group] = seen.get(posting.group, 0) + 1
        placed.append(
            PlacedPosting(
                posting.group,
                seen[posting.group],
                posting.account,
                posting.amount_krw,
                posting.memo,
            )
        )
    return placed
