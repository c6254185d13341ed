-- The intervals of one device, hour and workload set, summed, with the time between the first and the last.
WITH span AS (
  SELECT
    interval.device_id,
    interval.started_ms // 3600000 AS hour_number,
    interval.workload_id,
    interval.dark,
    interval.started_ms AS from_ms,
    interval.started_ms + interval.held_ms AS until_ms,
    CAST(interval.held_ms AS BIGINT) AS span_ms,
    CAST(interval.held_ms AS BIGINT) * COALESCE(interval.busy_ppm, 0) AS span_ns,
    COALESCE(interval.energy_uj, 0) AS span_uj,
    CAST(interval.held_ms AS BIGINT) * COALESCE(interval.memory_mib, 0) AS span_mib_ms
  FROM interval
)
SELECT
  span.device_id,
  span.hour_number * 3600000 AS hour_ms,
  span.workload_id,
  span.dark,
  MIN(span.from_ms) AS first_ms,
  MAX(span.until_ms) AS last_ms,
  CAST(SUM(span.span_ms) AS BIGINT) AS observed_ms,
  CAST(SUM(span.span_ns) AS BIGINT) AS busy_ns,
  CAST(SUM(span.span_uj) AS BIGINT) AS energy_uj,
  CAST(SUM(span.span_mib_ms) AS BIGINT) AS memory_mib_ms
FROM span
GROUP BY
  span.device_id,
  span.hour_number,
  span.workload_id,
  span.dark
