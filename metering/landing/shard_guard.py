"""Refuses a change whose shard somebody else moved while it was being derived."""

from datetime import date

import sqlalchemy as sa

from metering.database.tables import manifest_head as head
from metering.errors import ConflictError
from metering.lake.lake import Lake
from metering.lake.manifest import parse_path
from metering.lake.manifest_store import newest_version

READ = ("sample", "interval", "carry")


class Unmoved:
    """What was read of one shard from a day on; called in the transaction that ends the change.

    A lake compares the partitions that a change writes; a derivation also rests on days that it
    only read, and on days that were not there.
    """

    def __init__(self, lake: Lake, cluster: str, shard: int) -> None:
        """Make it before reading."""
        self._key = {"cluster": cluster, "shard": str(shard)}
        self.since = date.min
        with lake.database.read() as connection:
            self._began = newest_version(connection)

    def __call__(self, connection: sa.Connection) -> None:
        """ConflictError if another change moved one of the shard's partitions meanwhile."""
        own = newest_version(connection)  # every head that the change itself moved carries it
        query = sa.select(head.c.table_name, head.c.partition).where(
            head.c.table_name.in_(READ), head.c.version > self._began, head.c.version < own
        )
        for row in connection.execute(query):
            partition = parse_path(row.partition)
            day = partition.pop("date")
            if partition == self._key and day >= self.since.isoformat():
                raise ConflictError(
                    f"{row.table_name}/{row.partition} was changed by another run; run this again"
                )
