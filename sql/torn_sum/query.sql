-- Sums by holder over intervals whose workload set changes hands in their hour, or has several members.
WITH torn AS (  -- grouped, so that no engine looks for single holders after it has met intervals
  SELECT
    interval_sum.device_id,
    interval_sum.hour_ms,
    interval_sum.workload_id,
    interval_sum.first_ms,
    interval_sum.last_ms,
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
  GROUP BY interval_sum.device_id, interval_sum.hour_ms, interval_sum.workload_id,
    interval_sum.first_ms, interval_sum.last_ms, device.model, device.slice
  HAVING COUNT(workload_share.workload_id) = 0
),
leg AS (  -- the first gets all, the others their floors, and the first gives those back
  SELECT
    workload_share.*,
    workload_share.weights AS part,
    1 AS sign
  FROM workload_share
  WHERE workload_share.rank = 1
  UNION ALL
  SELECT
    workload_share.*,
    workload_share.weight,
    1
  FROM workload_share
  WHERE workload_share.rank > 1
  UNION ALL
  SELECT
    chief.*,
    workload_share.weight,
    -1
  FROM workload_share
  JOIN workload_share AS chief
    ON chief.workload_id = workload_share.workload_id
    AND chief.model = workload_share.model
    AND chief.slice = workload_share.slice
    AND chief.from_ms = workload_share.from_ms
    AND chief.rank = 1
  WHERE workload_share.rank > 1
),
claim AS (
  SELECT
    torn.device_id,
    torn.hour_ms,
    leg.*
  FROM torn
  JOIN leg
    ON leg.workload_id = torn.workload_id
    AND leg.model = torn.model
    AND leg.slice = torn.slice
    AND leg.from_ms < torn.last_ms
    AND leg.until_ms > torn.first_ms
),
cut AS (
  SELECT
    claim.device_id,
    claim.hour_ms,
    claim.matched,
    claim.allocation_id,
    claim.submitted_ms,
    claim.started_ms,
    claim.sign,
    claim.part,
    claim.weights,
    interval.held_ms AS whole_ms,
    COALESCE(interval.busy_ppm, 0) AS ppm,
    COALESCE(interval.energy_uj, 0) AS whole_uj,
    COALESCE(interval.memory_mib, 0) AS mib,
    GREATEST(claim.from_ms - interval.started_ms, 0) AS from_ms,
    LEAST(claim.until_ms - interval.started_ms, interval.held_ms) AS until_ms
  FROM claim
  JOIN interval
    ON interval.device_id = claim.device_id
    AND interval.started_ms // 3600000 * 3600000 = claim.hour_ms
    AND interval.workload_id = claim.workload_id
    AND interval.started_ms < claim.until_ms
    AND interval.started_ms + interval.held_ms > claim.from_ms
    AND NOT interval.dark
),
piece AS (  -- energy is a difference of two floors over the interval, so that pieces add up
  SELECT
    cut.*,
    cut.until_ms - cut.from_ms AS cut_ms,
    (cut.whole_uj // cut.whole_ms) * (cut.until_ms - cut.from_ms)
      + ((cut.whole_uj % cut.whole_ms) * cut.until_ms) // cut.whole_ms
      - ((cut.whole_uj % cut.whole_ms) * cut.from_ms) // cut.whole_ms AS cut_uj
  FROM cut
)
SELECT
  device_id,
  hour_ms,
  matched,
  allocation_id,
  submitted_ms,
  started_ms,
  CAST(SUM(sign * ((cut_ms // weights) * part + ((cut_ms % weights) * part) // weights)) AS BIGINT) AS observed_ms,
  CAST(SUM(sign * (
    (cut_ms * ppm // weights) * part + ((cut_ms * ppm % weights) * part) // weights
  )) AS BIGINT) AS busy_ns,
  CAST(SUM(sign * ((cut_uj // weights) * part + ((cut_uj % weights) * part) // weights)) AS BIGINT) AS energy_uj,
  CAST(SUM(sign * (
    (cut_ms * mib // weights) * part + ((cut_ms * mib % weights) * part) // weights
  )) AS BIGINT) AS memory_mib_ms
FROM piece
GROUP BY device_id, hour_ms, matched, allocation_id, submitted_ms, started_ms
