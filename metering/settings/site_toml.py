"""A site: what its site.toml says, read strictly."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from metering.business_number import business_number_flaw
from metering.calendar import Calendar, month_first_day, month_of
from metering.errors import JeongsanError, TimeError
from metering.secret import NAME, Secret, flaw_of_file, flaw_of_secret, hide, of_variable
from metering.settings.bank_layout import BankLayout, read_bank_layout
from metering.settings.notice_channels import NoticeChannels, read_notice_channels
from metering.settings.quota_watch import QuotaWatch, read_quota_watch
from metering.settings.sections import (
    Cluster,
    Section,
    Store,
    mixed_figures,
    read_cluster,
    read_store,
)
from metering.settings.source_options.secret_names import NO_NAME, tell_secret_address
from metering.settings.source_options.table import ColumnMap
from metering.toml_reader import TomlFile, TomlTable

DATABASE = "name what holds the whole address in `database_env` or `database_file`"
S3_KEYS = "put the keys into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment"
DEFAULT_ZONE = "Asia/Seoul"
ENGINES = ("duckdb",)
SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues the invoices, as printed on them."""

    business_number: str
    name: str
    representative: str
    address: str
    business_type: str
    business_item: str
    department: str = ""
    contact: str = ""
    bank_account: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A centre's settings. lake and database are ready to open; documents is where reports go."""

    directory: Path
    name: str
    calendar: Calendar
    lake: str  # a path or s3://...
    database: str = field(repr=False)  # an SQLAlchemy URL, which may hold a password
    engine: str
    first_month: str
    issuer: Issuer
    clusters: tuple[Cluster, ...]
    stores: tuple[Store, ...]
    rules: Path | None
    documents: Path
    holidays: Mapping[date, bool] = field(default_factory=dict)  # declared late: True is a holiday
    quota: QuotaWatch = field(default_factory=QuotaWatch)
    bank: BankLayout = field(default_factory=BankLayout)
    four_eyes: bool = False  # whether who drafts and who approves are two people
    approvers: tuple[str, ...] = ()  # the logins that may approve; any, where it names none
    notices: NoticeChannels = field(default_factory=NoticeChannels)

    @property
    def timezone(self) -> str:
        """The zone of the accounting days."""
        return self.calendar.zone

    @property
    def sections(self) -> tuple[Section, ...]:
        """The clusters, and after them the stores."""
        return (*self.clusters, *self.stores)

    def section(self, name: str) -> Section:
        """The cluster or store of a name; JeongsanError if site.toml has none."""
        for section in self.sections:
            if section.name == name:
                return section
        known = ", ".join(section.name for section in self.sections)
        raise JeongsanError(
            f"site.toml has no cluster or store {name!r}; it has: {known or 'none'}"
        )

    def usage_sources(self) -> frozenset[str] | None:
        """The names that a tenancy's source may have; None if some readings name their source."""
        sources = [source for section in self.sections for source in section.sources]
        options = [source.options for source in sources if source.record == "reading"]
        maps = [mapped for mapped in options if isinstance(mapped, ColumnMap)]
        if any("source" in mapped.columns for mapped in maps):
            return None
        named = {mapped.constants["source"] for mapped in maps if "source" in mapped.constants}
        return frozenset({section.name for section in self.sections} | named)


def read_site(
    directory: Path, environment: Mapping[str, str] | None = None, file_name: str = "site.toml"
) -> Site:
    """The site of a directory; Mistakes with all that is wrong with its site.toml.

    `environment` holds the secrets that site.toml names, by default the process's own.
    """
    directory = directory.resolve()
    root = (file := TomlFile(directory / file_name)).root
    table = root.table("site")
    if not root.has("site"):
        root.wrong(None, "needs the table [site]")
    calendar, approval = _calendar(table), root.table("approval")
    secrets = os.environ if environment is None else environment
    site = Site(
        directory=directory,
        name=table.printed("name"),
        calendar=calendar,
        lake=_lake(table, directory),
        database=_database(table, directory, secrets),
        engine=table.choice("engine", ENGINES, "duckdb"),
        first_month=_month(table),
        issuer=_issuer(root),
        clusters=tuple(
            read_cluster(name, section, calendar)
            for name, section in root.table("cluster").tables()
        ),
        stores=tuple(
            read_store(name, section, calendar) for name, section in root.table("store").tables()
        ),
        rules=_rules(table, directory),
        documents=directory / table.text("documents", "documents"),
        holidays=_holidays(root),
        quota=read_quota_watch(root),
        bank=read_bank_layout(root),
        four_eyes=approval.flag("four_eyes", False),
        approvers=_approvers(approval),
        notices=read_notice_channels(root),
    )
    table.close()
    approval.close()
    if not site.clusters and not site.stores:
        root.wrong(None, "needs at least one [cluster.NAME] or [store.NAME]")
    for name in {cluster.name for cluster in site.clusters} & {store.name for store in site.stores}:
        root.wrong("store", f"{name} is a cluster and a store; each needs its own name")
    for mixed in mixed_figures(site.sections):
        root.wrong("store", mixed)
    root.close()
    file.finish()
    return site


def _calendar(table: TomlTable) -> Calendar:
    zone = table.text("timezone", DEFAULT_ZONE)
    try:
        return Calendar(zone)
    except TimeError as error:
        table.wrong("timezone", str(error))
        return Calendar(DEFAULT_ZONE)


def _month(table: TomlTable) -> str:
    month = table.text("first_month")
    try:
        return month_of(month_first_day(month)) if month else month
    except TimeError as error:
        table.wrong("first_month", str(error))
        return month


def _issuer(root: TomlTable) -> Issuer:
    table = root.table("issuer")
    if not root.has("issuer"):
        root.wrong(None, "needs the table [issuer]")
        return Issuer("", "", "", "", "", "")
    issuer = Issuer(
        business_number=table.text("business_number"),
        name=table.printed("name"),
        representative=table.printed("representative"),
        address=table.printed("address"),
        business_type=table.printed("business_type"),
        business_item=table.printed("business_item"),
        department=table.printed("department", ""),
        contact=table.printed("contact", ""),
        bank_account=table.printed("bank_account", ""),
    )
    if issuer.business_number and (flaw := business_number_flaw(issuer.business_number)):
        table.wrong("business_number", f"{issuer.business_number!r} is no business number: {flaw}")
    table.close()
    return issuer


def _lake(table: TomlTable, directory: Path) -> str:
    lake = table.text("lake", "lake")
    if tell_secret_address(table, "lake", lake, S3_KEYS):
        return str(directory / "lake")
    if "://" not in lake:
        return str(directory / lake)
    if not lake.startswith("s3://"):
        table.wrong("lake", f"must be a directory or s3://bucket/prefix, not {lake!r}")
    return lake


def _database(table: TomlTable, directory: Path, secrets: Mapping[str, str]) -> str:
    """The database's URL: written down if it holds no password, else named."""
    ways = [key for key in ("database", "database_env", "database_file") if table.has(key)]
    if len(ways) > 1:
        table.wrong(ways[1], f"stands beside `{ways[0]}`; the database is named in one way")
    url = table.text("database", "sqlite:///jeongsan.db")
    named, kept = table.text("database_env", ""), table.text("database_file", "")
    if named and not NAME.fullmatch(named):
        table.wrong("database_env", NO_NAME)
        return f"{SQLITE}jeongsan.db"
    if not url.startswith("sqlite:") and tell_secret_address(table, "database", url, DATABASE):
        url = f"{SQLITE}jeongsan.db"
    if named:
        held = of_variable(named, secrets)
        if held is None:
            table.wrong("database_env", f"the environment has no {named}")
        url = _secret_url(table, "database_env", held)
    elif kept:
        url = _secret_url(table, "database_file", _kept(table, directory / kept, kept))
    if url.startswith(SQLITE) and not url.startswith(SQLITE + "/"):
        return f"{SQLITE}{directory / url.removeprefix(SQLITE)}"
    return url


def _kept(table: TomlTable, path: Path, named: str) -> Secret | None:
    """The secret of a file that nobody else may read."""
    try:
        if flaw := flaw_of_file(path):
            table.wrong("database_file", f"{named} {flaw}")
        return Secret(path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r"))
    except OSError as error:
        table.wrong("database_file", f"{named} cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        table.wrong("database_file", f"{named} is not UTF-8; save it as UTF-8")
    return None


def _secret_url(table: TomlTable, key: str, held: Secret | None) -> str:
    """A database's URL that is a secret; so are its password and each part of what may be one."""
    if held is None:
        return ""
    if flaw := flaw_of_secret(held, in_header=False):
        table.wrong(key, f"what it names {flaw}")
    url = held.reveal()
    signed = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
    for part in (signed, *re.split(r"[:/@?#]", signed)):
        hide(part)
    return url


def _rules(table: TomlTable, directory: Path) -> Path | None:
    if not table.has("rules"):
        return None
    rules = directory / table.text("rules")
    if not rules.is_dir():
        table.wrong("rules", f"{rules} is no directory")
    return rules


def _approvers(table: TomlTable) -> tuple[str, ...]:
    """The logins of those who may approve; empty where the site does not say."""
    approvers = table.texts("approvers")
    if table.has("approvers") and not approvers:
        table.wrong("approvers", 'needs the logins of who may approve, like ["kim"], or goes away')
    return approvers


def _holidays(root: TomlTable) -> dict[date, bool]:
    """Days declared to be holidays, or not to be, after the calendar was published."""
    table = root.table("holidays")
    declared, cancelled = table.dates("declared"), table.dates("cancelled")
    for day in set(declared) & set(cancelled):
        table.wrong("cancelled", f"{day} is declared a holiday as well")
    table.close()
    return {**dict.fromkeys(declared, True), **dict.fromkeys(cancelled, False)}
