"""Which days have become complete: each is announced once, and the database records it."""

import hashlib
from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from metering.calendar import month_first_day
from metering.collect.watermark import complete_to_ms, watermarks
from metering.database.decisions import waived_days
from metering.database.tables import announced_day
from metering.site.open_site import OpenSite


def complete_days(opened: OpenSite) -> dict[date, str]:
    """The complete days that were not announced yet, each with the digest of its usage (METERING
    30).

    A day is complete when every section has usage of it and all its sources are complete past
    its end (exporters past its end and hold), or was waived for that day.
    """
    site = opened.site
    sections = site.sections
    metered = {section.name: _usage(opened, section.name) for section in sections}
    with opened.database.read() as connection:
        waived = {(waiver.cluster, waiver.day) for waiver in waived_days(connection)}
        known = {row.day for row in connection.execute(sa.select(announced_day.c.day))}
        reached = {
            section.name: complete_to_ms(section, watermarks(connection, section.name))
            for section in sections
        }
    first = month_first_day(site.first_month)
    candidates = {day for days in metered.values() for day in days if day >= first} - known
    return {
        day: _digest([metered[section.name].get(day, "-") for section in sections])
        for day in sorted(candidates)
        if all(
            (section.name, day) in waived
            or (
                day in metered[section.name]
                and site.calendar.day(day).end_ms <= reached[section.name]
            )
            for section in sections
        )
    }


def record_announced(opened: OpenSite, days: Mapping[date, str]) -> None:
    """Records days, with the digests of complete_days, as announced; a second time changes
    nothing."""
    with opened.database.begin() as connection:
        known = {row.day for row in connection.execute(sa.select(announced_day.c.day))}
        rows = [{"day": day, "digest": text} for day, text in days.items() if day not in known]
        if rows:
            connection.execute(sa.insert(announced_day), rows)


def _usage(opened: OpenSite, section: str) -> dict[date, str]:
    chosen = opened.lake.select("usage_day", cluster=section)
    return {
        date.fromisoformat(manifest.partition["date"]): manifest.row_digest
        for manifest in chosen.manifests
    }


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("".join(parts).encode()).hexdigest()
