"""A cloud in site.toml is read strictly; what it says adds up by its counter's type."""

import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.calendar import DAY_MS, HOUR_MS
from metering.collect.land_cloud_meters import readings
from metering.errors import SourceError
from metering.settings.site_toml import read_site
from metering.settings.source_options.cloud import CloudOptions, Counter
from metering.settings.source_options.cloud_units import MEASURES, METER_TYPES
from metering.settings.source_options.location import Endpoint
from metering.sources.cloud.meters import CloudMeter
from tests.builders.servers.cloud_api import COUNTERS
from tests.builders.sites.metering_site import CALENDAR, LAST, MIDNIGHT
from tests.metering.settings.test_site_toml import HEAD, mistakes_of, write

NHN = """
[store.nhn]

[[store.nhn.source]]
name = "meters"
kind = "cloud"
record = "reading"
provider = "nhn"
url = "https://core.example"
partner = "p-1"
token_env = "NHN_TOKEN"
late = "30min"
ignored = ["traffic"]

[[store.nhn.source.counter]]
name = "gpu.a100"
product = "x"
type = "DELTA"
unit = "HOURS"
sku = "nhn.a100"
measure = "device_hour"
"""
NAVER = """
[store.naver]

[[store.naver.source]]
name = "usage"
kind = "cloud"
record = "reading"
provider = "naver"
url = "https://billing.example/billing/v1"
access_key_env = "A"
secret_key_env = "S"

[[store.naver.source.counter]]
name = "SVR"
unit = "HOUR"
sku = "naver.server"
measure = "device_hour"
"""


def test_both_clouds_are_read_whole(tmp_path: Path) -> None:
    stores = read_site(write(tmp_path, HEAD + NHN + NAVER)).stores
    (nhn,), (naver,) = (store.sources for store in stores)
    assert (nhn.endpoint, nhn.late_ms) == (Endpoint("https://core.example"), 1_800_000)
    assert nhn.options == CloudOptions(
        "nhn",
        {"gpu.a100": Counter("gpu.a100", "HOURS", "nhn.a100", "device_hour", "DELTA", "x")},
        ("traffic",), "projectId", "p-1", "NHN_TOKEN",
    )  # fmt: skip
    assert (naver.endpoint, naver.late_ms) == (
        Endpoint("https://billing.example/billing/v1"),
        2 * DAY_MS,
    )
    assert naver.options == CloudOptions(
        "naver",
        {"SVR": Counter("SVR", "HOUR", "naver.server", "device_hour", "DAY")},
        counter_name="productItemKind", access_key_env="A", secret_key_env="S",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('provider = "nhn"', 'provider = "kt"', "must be one of naver, nhn, not 'kt'"),
        ('url = "https://core.example"\n', "", "needs the key `url`"),
        ('partner = "p-1"', 'partner = "p/1"', "may have letters, digits"),
        ('token_env = "NHN_TOKEN"\n', "", "needs the key `token_env`"),
        ('ignored = ["traffic"]', 'ignored = ["gpu.a100"]', "gpu.a100 is a counter as well"),
        ('late = "30min"', 'late = "30"', "must be a time with its unit"),
        ('late = "30min"', 'paths = ["a"]', "a cloud is asked at its `url`"),
        ('late = "30min"', 'counter_name = "priceNo"', "there is no such key here"),
        ('type = "DELTA"', 'type = "STATUS"', "must be one of DAILY_MAX, DELTA"),
        ('measure = "device_hour"', 'measure = "device"', "a DELTA counts amounts"),
        ('measure = "device_hour"', 'measure = "calls"', "must be one of byte, byte_day"),
        ('sku = "nhn.a100"\n', "", "needs the key `sku`"),
        ('unit = "HOURS"', 'unit = "HOURS"\nfactor = 2', "there is no such key here"),
        ('record = "reading"', 'record = "sample"', "a cloud source has reading records only"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in NHN
    mistakes = mistakes_of(tmp_path, HEAD + NHN.replace(old, new))
    assert any(
        told in mistake and re.match(r"site\.toml:\d+: store\.nhn", mistake) for mistake in mistakes
    ), mistakes


def test_a_signed_request_cannot_wait_until_its_signature_is_old(tmp_path: Path) -> None:
    text = HEAD + NAVER.replace('secret_key_env = "S"', 'secret_key_env = "S"\ntimeout = "90s"')
    (source,) = read_site(write(tmp_path, text)).stores[0].sources
    assert source.endpoint is not None
    assert source.endpoint.timeout_s == 90
    (told,) = mistakes_of(tmp_path, text.replace('"90s"', '"91s"'))
    assert "must be 90s at most" in told


def test_a_counter_named_twice_and_none_at_all(tmp_path: Path) -> None:
    head, counter = NHN.split("\n[[store.nhn.source.counter]]")
    twice = f"{NHN}\n[[store.nhn.source.counter]]{counter}"
    assert "is the name of another counter" in mistakes_of(tmp_path, HEAD + twice)[0]
    assert "needs at least one counter" in mistakes_of(tmp_path, HEAD + head)[0]


def test_a_password_in_the_address_is_refused(tmp_path: Path) -> None:
    text = NHN.replace("https://core", "https://u:p@core")
    assert "holds a password; site.toml has no secrets" in mistakes_of(tmp_path, HEAD + text)[0]


KINDS = {one.kind: one for one in COUNTERS}


def metered(kind: str, used_ms: int, volume: str, resource: str = "r") -> CloudMeter:
    one = KINDS[kind]  # type: ignore[index]
    return CloudMeter(
        "lab", one.name, "app", resource, used_ms, "", used_ms, kind, volume, one.sku, one.measure
    )


def by_hand(kind: str, meters: list[CloudMeter]) -> Fraction:
    """What the provider's guide says a month's meters come to, in unit x seconds."""
    measure = MEASURES[KINDS[kind].measure]  # type: ignore[index]
    slot = HOUR_MS if kind in ("DELTA", "GAUGE", "HOURLY_LATEST") else DAY_MS
    slot = 30 * DAY_MS if kind == "MONTHLY_MAX" else slot
    slots: dict[int, list[CloudMeter]] = {}
    for meter in meters:
        slots.setdefault((meter.used_ms - MIDNIGHT) // slot, []).append(meter)
    length = slot // 1000 if measure.level else 1
    total = Fraction(0)
    for own in slots.values():
        volumes = [Fraction(one.volume) for one in sorted(own, key=lambda one: one.used_ms)]
        match kind:
            case "DELTA":
                value = sum(volumes, Fraction(0))
            case "HOURLY_LATEST":
                value = volumes[-1]
            case _:
                value = max(volumes)
        total += value * measure.factor * length
    return total


@pytest.mark.parametrize("kind", METER_TYPES)
@given(data=st.data())
def test_readings_come_to_what_the_provider_counts(kind: str, data: st.DataObject) -> None:
    """MIDNIGHT begins November, a month of 30 days; whole numbers leave nothing to round."""
    instants = st.integers(MIDNIGHT, MIDNIGHT + 30 * DAY_MS - 1)
    pairs = data.draw(st.dictionaries(instants, st.integers(0, 10**6), max_size=40))
    meters = [metered(kind, at, str(volume)) for at, volume in pairs.items()]
    rows = [row for day in readings(meters, "nas", CALENDAR).values() for row in day]
    assert sum(row[6] * (row[5] - row[4]) // 1000 for row in rows) == by_hand(kind, meters)
    spans = sorted((row[4], row[5]) for row in rows)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_a_counter_of_two_types_at_once_is_an_error() -> None:
    both = [metered("GAUGE", MIDNIGHT, "1"), metered("GAUGE", MIDNIGHT, "1")]
    both[1] = both[1]._replace(counter_type="DAILY_MAX")
    with pytest.raises(SourceError, match="was read in two ways"):
        readings(both, "nas", CALENDAR)
    assert set(readings(both[:1], "nas", CALENDAR)) == {LAST}
