"""The nodes behind the node lists of allocations, so that queries can join them."""

import pyarrow as pa
import pyarrow.compute as pc

from metering.lake.contract import contract
from metering.sources.reading.accelerator_models import expanded


def hosts(allocation: pa.Table) -> pa.Table:
    """Table `host` of the allocations: a row for each node of each node list that they have."""
    parts = [
        (rows, node)
        for rows in pc.unique(allocation.column("node")).to_pylist()
        for node in sorted(set(expanded(rows)))
    ]
    return pa.table([[p[0] for p in parts], [p[1] for p in parts]], schema=contract("host").schema)
