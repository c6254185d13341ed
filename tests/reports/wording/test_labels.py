"""Whose money a row is of is told in Korean, wherever it is shown."""

from billing.quota.limits_on_day import LimitState
from billing.rulebook.rule_book import read_rulebook
from reports.quota.limits_view import COLUMNS
from reports.wording.labels import FUNDINGS


def test_every_funding_source_of_the_packaged_rules_has_its_name() -> None:
    sources = {source.name for p in read_rulebook().programmes for source in p.funding}
    assert sources
    assert sources - FUNDINGS.keys() == set()


def test_a_limit_of_the_centre_s_own_money_says_so_in_korean() -> None:
    """As the ledger does; another dictionary of the same words had left it out."""
    _, shown = COLUMNS["funding"]
    state = LimitState("budget", "P", "", "", "", "centre", "2025", "krw", 10, 1, "P.yaml")
    assert (shown(state), FUNDINGS["centre"]) == ("센터", "센터")
