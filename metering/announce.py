"""Which days have become complete: each is announced once, and the database records it."""

import hashlib
from datetime import date

import sqlalchemy as sa

from metering.findings import waived_days
from metering.opened import OpenSite
from metering.period import month_first_day
from metering.schema import announced_day
from metering.site import Cluster
from metering.watermark import watermarks


def announce_days(opened: OpenSite) -> list[date]:
    """Records the complete days that were not announced yet, and gives them (METERING 30).

    A day is complete when every section has usage of it and all its sources are complete past
    its end (exporters past its end and hold), or was waived for that day.
    """
    site = opened.site
    sections = (*site.clusters, *site.stores)
    metered = {
        section.name: {
            date.fromisoformat(partition["date"]): manifest
            for partition, manifest in _usage(opened, section.name)
        }
        for section in sections
    }
    first = month_first_day(site.first_month)
    candidates = sorted({day for days in metered.values() for day in days if day >= first})
    new: list[date] = []
    with opened.database.begin() as connection:
        waived = {(one.cluster, one.day) for one in waived_days(connection)}
        known = {row.day for row in connection.execute(sa.select(announced_day.c.day))}
        reached = {
            section.name: _complete_through(section, watermarks(connection, section.name))
            for section in sections
        }
        for day in candidates:
            end_ms = site.calendar.day(day).end_ms
            complete = all(
                (section.name, day) in waived
                or (day in metered[section.name] and end_ms <= reached[section.name])
                for section in sections
            )
            if day in known or not complete:
                continue
            text = "".join(metered[section.name].get(day, "-") for section in sections)
            digest = hashlib.sha256(text.encode()).hexdigest()
            connection.execute(sa.insert(announced_day), [{"day": day, "digest": digest}])
            new.append(day)
    return new


def _usage(opened: OpenSite, section: str) -> list[tuple[dict[str, str], str]]:
    chosen = opened.lake.select("usage_day", cluster=section)
    return [(dict(made.partition), made.row_digest) for made in chosen.manifests]


def _complete_through(section: Cluster, reached: dict[str, int]) -> int:
    """The latest end of a day for which every source of a section is complete, in ms."""
    limits = []
    for source in section.sources:
        if source.name not in reached:
            return 0
        hold_ms = section.hold_ms if source.record == "sample" else 0
        limits.append(reached[source.name] - hold_ms)
    return min(limits, default=0)
