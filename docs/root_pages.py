"""Shows the pages that lie at the root of the repository in the site, and mends the links to them.

A link in a page is written as it works in the repository. In the site one to `ROOT_PAGES` leads to
its page, which `docs/` has as a stub of a line, and one to any other file outside `docs/` becomes
its words alone, for the site does not carry the source. A file that is not there is a warning,
which fails the strict build.
"""

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT_PAGES = {
    "ARCHITECTURE.md": "why/architecture.md",
    "DECISIONS.md": "why/decisions.md",
    "CHANGELOG.md": "why/changelog.md",
    "CONTRIBUTING.md": "why/contributing.md",
}
SHOWN = {**ROOT_PAGES, "README.md": "index.md"}
LINK = re.compile(r"(?<!!)\[(?P<words>[^\]\n]*)\]\((?P<target>[^)\s]+)\)")
FENCED = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)


def setup(app: "Sphinx") -> dict[str, object]:
    """Sphinx's entry: from here on every page that it reads is one of `page_text`."""
    from sphinx.util import logging

    root = Path(app.srcdir).parent
    log = logging.getLogger(__name__)

    def read(app: "Sphinx", page: str, source: list[str]) -> None:
        source[0], missing = page_text(f"{page}.md", source[0], root)
        for target in missing:
            log.warning("links to %s, which is not there", target, location=page)

    app.connect("source-read", read)
    for name in ROOT_PAGES:
        if not (root / name).is_file():
            log.warning("%s is shown in the site and is not there", name)
    return {"parallel_read_safe": True}


def page_text(page: str, stub: str, root: Path) -> tuple[str, list[str]]:
    """A page as the site shows it, and the targets of its links that are not there."""
    for name, place in ROOT_PAGES.items():
        if place == page and (root / name).is_file():
            return mended((root / name).read_text(encoding="utf-8"), page, name, root)
    return mended(stub, page, f"docs/{page}", root)


def mended(markdown: str, page: str, written: str, root: Path) -> tuple[str, list[str]]:
    """The text of a page that lies at `written`, its links as they work at `page` of the site."""
    missing: list[str] = []

    def link(match: re.Match[str]) -> str:
        words, target = match["words"], match["target"]
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        path, hash_mark, anchor = target.partition("#")
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(written), path))
        shown = SHOWN.get(meant, meant.removeprefix("docs/") if "docs/" in meant else None)
        if shown is not None:
            near = posixpath.relpath(shown, posixpath.dirname(page) or ".")
            return f"[{words}]({near}{hash_mark}{anchor})"
        if not (root / meant).exists():
            missing.append(target)
        return words

    parts = FENCED.split(markdown)
    text = "".join(
        part if part.lstrip().startswith("```") else LINK.sub(link, part) for part in parts
    )
    return text, missing
