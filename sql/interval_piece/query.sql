-- Intervals whose workload set changes hands in their hour, or has several members, cut and shared among them.
WITH torn AS (
  SELECT
    interval_sum.device_id,
    interval_sum.hour_ms,
    interval_sum.workload_id,
    device.model,
    device.slice
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
  WHERE interval_sum.workload_id > 0
    AND NOT interval_sum.dark
    AND workload_share.workload_id IS NULL
),
cut AS (
  SELECT
    torn.*,
    interval.started_ms AS span_ms,
    interval.held_ms AS whole_ms,
    COALESCE(interval.energy_uj, 0) AS whole_uj,
    COALESCE(interval.busy_ppm, 0) AS ppm,
    COALESCE(interval.memory_mib, 0) AS mib,
    stretch.from_ms,
    stretch.owners,
    LEAST(interval.started_ms + interval.held_ms, stretch.until_ms)
      - GREATEST(interval.started_ms, stretch.from_ms) AS cut_ms
  FROM torn
  JOIN interval
    ON interval.device_id = torn.device_id
    AND interval.started_ms - interval.started_ms % 3600000 = torn.hour_ms
    AND interval.workload_id = torn.workload_id
    AND NOT interval.dark
  JOIN workload_share AS stretch
    ON stretch.workload_id = torn.workload_id
    AND stretch.model = torn.model
    AND stretch.slice = torn.slice
    AND stretch.rank = 1
    AND stretch.from_ms < interval.started_ms + interval.held_ms
    AND stretch.until_ms > interval.started_ms
),
floored AS (  -- what the floors leave goes to time without an owner, else to the first piece
  SELECT
    cut.*,
    (cut.whole_uj // cut.whole_ms) * cut.cut_ms
      + ((cut.whole_uj % cut.whole_ms) * cut.cut_ms) // cut.whole_ms AS floor_uj,
    ROW_NUMBER() OVER (
      PARTITION BY cut.device_id, cut.span_ms
      ORDER BY CASE WHEN cut.owners = 0 THEN 0 ELSE 1 END, cut.from_ms
    ) AS turn
  FROM cut
),
piece AS (
  SELECT
    floored.*,
    floored.cut_ms * floored.ppm AS cut_ns,
    floored.cut_ms * floored.mib AS cut_mib_ms,
    floored.floor_uj + CASE WHEN floored.turn > 1 THEN 0 ELSE floored.whole_uj - CAST(
      SUM(floored.floor_uj) OVER (PARTITION BY floored.device_id, floored.span_ms) AS BIGINT
    ) END AS cut_uj
  FROM floored
),
part AS (
  SELECT
    piece.*,
    share.rank,
    share.matched,
    share.allocation_id,
    share.submitted_ms,
    share.started_ms,
    (cut_ms // weights) * weight + ((cut_ms % weights) * weight) // weights AS part_ms,
    (cut_ns // weights) * weight + ((cut_ns % weights) * weight) // weights AS part_ns,
    (cut_uj // weights) * weight + ((cut_uj % weights) * weight) // weights AS part_uj,
    (cut_mib_ms // weights) * weight + ((cut_mib_ms % weights) * weight) // weights AS part_mib_ms
  FROM piece
  JOIN workload_share AS share
    ON share.workload_id = piece.workload_id
    AND share.model = piece.model
    AND share.slice = piece.slice
    AND share.from_ms = piece.from_ms
)
SELECT
  device_id,
  hour_ms,
  workload_id,
  span_ms,
  from_ms,
  rank,
  matched,
  allocation_id,
  submitted_ms,
  started_ms,
  part_ms + CAST(CASE WHEN rank > 1 THEN 0 ELSE cut_ms - SUM(part_ms) OVER crowd END AS BIGINT) AS observed_ms,
  part_ns + CAST(CASE WHEN rank > 1 THEN 0 ELSE cut_ns - SUM(part_ns) OVER crowd END AS BIGINT) AS busy_ns,
  part_uj + CAST(CASE WHEN rank > 1 THEN 0 ELSE cut_uj - SUM(part_uj) OVER crowd END AS BIGINT) AS energy_uj,
  part_mib_ms
    + CAST(CASE WHEN rank > 1 THEN 0 ELSE cut_mib_ms - SUM(part_mib_ms) OVER crowd END AS BIGINT) AS memory_mib_ms
FROM part
WINDOW crowd AS (PARTITION BY device_id, span_ms, from_ms)
