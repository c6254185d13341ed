"""The commands of a night: collect, meter."""

from typing import TYPE_CHECKING, Annotated

import typer

from jeongsan.clock import now_ms, scraped_window
from jeongsan.invocation import argument, opened, screen
from jeongsan.options import Clusters, Json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metering.calendar import Period
    from metering.collect.collect import Collected
    from metering.site.open_site import OpenSite

commands = typer.Typer()


@commands.command(
    epilog="예: jeongsan collect --from 2025-10-01 --to 2025-11-01"
    " --complete-to 2025-11-01T00:10+09:00"
)
def collect(
    first: Annotated[
        str, typer.Option("--from", help="처음 날 또는 시각; 비우면 지난번에 이어서")
    ] = "",
    last: Annotated[str, typer.Option("--to", help="끝 (미포함); 비우면 지금까지")] = "",
    cluster: Clusters = None,
    complete_to: Annotated[str, typer.Option("--complete-to", help="덤프가 빠짐없는 시각")] = "",
    targets: Annotated[
        bool, typer.Option("--targets", help="직접 묻는 수집기(exporter)만 지금 한 번")
    ] = False,
    json: Json = False,
) -> None:
    """원천에서 표본·할당·검침을 가져옵니다 (sources to the lake)."""
    from metering.collect.collect import Which
    from metering.collect.collect import collect as run
    from reports.terminal.load_and_collect_view import show_collected
    from reports.terminal.screen import stop_on_fail

    with screen(json) as out:
        place = opened()
        limit = argument(place.site.calendar.moment, complete_to) if complete_to else None
        window = scraped_window() if targets else _window(place, first, last, limit)
        _has_come(place, window.end_ms if limit is None else limit)
        names = [place.site.section(name).name for name in cluster or ()]
        with out.progress() as progress:
            which: Which = "targets" if targets else "all"
            results = run(place, window, names or None, limit, progress, which)
        _count(results)
        show_collected(out, results)
        stop_on_fail(out, [finding for section in results for finding in section.findings])


def _count(results: "Iterable[Collected]") -> None:
    """Into the figures of the run, for who asked for them."""
    from reports.operations.run_log import counted

    for collected in results:
        counted(collected.section, collected.rows)


def _window(place: "OpenSite", first: str, last: str, complete_to_ms: int | None) -> "Period":
    """What to collect. Without a beginning: from where the sources are complete, at first from the
    site's first month; without an end: to where they are said to be complete, or to now."""
    from metering.calendar import Period
    from metering.collect.watermark import watermarks

    site = place.site
    if first:
        start_ms = argument(site.calendar.moment, first)
    else:
        with place.database.read() as connection:
            known = [watermarks(connection, section.name) for section in site.sections]
        reached = [ms for marks in known for ms in marks.values()]
        start_ms = min(reached, default=site.calendar.month(site.first_month).start_ms)
    end_ms = argument(site.calendar.moment, last) if last else complete_to_ms or now_ms()
    if end_ms <= start_ms:
        begin, end = site.calendar.iso(start_ms), site.calendar.iso(end_ms)
        raise typer.BadParameter(f"{end} is not after {begin}", param_hint="--to")
    return Period(start_ms, end_ms)


def _has_come(place: "OpenSite", reached_ms: int) -> None:
    """A usage error for an instant that has not come: what is complete to there never goes back, so
    that days without any dump would count as days without use."""
    if reached_ms > (now := now_ms()):
        iso = place.site.calendar.iso
        message = f"{iso(reached_ms)} has not come (it is {iso(now)}): nothing is complete to there"
        raise typer.BadParameter(message, param_hint="--complete-to, --to")


@commands.command(epilog="예: jeongsan meter 2025-10-01..2025-10-31")
def meter(
    days: Annotated[str, typer.Argument(metavar="DAY[..DAY]")],
    cluster: Clusters = None,
    json: Json = False,
) -> None:
    """사용량을 계산합니다 (usage of those accounting days)."""
    from billing.adjust.restatement import restate
    from metering.calendar import read_days
    from metering.usage.meter import meter as run
    from reports.operations.run_log import concerns
    from reports.terminal.adjustments_view import show_restatements
    from reports.terminal.screen import stop_on_fail

    with screen(json) as out:
        place = opened()
        wanted = argument(read_days, days)
        concerns(day=days)
        with out.progress() as progress:
            findings = run(place, wanted, cluster or None, progress)
        out.fact("days", len(wanted), "계산한 날")
        show_restatements(out, restate(place))
        stop_on_fail(out, findings)
