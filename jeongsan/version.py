"""What `jeongsan --version` shows: the program's version and the digest of the rule book."""

from pathlib import Path

import typer

from jeongsan.invocation import rules_here, screen


def show_version(context: typer.Context, wanted: bool) -> None:
    """Shows both and ends the program, whatever else was asked; of a site's own rules where its
    site.toml names some. The version is shown even where the rules cannot be read."""
    if not wanted or context.resilient_parsing:
        return
    from billing.bundle.versions import program_version
    from billing.paths import PROJECT
    from reports.terminal.rules_view import where_text

    with screen(as_json=False) as out:
        out.fact("version", program_version(PROJECT), "정산 (jeongsan)")
        rules = rules_here(context.params.get("site", Path()), needs_site=False)
        out.fact("rules_digest", rules.book.digest, "규칙집 (rule book)")
        out.fact("rules", where_text(rules.directory), "규칙 파일 (rules)")
    raise typer.Exit
