-- When each workload of an allocation began and ended as its source says, and when a shard's devices first and last saw it.
WITH sight AS (
  SELECT
    workload.kind,
    workload.name,
    MIN(interval.started_ms) AS first_ms,
    MAX(interval.started_ms + interval.held_ms) AS last_ms
  FROM interval
  JOIN workload
    ON workload.workload_id = interval.workload_id
  WHERE NOT interval.dark
  GROUP BY
    workload.kind,
    workload.name
)
SELECT
  sight.kind,
  sight.name,
  MIN(allocation.started_ms) AS started_ms,
  MAX(allocation.ended_ms) AS ended_ms,
  MIN(sight.first_ms) AS first_ms,
  MAX(sight.last_ms) AS last_ms
FROM sight
JOIN allocation
  ON allocation.source = sight.kind
  AND allocation.workload = sight.name
GROUP BY
  sight.kind,
  sight.name
