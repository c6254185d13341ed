"""The Arrow schemas in which sources give their records; spans are whole, not cut by day."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

NAME = pa.dictionary(pa.int32(), pa.string())

ALLOCATION_RUN = pa.schema(
    [
        ("allocation_id", pa.string()),
        ("source", pa.string()),  # slurm or pod
        ("workload", pa.string()),  # the name by which an exporter labels it
        ("account", pa.string()),
        ("user", pa.string()),
        ("partition", pa.string()),
        ("resource", pa.string()),  # gpu or npu
        ("model", pa.string()),  # '' where neither type, node nor partition says it
        ("quantity_milli", pa.int64()),
        ("submitted_ms", pa.int64()),
        ("started_ms", pa.int64()),
        ("ended_ms", pa.int64()),  # null while it runs
        ("suspended_ms", pa.int64()),
        ("state", pa.string()),
        ("node", pa.string()),
    ]
)

OBSERVATION = pa.schema(
    [
        ("device_uid", NAME),
        ("parent", NAME),
        ("slice", NAME),
        ("model", NAME),
        ("node", NAME),
        ("sampled_ms", pa.int64()),
        ("busy_ppm", pa.int32()),
        ("power_mw", pa.int64()),
        ("energy_mj", pa.int64()),
        ("memory_mib", pa.int32()),
        ("workload", NAME),  # sorted `kind:name`, joined by newlines; '' for none
        ("health_ok", pa.bool_()),
        ("busy_cycles", pa.int64()),  # counters of all cores together
        ("total_cycles", pa.int64()),
    ]
)

READING = pa.schema(
    [
        ("source", pa.string()),
        ("account", pa.string()),
        ("sku", pa.string()),
        ("resource_id", pa.string()),
        ("started_ms", pa.int64()),
        ("ended_ms", pa.int64()),  # null while it lasts
        ("quantity", pa.int64()),
        ("unit", pa.string()),
    ]
)

NODE_STATE = pa.schema(
    [
        ("node", pa.string()),
        ("started_ms", pa.int64()),
        ("ended_ms", pa.int64()),  # null while it lasts
        ("state", pa.string()),
    ]
)

CLOUD_METER = pa.schema(
    [
        ("account", pa.string()),
        ("counter", pa.string()),
        ("app_key", pa.string()),
        ("resource_id", pa.string()),
        ("used_ms", pa.int64()),
        ("meter_id", pa.string()),
        ("asked_ms", pa.int64()),
        ("counter_type", pa.string()),
        ("volume", pa.string()),
        ("sku", pa.string()),
        ("measure", pa.string()),
    ]
)  # a reading of a cloud, as it came

BOOKING = pa.schema(
    [
        ("account", pa.string()),
        ("equipment", pa.string()),
        ("booking_id", pa.string()),
        ("fact", pa.string()),  # booked, used, missed or late_cancelled
        ("waived", pa.bool_()),
        ("sku", pa.string()),
        ("started_ms", pa.int64()),
        ("ended_ms", pa.int64()),  # null while it lasts
    ]
)  # what a booking came to

CONTROL_TOTAL = pa.schema(
    [
        ("resource", pa.string()),  # gpu or npu
        ("span", pa.string()),  # as the report writes it
        ("started_ms", pa.int64()),
        ("ended_ms", pa.int64()),
        ("unit_s", pa.int64()),  # what the report counts in, and rounds to
        ("allocated", pa.int64()),  # these in milli-devices x seconds
        ("down", pa.int64()),
        ("idle", pa.int64()),
        ("reported", pa.int64()),
    ]
)

# What an input says of runs as it is put in order with what others say: in order of reading.
ALLOCATION_FACT = pa.schema(
    [
        *ALLOCATION_RUN,  # no device (quantity_milli 0) or no start: it holds nothing any more
        ("as_of_ms", pa.int64()),  # up to when its input is complete
        ("input", pa.string()),
        ("digest", pa.string()),  # of its content; '' of an answer
        ("one_start", pa.bool_()),  # of one submission, another start than this replaces it
    ]
)

SCHEMAS: Mapping[str, pa.Schema] = {
    "allocation": ALLOCATION_RUN,
    "sample": OBSERVATION,
    "reading": READING,
    "node_state": NODE_STATE,
    "control_total": CONTROL_TOTAL,
}


def table_of(rows: Sequence[Sequence[object]], schema: pa.Schema) -> pa.Table:
    """Rows, their values in the order of the schema, as a table."""
    if not rows:
        return schema.empty_table()
    columns = zip(zip(*rows, strict=True), schema, strict=True)
    return pa.Table.from_arrays(
        [pa.array(own, field.type) for own, field in columns], schema=schema
    )
