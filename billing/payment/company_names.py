"""Names of companies as people and banks write them: one name in all its spellings."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

# What a company's name is written with and without.
FORMS = re.compile(r"주식회사|유한회사|유한책임회사|사단법인|재단법인|\((?:주|유|사|재)\)|㈜")
LETTERS_MIN = 2  # of a name that stands in another one; a single letter stands in too many


def spelled(name: str) -> str:
    """A name without its legal form, blanks and signs, so that two spellings of it are one."""
    text = FORMS.sub("", unicodedata.normalize("NFKC", name))
    text = FORMS.sub("", text)  # ㈜ becomes (주) by normalising
    return "".join(letter for letter in text if letter.isalnum()).casefold()


def by_name(names: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Companies by their names as spelled; a name that two of them have gives both."""
    companies: dict[str, set[str]] = {}
    for company_id, name in names:
        if key := spelled(name):
            companies.setdefault(key, set()).add(company_id)
    return {key: tuple(sorted(of_name)) for key, of_name in companies.items()}


def resembled(payer: str, companies: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The companies whose name stands in the name of a payer, or the other way round, as banks cut
    names and people add to them."""
    own = spelled(payer)
    return frozenset(
        company
        for name, of_name in companies.items()
        if own == name or (min(len(own), len(name)) >= LETTERS_MIN and (own in name or name in own))
        for company in of_name
    )
