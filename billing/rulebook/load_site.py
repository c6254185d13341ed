"""Loads a site: its rules and its registry checked together, then the registry put in force."""

from dataclasses import dataclass

import sqlalchemy as sa

from billing.rulebook.rule_book import RuleBook, read_rulebook
from metering.database.audit_trail import NOBODY, Who, keep, last_of
from metering.database.connection import Database
from metering.errors import Mistakes
from metering.registry.registry import Registry
from metering.settings.site_toml import Site
from metering.site.load_registry import LoadResult, checked_registry, load


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load changed, and the rules that it was checked against."""

    result: LoadResult
    book: RuleBook


def checked_site(site: Site) -> tuple[Registry, RuleBook]:
    """The site's registry and rules, neither stored. Mistakes of both come all at once, an award of
    a programme that the rules do not have among them."""
    try:
        book = read_rulebook(site.rules)
    except Mistakes as wrong_rules:
        try:
            checked_registry(site)
        except Mistakes as wrong_rows:
            raise Mistakes([*wrong_rules.mistakes, *wrong_rows.mistakes]) from wrong_rules
        raise
    return checked_registry(site, _programmes(book)), book


def load_site(site: Site, database: Database, who: Who = NOBODY, seen: str | None = None) -> Loaded:
    """Puts the site's registry in force, where one was `seen` only that one (by its digest). With
    a mistake nothing is stored."""
    _, book = checked_site(site)
    loaded = Loaded(load(site, database, _programmes(book), who, seen), book)
    with database.begin() as connection:
        note_rules(connection, book, who)
    return loaded


def _programmes(book: RuleBook) -> list[str]:
    return [programme.programme for programme in book.programmes]


def note_rules(connection: sa.Connection, book: RuleBook, who: Who) -> None:
    """Keep in the audit trail that these rules hold from now on, where others were noted last."""
    before = last_of(connection, "rules")
    if before is None or before.digest != book.digest:
        keep(connection, "rules", who, digest=book.digest)
