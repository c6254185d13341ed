"""Which rule book holds, as `rules` shows it; what was copied out, and rules that nobody uses."""

from pathlib import Path

from billing.rulebook.copied_rules import unused_rules
from billing.rulebook.rule_book import RuleBook
from metering.settings.site_toml import Site
from reports.terminal.rules_view import where_text
from reports.terminal.screen import Screen


def show_rule_book(
    screen: Screen, book: RuleBook, directory: Path | None, site: Site | None
) -> None:
    """Where the rules lie, their digest, and how many prices and programmes they have."""
    where = str(directory) if directory else None
    screen.fact("rules", where if screen.as_json else where_text(directory), "규칙")
    screen.fact("rules_digest", book.digest, "규칙집의 지문")
    screen.fact("prices", len(book.prices), "가격표의 자원")
    screen.fact("programmes", len(book.programmes), "지원 사업")
    if site is not None and unused_rules(site) is not None:
        show_unused_rules(screen, site)
    elif directory is None:
        screen.say("값을 바꾸려면 규칙을 사이트로 복사합니다: jeongsan rules --copy")


def show_copied(screen: Screen, target: Path, files: int, site: Site | None) -> None:
    """What was written, and how it is put in force."""
    screen.fact("copied", str(target), "복사한 규칙")
    screen.fact("files", files, "파일")
    if site is not None and site.rules is not None and site.rules.resolve() == target.resolve():
        return
    screen.fact("use", use_line(target, site), "쓰려면 site.toml 의 [site] 아래에")
    screen.say("적은 다음 jeongsan load 로 검사합니다. 적기 전에는 고쳐도 아무것도 바뀌지 않습니다")


def use_line(target: Path, site: Site | None) -> str:
    """The line of site.toml that puts a directory of rules in force."""
    path = target.resolve()
    if site is not None and path.is_relative_to(site.directory):
        path = path.relative_to(site.directory)
    return f'rules = "{path.as_posix()}"'


def show_unused_rules(screen: Screen, site: Site) -> None:
    """That the site's directory of rules is not the one in force; nothing where all is well."""
    unused = unused_rules(site)
    if unused is None:
        return
    if screen.as_json:
        screen.fact("unused_rules", str(unused))
    else:
        screen.say(unused_text(unused, site))


def unused_text(unused: Path, site: Site) -> str:
    """That rules lie there and have no effect, and what gives them one."""
    return (
        f"쓰이지 않는 규칙: {unused} 를 고쳐도 아무것도 바뀌지 않습니다 (지금 규칙:"
        f" {where_text(site.rules)}). 쓰려면 site.toml 의 [site] 아래에 {use_line(unused, site)}"
    )
