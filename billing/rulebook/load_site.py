"""Loads a site: its rules and its registry checked together, then the registry put in force."""

from dataclasses import dataclass

from billing.rulebook.rule_book import RuleBook, read_rulebook
from metering.database.connection import Database
from metering.errors import Mistakes
from metering.settings.site_toml import Site
from metering.site.load_registry import LoadResult, checked_registry, load


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load changed, and the rules that it was checked against."""

    result: LoadResult
    book: RuleBook


def load_site(site: Site, database: Database) -> Loaded:
    """Puts the site's registry in force. Mistakes of rules and registry come all at once, an award
    of a programme that the rules do not have among them; then nothing is stored."""
    try:
        book = read_rulebook(site.rules)
    except Mistakes as wrong_rules:
        try:
            checked_registry(site)
        except Mistakes as wrong_rows:
            raise Mistakes([*wrong_rules.mistakes, *wrong_rows.mistakes]) from wrong_rules
        raise
    programmes = [programme.programme for programme in book.programmes]
    return Loaded(load(site, database, programmes), book)
