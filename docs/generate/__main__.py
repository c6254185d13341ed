"""Writes the generated pages: `python -m docs.generate`; with --check it writes nothing and fails
where a page is not what it has to be."""

import sys
from pathlib import Path

from docs.generate import pages

DOCS = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    """0, or with --check 1 where a page is stale."""
    stale = 0
    for name, text in pages().items():
        page = DOCS / name
        if page.is_file() and page.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if "--check" in arguments:
            sys.stdout.write(f"docs/{name} is stale: run python -m docs.generate\n")
        else:
            page.write_text(text, encoding="utf-8")
            sys.stdout.write(f"docs/{name}\n")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
