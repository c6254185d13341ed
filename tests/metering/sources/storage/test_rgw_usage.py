"""The gateway's usage log: an hour's amount is what its last dump says, never the sum of dumps."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from metering.calendar import HOUR_MS, Period
from metering.settings.source_options.storage import StorageOptions
from metering.sources.storage.rgw_usage import UsageLog
from tests.builders.storage_files import Store, hours, told

SENT = StorageOptions("rgw_usage", "traffic.out", "bytes_sent", "owner")
GIB = 1024**3


def row(hour: int, sent: int, bucket: str = "b", owner: str = "o", **said: Any) -> dict[str, Any]:
    category = {"category": "get_obj", "bytes_sent": sent, "bytes_received": 7, "ops": 1}
    return {"bucket": bucket, "time": "-", "epoch": hours(hour) // 1000, "owner": owner,
            "categories": [category], **said}  # fmt: skip


def dump(*rows: Mapping[str, Any], user: str = "u", total: int | None = None) -> str:
    summary = [] if total is None else [{"user": user, "total": {"bytes_sent": total}}]
    return json.dumps({"entries": [{"user": user, "buckets": list(rows)}], "summary": summary})


def log(*dumps: str, options: StorageOptions = SENT) -> UsageLog:
    made = UsageLog(options)
    for number, text in enumerate(dumps):
        made.take(text.encode(), f"d{number}", hours(24 + number))
    return made


def gib_hours(nas: Store) -> dict[tuple[str, str, float], float]:
    """By bucket, account and hour."""
    held: dict[tuple[str, str, float], float] = {}
    for resource, account, start, end, mib in nas.readings():
        key = str(resource), str(account), float(str(start)) // 1
        held[key] = held.get(key, 0) + int(str(mib)) * (float(str(end)) - float(str(start))) / 1024
    return held


def test_an_hour_that_is_read_again_is_replaced_and_not_added(tmp_path: Path) -> None:
    """The log is flushed late, so an hour grows from dump to dump."""
    nas = Store(tmp_path / "site", SENT)
    nas.put(3, dump(row(0, GIB), row(1, GIB), row(2, 5)), "json")
    nas.collect(0, 24)
    assert gib_hours(nas)["b", "o", 0] == pytest.approx(1)
    nas.put(5, dump(row(1, 3 * GIB), row(2, 2 * GIB), row(3, 4 * GIB)), "json")
    for _ in range(2):
        nas.collect(0, 24)
        held = gib_hours(nas)
        assert [round(held["b", "o", hour]) for hour in (0, 1, 2, 3)] == [1, 3, 2, 4]
    assert nas.known_to() == 4


@pytest.mark.parametrize(("after_ms", "known"), [(60_000, 2), (59_999, 1)])
def test_an_hour_is_whole_a_minute_after_its_end(after_ms: int, known: int) -> None:
    made = UsageLog(SENT)
    text = dump(row(1, GIB), row(2, GIB)).encode()
    report = made.take(text, "d", hours(2) + after_ms)
    assert made.known_to_ms == hours(known)
    assert report.skipped == ({"hour_not_over": 1} if known == 2 else {"hour_not_over": 2})


def test_bytes_are_exact_to_a_mib_second() -> None:
    """A thousand bytes are 3 of them (of 291 bytes each), on the hour's first three seconds."""
    made = log(dump(row(0, 1000), row(1, GIB + 1000)))
    rows = made.readings("nas", Period(hours(0), hours(2)))
    assert [(r[4], r[5], r[6]) for r in rows] == [
        (hours(0), hours(0) + 3000, 1), (hours(0) + 3000, hours(1), 0),
        (hours(1), hours(1) + 3000, 1025), (hours(1) + 3000, hours(2), 1024),
    ]  # fmt: skip


def test_the_owner_of_a_bucket_pays_or_the_user_who_asked(tmp_path: Path) -> None:
    text = dump(row(0, GIB, owner="lab-2"), row(0, GIB, bucket=""), row(0, GIB, bucket="-"))
    for account, wanted in (("owner", {"lab-2", "o"}), ("user", {"u"})):
        nas = Store(tmp_path / account, replace(SENT, account=account))
        nas.put(5, text, "json")
        nas.collect(0, 24)
        assert {account for _, account, _ in gib_hours(nas)} == wanted
        assert {bucket for bucket, _, _ in gib_hours(nas)} == {"b", "no-bucket", "-"}


def test_users_of_one_owners_bucket_add_up_within_a_dump() -> None:
    two = {"entries": [{"user": who, "buckets": [row(0, GIB)]} for who in ("u", "v")]}
    made = log(json.dumps(two))
    assert sorted(made.bytes_by.values()) == [GIB, GIB]
    assert len({(amount.owner, amount.bucket) for amount in made.bytes_by}) == 1


def test_a_dump_that_does_not_come_to_its_summary_is_refused_whole(tmp_path: Path) -> None:
    nas = Store(tmp_path / "site", SENT)
    nas.put(3, dump(row(0, GIB), total=GIB), "json")
    wrong = nas.put(5, dump(row(0, 2 * GIB), total=3 * GIB), "json")
    assert told(nas.collect(0, 24)) == [("warn", "distrusted_list", "1", f"snaps in/{wrong.name}")]
    assert (round(gib_hours(nas)["b", "o", 0]), nas.known_to()) == (1, 2)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"epoch": hours(0) // 1000 + 1}, "is no whole hour"),
        ({"epoch": 0}, "epoch 0 is an impossible instant"),
        ({"categories": None}, "has no `categories`"),
        ({"categories": [{"bytes_sent": -1}]}, "has no bytes_sent"),
        ({"categories": [{"bytes_sent": 2**60 + 1}]}, "bytes in an hour is more than can be"),
        ({"owner": 5}, "has a name that is no text"),
        ({}, "is in this dump twice"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why_and_the_dump_is_not_whole(
    bad: dict[str, Any], reason: str
) -> None:
    made = UsageLog(SENT)
    report = made.take(dump(row(0, 5), {**row(0, 5), **bad}).encode(), "d", hours(9))
    ((place, found),) = [(own.place, own.reason) for own in report.quarantined]
    assert (place, reason in found, made.known_to_ms) == ("d:2", True, 0), found


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"summary": []}', b'{"entries": [5]}'])
def test_a_dump_that_is_none_is_refused(raw: bytes) -> None:
    assert UsageLog(SENT).take(raw, "d", hours(9)).quarantined
    assert UsageLog(SENT).take(dump(row(0, 1)).encode(), "d", None).quarantined


@pytest.mark.shared_data
def test_the_sample_comes_to_its_own_summary(formats: Path) -> None:
    raw = (formats.parent / "formats2" / "rgw_usage.json").read_bytes()
    made = UsageLog(SENT)
    report = made.take(raw, "d", 1_793_577_600_000 + 3 * HOUR_MS)
    assert (report.quarantined, report.distrusted, report.rows_read) == ([], "", 5)
    assert sum(made.bytes_by.values()) == 1_099_511_654_769
