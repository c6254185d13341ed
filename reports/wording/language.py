"""In which language a person reads what went wrong: Korean, unless the locale says English."""

import re
from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    """The two that there are; the tables of screens and the documents are Korean in both."""

    KOREAN = "ko"
    ENGLISH = "en"


def language_of(environment: Mapping[str, str]) -> Language:
    """The language of a POSIX environment: what LC_ALL, LC_MESSAGES or LANG says, the first that is
    there. English for `en` and `en_*`; Korean for anything else, C and nothing too."""
    named = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    english = re.match(r"en([_.@]|$)", next(filter(None, named), ""))
    return Language.ENGLISH if english else Language.KOREAN
