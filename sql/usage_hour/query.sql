-- Held time of every allocation in each hour, and the evidence for it.
WITH clock AS (
  SELECT $period_start + slot.number * 3600000 AS hour_start
  FROM (
    VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11),
      (12), (13), (14), (15), (16), (17), (18), (19), (20), (21), (22), (23)
  ) AS slot(number)
),
run AS (
  SELECT
    allocation.*,
    CASE
      WHEN source_state.suspended_held THEN allocation.ended_ms
      ELSE allocation.ended_ms - allocation.suspended_ms
    END AS held_until_ms,
    source_state.cluster AS section,
    NOT source_state.has_scheduler OR allocation.state = 'VANISHED' AS guessed,
    source_state.complete_to_ms < $period_end AS open_end
  FROM allocation
  CROSS JOIN source_state
),
held AS (
  SELECT
    run.*,
    clock.hour_start,
    GREATEST(
      LEAST(run.held_until_ms, clock.hour_start + 3600000) - GREATEST(run.started_ms, clock.hour_start),
      0
    ) AS lasting_ms
  FROM run
  JOIN clock
    ON run.started_ms < clock.hour_start + 3600000
    AND run.ended_ms > clock.hour_start
),
evidence AS (
  SELECT
    device_hour.hour_ms,
    device_hour.allocation_id,
    device_hour.submitted_ms,
    device_hour.started_ms,
    CASE
      WHEN device_hour.slice = '' THEN device_hour.model
      ELSE device_hour.model || '.mig-' || device_hour.slice
    END AS sku_model,
    CAST(SUM(device_hour.busy_ns) AS BIGINT) AS sum_ns,
    CAST(SUM(device_hour.observed_ms) AS BIGINT) AS sum_ms,
    CAST(SUM(device_hour.energy_uj) AS BIGINT) AS sum_uj
  FROM device_hour
  WHERE device_hour.attribution = 'allocation'
  GROUP BY
    device_hour.hour_ms,
    device_hour.allocation_id,
    device_hour.submitted_ms,
    device_hour.started_ms,
    CASE
      WHEN device_hour.slice = '' THEN device_hour.model
      ELSE device_hour.model || '.mig-' || device_hour.slice
    END
)
SELECT
  held.hour_start AS hour_ms,
  held.section AS source,
  held.account,
  held.allocation_id,
  held.submitted_ms,
  held.started_ms,
  held.resource || '.' || held.model AS sku,
  held.quantity_milli * held.lasting_ms AS held_us,
  COALESCE(evidence.sum_ns, 0) AS busy_ns,
  COALESCE(evidence.sum_ms, 0) AS observed_ms,
  COALESCE(evidence.sum_uj, 0) AS energy_uj,
  held.guessed AS estimated,
  held.open_end AS provisional
FROM held
LEFT JOIN evidence
  ON evidence.hour_ms = held.hour_start
  AND evidence.allocation_id = held.allocation_id
  AND evidence.submitted_ms = held.submitted_ms
  AND evidence.started_ms = held.started_ms
  AND evidence.sku_model = held.model
