-- Of each device's installed time, how much was loaded, unloaded and dark.
WITH clock AS (
  SELECT $period_start + slot.number * 3600000 AS hour_start
  FROM (
    VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11),
      (12), (13), (14), (15), (16), (17), (18), (19), (20), (21), (22), (23)
  ) AS slot(number)
),
present AS (
  SELECT
    installed.device_uid,
    installed.model,
    clock.hour_start,
    GREATEST(installed.installed_ms, clock.hour_start) AS from_ms,
    LEAST(installed.removed_ms, clock.hour_start + 3600000) AS until_ms
  FROM installed
  JOIN clock
    ON installed.installed_ms < clock.hour_start + 3600000
    AND installed.removed_ms > clock.hour_start
  JOIN source_state
    ON source_state.has_exporter
),
mark AS (
  SELECT
    interval.device_id,
    interval.started_ms AS from_ms,
    interval.started_ms + interval.held_ms AS until_ms
  FROM interval
  WHERE NOT interval.dark
  UNION ALL
  SELECT
    device.device_id,
    $period_end,
    $period_end
  FROM device
),
stretch AS (
  SELECT
    mark.device_id,
    LAG(mark.until_ms, 1, $period_start) OVER (
      PARTITION BY mark.device_id
      ORDER BY mark.from_ms, mark.until_ms
    ) AS gap_from_ms,
    mark.from_ms AS gap_until_ms
  FROM mark
),
gap AS (
  SELECT
    device.device_uid,
    stretch.gap_from_ms,
    stretch.gap_until_ms
  FROM stretch
  JOIN device
    ON device.device_id = stretch.device_id
  WHERE stretch.gap_until_ms > stretch.gap_from_ms
  UNION ALL
  SELECT DISTINCT
    installed.device_uid,
    $period_start,
    $period_end
  FROM installed
  LEFT JOIN device
    ON device.device_uid = installed.device_uid
  WHERE device.device_uid IS NULL
),
tally AS (
  SELECT
    present.hour_start,
    present.device_uid,
    present.model AS model_name,
    present.until_ms - present.from_ms AS present_ms,
    0 AS with_ms,
    0 AS without_ms,
    0 AS unseen_ms
  FROM present
  UNION ALL
  SELECT
    interval_sum.hour_ms,
    device.device_uid,
    device.model,
    0,
    CASE WHEN interval_sum.workload_id > 0 THEN interval_sum.observed_ms ELSE 0 END,
    CASE WHEN interval_sum.workload_id > 0 THEN 0 ELSE interval_sum.observed_ms END,
    0
  FROM interval_sum
  JOIN device
    ON device.device_id = interval_sum.device_id
  WHERE NOT interval_sum.dark
  UNION ALL
  SELECT
    present.hour_start,
    present.device_uid,
    present.model,
    0,
    0,
    0,
    LEAST(gap.gap_until_ms, present.until_ms) - GREATEST(gap.gap_from_ms, present.from_ms)
  FROM present
  JOIN gap
    ON gap.device_uid = present.device_uid
    AND gap.gap_from_ms < present.until_ms
    AND gap.gap_until_ms > present.from_ms
)
SELECT
  tally.hour_start AS hour_ms,
  source_state.cluster,
  tally.device_uid,
  MAX(tally.model_name) AS model,
  CAST(SUM(tally.present_ms) AS BIGINT) AS installed_ms,
  CAST(SUM(tally.with_ms) AS BIGINT) AS loaded_ms,
  CAST(SUM(tally.without_ms) AS BIGINT) AS unloaded_ms,
  CAST(SUM(tally.unseen_ms) AS BIGINT) AS dark_ms
FROM tally
CROSS JOIN source_state
GROUP BY
  tally.hour_start,
  source_state.cluster,
  tally.device_uid
