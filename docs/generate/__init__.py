"""The pages of the reference that are made of the code, the rule files and the contracts.

`python -m docs.generate` writes them; `pages()` gives what they have to be. What it does not own:
any word that a person has to write. Its entry is `pages`.
"""

from docs.generate.command_line import command_line_page
from docs.generate.rules import rules_page
from docs.generate.tables import tables_page

__all__ = ["pages"]


def pages() -> dict[str, str]:
    """Every generated page, by its place in docs/."""
    return {
        "reference/command-line.md": command_line_page(),
        "reference/rules.md": rules_page(),
        "reference/tables.md": tables_page(),
    }
