-- Time over which a device carried a workload's label, where no scheduler says what was held.
WITH member AS (
  SELECT
    workload.workload_id,
    workload.kind,
    workload.name,
    COUNT(*) OVER (PARTITION BY workload.workload_id) AS members,
    ROW_NUMBER() OVER (PARTITION BY workload.workload_id ORDER BY workload.kind, workload.name) AS place
  FROM workload
),
carried AS (
  SELECT
    interval.device_id,
    member.kind,
    member.name,
    interval.started_ms,
    interval.started_ms + interval.held_ms AS ended_ms,
    1000 // member.members + CASE WHEN member.place = 1 THEN 1000 % member.members ELSE 0 END AS share,
    LAG(interval.started_ms + interval.held_ms, 1, $period_start) OVER (
      PARTITION BY interval.device_id, member.kind, member.name
      ORDER BY interval.started_ms
    ) AS before_ms
  FROM interval
  JOIN member
    ON member.workload_id = interval.workload_id
  WHERE NOT interval.dark
)
SELECT
  carried.kind,
  carried.name,
  CASE WHEN device.slice = '' THEN device.model ELSE device.model || '.mig-' || device.slice END AS model,
  device.device_uid,
  CASE
    WHEN carried.before_ms = carried.started_ms THEN carried.started_ms
    ELSE GREATEST(carried.started_ms, carried.ended_ms - source_state.scrape_ms)
  END AS from_ms,
  carried.ended_ms AS until_ms,
  carried.share AS milli
FROM carried
JOIN device
  ON device.device_id = carried.device_id
CROSS JOIN source_state
