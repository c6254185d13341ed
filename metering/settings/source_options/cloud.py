"""A cloud's own metering API: which counters are asked for, and what each of them is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, cast

from metering.calendar import DAY_MS, HOUR_MS, Calendar
from metering.settings.source_options.cloud_units import MEASURES, METER_TYPES, CounterType
from metering.settings.source_options.declared_source import DeclaredSource, Record
from metering.settings.source_options.location import read_endpoint
from metering.settings.source_options.secret_names import secret_name
from metering.toml_reader import TomlTable

Provider = Literal["nhn", "naver"]

RECORDS: tuple[Record, ...] = ("reading",)
PROVIDERS: tuple[Provider, ...] = ("nhn", "naver")
# How long after the use a row may still come. Assumed: NHN Cloud's example is inserted a minute
# after its use, and Naver Cloud does not say when a day is whole.
LATE_MS: Mapping[str, int] = MappingProxyType({"nhn": HOUR_MS, "naver": 2 * DAY_MS})
ACCOUNTS = ("projectId", "appKey", "orgId")
COUNTER_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "productItemKind": ("contractProduct", "productItemKind", "code"),
        "priceNo": ("contractProduct", "priceNo"),
        "meteringType": ("usage", "meteringType", "code"),
    }
)
# Naver Cloud's gateway refuses a signature that is five minutes old; a request is signed once and
# tried three times.
SIGNED_TIMEOUT_S_MAX = 90


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter of the cloud: what the cloud says of it, and what it is here."""

    name: str
    unit: str  # as the cloud writes it
    sku: str
    measure: str  # of metering/settings/source_options/cloud_units.py
    kind: CounterType
    product: str = ""


@dataclass(frozen=True, slots=True)
class CloudOptions:
    """What a cloud source says of itself. Secrets are named by their environment variables."""

    provider: Provider
    counters: Mapping[str, Counter] = field(default_factory=dict)  # by name
    ignored: tuple[str, ...] = ()  # counters that are left out by name
    account: str = ""  # nhn: the field that names the account
    partner: str = ""
    token_env: str = ""
    counter_name: str = ""  # naver: the field that names the counter
    access_key_env: str = ""
    secret_key_env: str = ""


def read_options(
    source: DeclaredSource, table: TomlTable, calendar: Calendar
) -> tuple[DeclaredSource, CloudOptions]:
    """The source with its server and its options."""
    provider = cast(Provider, table.choice("provider", PROVIDERS))
    endpoint = read_endpoint(table)
    if endpoint is None and not table.has("url"):
        table.wrong(None, "needs the key `url`")
    if source.paths:
        table.wrong("paths", "a cloud is asked at its `url`; it has no files")
    counters = _counters(table, provider)
    ignored = table.texts("ignored")
    for name in sorted(set(ignored) & set(counters)):
        table.wrong("ignored", f"{name} is a counter as well")
    late_ms = table.duration_ms("late")
    options = CloudOptions(provider, counters, ignored)
    match provider:
        case "nhn":
            options = replace(
                options,
                account=table.choice("account", ACCOUNTS, "projectId"),
                partner=_word(table, "partner"),
                token_env=secret_name(table, "token_env", None),
            )
        case "naver":
            if endpoint is not None and endpoint.timeout_s > SIGNED_TIMEOUT_S_MAX:
                table.wrong(
                    "timeout", f"must be {SIGNED_TIMEOUT_S_MAX}s at most, as signatures age"
                )
            options = replace(
                options,
                counter_name=table.choice("counter_name", COUNTER_NAMES, "productItemKind"),
                access_key_env=secret_name(table, "access_key_env", None),
                secret_key_env=secret_name(table, "secret_key_env", None),
            )
    declared = replace(
        source,
        endpoint=endpoint,
        late_ms=LATE_MS.get(provider, 0) if late_ms is None else late_ms,
    )
    return declared, options


def _counters(table: TomlTable, provider: str) -> dict[str, Counter]:
    counters: dict[str, Counter] = {}
    tables = table.list_of_tables("counter")
    if not tables:
        table.wrong(None, "needs at least one counter, written as [[....source.counter]]")
    for counter_table in tables:
        counter = _counter(counter_table, provider)
        if counter.name in counters:
            counter_table.wrong(
                "name", f"{counter.name!r} is the name of another counter of this source"
            )
        counters[counter.name] = counter
    return counters


def _counter(table: TomlTable, provider: str) -> Counter:
    kind: CounterType = "DAY"
    product = ""
    if provider == "nhn":
        kind = cast(CounterType, table.choice("type", METER_TYPES))
        product = _word(table, "product")
    measure = table.choice("measure", MEASURES)
    if kind == "DELTA" and measure in MEASURES and MEASURES[measure].level:
        table.wrong("measure", f"a DELTA counts amounts, like {measure}_hour, and no level")
    counter = Counter(
        table.text("name"), table.text("unit"), table.text("sku"), measure, kind, product
    )
    table.close()
    return counter


def _word(table: TomlTable, key: str) -> str:
    """A text that stands in an address."""
    text = table.text(key)
    if text and not all(
        letter.isascii() and (letter.isalnum() or letter in "._~-") for letter in text
    ):
        table.wrong(key, "may have letters, digits, '.', '_', '~' and '-' only")
    return text
