-- What was seen of each device in each hour, by the allocation that its workload names at the time.
WITH whole AS (  -- one holder, or none, has all that is summed; torn_sum has the rest
  SELECT
    interval_sum.hour_ms,
    interval_sum.device_id,
    CASE
      WHEN interval_sum.dark THEN 'dark'
      WHEN interval_sum.workload_id = 0 THEN 'unloaded'
      WHEN workload_share.matched THEN 'allocation'
      ELSE 'unattributed'
    END AS verdict,
    COALESCE(workload_share.allocation_id, '') AS holder_id,
    COALESCE(workload_share.submitted_ms, 0) AS holder_submitted_ms,
    COALESCE(workload_share.started_ms, 0) AS holder_started_ms,
    interval_sum.observed_ms AS part_ms,
    interval_sum.busy_ns AS part_ns,
    interval_sum.energy_uj AS part_uj,
    interval_sum.memory_mib_ms AS part_mib_ms
  FROM interval_sum
  JOIN device
    ON device.device_id = interval_sum.device_id
  LEFT JOIN workload_share
    ON workload_share.workload_id = interval_sum.workload_id
    AND workload_share.model = device.model
    AND workload_share.slice = device.slice
    AND workload_share.members = 1
    AND workload_share.from_ms <= interval_sum.first_ms
    AND workload_share.until_ms >= interval_sum.last_ms
    AND NOT interval_sum.dark
  WHERE interval_sum.workload_id = 0
    OR interval_sum.dark
    OR workload_share.workload_id IS NOT NULL
),
part AS (
  SELECT
    whole.*
  FROM whole
  UNION ALL
  SELECT
    torn_sum.hour_ms,
    torn_sum.device_id,
    CASE WHEN torn_sum.matched THEN 'allocation' ELSE 'unattributed' END,
    torn_sum.allocation_id,
    torn_sum.submitted_ms,
    torn_sum.started_ms,
    torn_sum.observed_ms,
    torn_sum.busy_ns,
    torn_sum.energy_uj,
    torn_sum.memory_mib_ms
  FROM torn_sum
)
SELECT
  part.hour_ms,
  device.cluster,
  device.device_uid,
  device.slice,
  device.model,
  part.verdict AS attribution,
  part.holder_id AS allocation_id,
  part.holder_submitted_ms AS submitted_ms,
  part.holder_started_ms AS started_ms,
  CAST(SUM(part.part_ms) AS BIGINT) AS observed_ms,
  CAST(SUM(part.part_ns) AS BIGINT) AS busy_ns,
  CAST(SUM(part.part_uj) AS BIGINT) AS energy_uj,
  CAST(SUM(part.part_mib_ms) AS BIGINT) AS memory_mib_ms
FROM part
JOIN device
  ON device.device_id = part.device_id
GROUP BY
  part.hour_ms,
  device.cluster,
  device.device_uid,
  device.slice,
  device.model,
  part.verdict,
  part.holder_id,
  part.holder_submitted_ms,
  part.holder_started_ms
