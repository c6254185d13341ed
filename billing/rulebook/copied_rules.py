"""The packaged rules as a site's own: copied out to be edited, and such as nobody uses."""

import shutil
from pathlib import Path
from uuid import uuid4

from billing.paths import PACKAGED_RULES
from metering.errors import JeongsanError
from metering.settings.site_toml import Site

FOLDER = "rules"


def copy_rules(target: Path) -> int:
    """Writes the packaged rule book into a directory that is not there yet, whole or not at all;
    gives how many files it has. JeongsanError where anything is there already."""
    if target.exists() or target.is_symlink():
        raise JeongsanError(
            f"{target}: is there already and was left as it is; name another directory, or take it"
            " away first"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{uuid4().hex}.part")
    try:
        shutil.copytree(PACKAGED_RULES, part)
        part.rename(target)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise JeongsanError(f"{target}: cannot be written: {error}; nothing is there") from error
    return sum(path.is_file() for path in target.rglob("*"))


def unused_rules(site: Site) -> Path | None:
    """The directory `rules` of a site with rule files in it, where site.toml names another or none:
    what is edited there changes nothing. None where there is no such thing."""
    folder = site.directory / FOLDER
    if site.rules is not None and site.rules.resolve().is_relative_to(folder.resolve()):
        return None
    return folder if folder.is_dir() and any(folder.rglob("*.yaml")) else None
