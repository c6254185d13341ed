"""Whether the site can work just now, for a probe that asks every few seconds: nothing is written,
and nobody who writes is kept waiting.

Not what a person would have to mend before the first night: that is doctor.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from billing.ledger.number_register import ends_apart
from metering.database.connection import Database, look, open_database
from metering.disk_places import ROOM_WRONG, free_bytes
from metering.errors import CheckError, JeongsanError
from metering.lake.lake import Lake
from metering.settings.site_toml import Site, read_site
from reports.terminal.screen import Screen

WAIT_S: Final = 1  # assumed: a probe asks again sooner than it waits
COLUMNS = (("what", "무엇"), ("ok", "상태"), ("seen", "본 것"))
WORDS = {True: "좋음", False: "나쁨"}


@dataclass(frozen=True, slots=True)
class Vital:
    """Something that the site cannot work without, and how it is."""

    what: str  # settings, database, lake, numbers, room
    ok: bool
    seen: str


def vitals(directory: Path) -> tuple[Vital, ...]:
    """All of them, as far as one leads to the next; none that cannot be asked is well."""
    try:
        site = read_site(directory)
    except (JeongsanError, OSError) as error:
        return (Vital("settings", False, str(error)),)
    return (Vital("settings", True, site.name), *_stores(site), _room(site))


def _stores(site: Site) -> Iterator[Vital]:
    try:
        schema = look(site.database, WAIT_S, writing=False)
    except JeongsanError as error:
        yield Vital("database", False, str(error))
        return
    known = schema.revision == schema.newest
    yield Vital("database", known, f"스키마 {schema.revision}, 프로그램 {schema.newest}")
    if not known:
        return
    with open_database(site.database) as database:
        yield from _lake(site, database)


def _lake(site: Site, database: Database) -> Iterator[Vital]:
    where = site.lake.partition("?")[0]
    try:
        lake = Lake(site.lake, database)
        lake.store.reach()
        yield Vital("lake", True, where)
        with database.read() as connection:
            apart = ends_apart(connection, lake)
        yield Vital(
            "numbers", apart is None, apart.text if apart else "데이터베이스와 레이크가 같음"
        )
    except JeongsanError as error:
        yield Vital("lake", False, str(error))


def _room(site: Site) -> Vital:
    """The least room of the places that are written."""
    places = [site.directory, site.documents]
    places += [] if "://" in site.lake else [Path(site.lake)]
    room, place = min((free_bytes(place), place) for place in places)
    return Vital("room", room >= ROOM_WRONG, f"{place}: {room:,} 바이트")


def show_vitals(screen: Screen, several: tuple[Vital, ...]) -> None:
    """A line each; CheckError where one is not well."""
    well = all(vital.ok for vital in several)
    screen.fact("healthy", well, "일할 수 있음")
    rows = [(v.what, v.ok if screen.as_json else WORDS[v.ok], v.seen) for v in several]
    screen.table("vitals", "상태", COLUMNS, rows)
    if not well:
        bad = ", ".join(vital.what for vital in several if not vital.ok)
        raise CheckError(f"not well: {bad}; `jeongsan doctor` says what to do")
