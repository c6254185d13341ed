"""Up to when each source is complete (METERING 15); it only ever moves on."""

from collections.abc import Mapping

import sqlalchemy as sa

from metering.database.tables import watermark as table
from metering.settings.sections import Section


def watermark(connection: sa.Connection, cluster: str, source: str) -> int | None:
    """Up to when one source is complete, in ms; None when it was never collected."""
    place = sa.and_(table.c.cluster == cluster, table.c.source == source)
    known: int | None = connection.execute(sa.select(table.c.complete_to_ms).where(place)).scalar()
    return known


def watermarks(connection: sa.Connection, cluster: str) -> dict[str, int]:
    """Up to when each source of a cluster that was ever collected is complete, in ms."""
    query = sa.select(table.c.source, table.c.complete_to_ms).where(table.c.cluster == cluster)
    return {row.source: row.complete_to_ms for row in connection.execute(query)}


def set_watermark(
    connection: sa.Connection, cluster: str, source: str, complete_to_ms: int
) -> None:
    """Moves a source's watermark on; an earlier one than is known leaves it where it is."""
    known = watermark(connection, cluster, source)
    place = sa.and_(table.c.cluster == cluster, table.c.source == source)
    if known is None:
        row = {"cluster": cluster, "source": source, "complete_to_ms": complete_to_ms}
        connection.execute(sa.insert(table), [row])
    elif known < complete_to_ms:
        connection.execute(sa.update(table).where(place).values(complete_to_ms=complete_to_ms))


def complete_to_ms(section: Section, reached: Mapping[str, int]) -> int:
    """Up to when every source of a section is complete, in ms; 0 while one never was collected."""
    limits = []
    for source in section.sources:
        if source.name not in reached:
            return 0
        limits.append(reached[source.name] - section.hold_ms_of(source))
    return min(limits, default=0)
