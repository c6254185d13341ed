"""An opened site: its settings, database and lake, as every command and every DAG task begins."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from metering.database.connection import Database, open_database
from metering.disk_places import keep_from_others
from metering.errors import JeongsanError
from metering.lake.lake import Lake
from metering.registry.registry import Registry
from metering.settings.site_toml import Site, read_site
from metering.site.load_registry import stored_registry

Progress = Callable[[str, int, int], None]  # what, done, of how many


def silent(what: str, done: int, total: int) -> None:
    """The progress of a caller that shows none."""


@dataclass(frozen=True, slots=True)
class OpenSite:
    """A site with its stores open. The registry is the one in force."""

    site: Site
    database: Database
    lake: Lake

    @property
    def registry(self) -> Registry:
        """The registry in force; JeongsanError when none was loaded yet."""
        return stored_registry(self.database)


def open_site(directory: Path) -> OpenSite:
    """The site in `directory`, its database migrated; Mistakes when site.toml has any. What the
    process writes from then on is not for others to read."""
    keep_from_others()
    if not (directory / "site.toml").is_file():
        raise JeongsanError(
            f"{directory}: there is no site.toml; name the site (`jeongsan --site DIR ...`) or make"
            " a new one (`jeongsan init DIR`)"
        )
    site = read_site(directory)
    database = open_database(site.database)
    return OpenSite(site, database, Lake(site.lake, database))
