-- Who has what part of a set of workloads, over each stretch of the day in which that does not change.
WITH seen_on AS (
  SELECT DISTINCT
    device.model,
    device.slice,
    CASE WHEN device.slice = '' THEN device.model ELSE device.model || '.mig-' || device.slice END AS sku_model
  FROM device
),
member AS (
  SELECT
    workload.workload_id,
    seen_on.model,
    seen_on.slice,
    seen_on.sku_model,
    workload.kind,
    workload.name,
    ROW_NUMBER() OVER (
      PARTITION BY workload.workload_id, seen_on.model, seen_on.slice
      ORDER BY workload.kind, workload.name
    ) AS place
  FROM workload
  CROSS JOIN seen_on
),
claim AS (
  SELECT
    member.workload_id,
    member.model,
    member.slice,
    member.place,
    allocation.allocation_id,
    allocation.submitted_ms,
    allocation.started_ms,
    allocation.ended_ms,
    allocation.quantity_milli
  FROM member
  JOIN allocation
    ON allocation.source = member.kind
    AND allocation.workload = member.name
    AND allocation.model = member.sku_model
    AND allocation.started_ms < $period_end
    AND allocation.ended_ms > $period_start
),
edge AS (
  SELECT member.workload_id, member.model, member.slice, $period_start AS edge_ms
  FROM member
  UNION
  SELECT member.workload_id, member.model, member.slice, $period_end
  FROM member
  UNION
  SELECT claim.workload_id, claim.model, claim.slice, GREATEST(claim.started_ms, $period_start)
  FROM claim
  UNION
  SELECT claim.workload_id, claim.model, claim.slice, LEAST(claim.ended_ms, $period_end)
  FROM claim
),
stretch AS (
  SELECT
    edge.workload_id,
    edge.model,
    edge.slice,
    edge.edge_ms AS from_ms,
    LEAD(edge.edge_ms) OVER (
      PARTITION BY edge.workload_id, edge.model, edge.slice
      ORDER BY edge.edge_ms
    ) AS until_ms
  FROM edge
),
holding AS (
  SELECT
    stretch.workload_id,
    stretch.model,
    stretch.slice,
    stretch.from_ms,
    stretch.until_ms,
    member.place,
    COUNT(claim.allocation_id) AS matches,
    MAX(claim.allocation_id) AS holder_id,
    MAX(claim.submitted_ms) AS holder_submitted_ms,
    MAX(claim.started_ms) AS holder_started_ms,
    MAX(claim.quantity_milli) AS holder_milli
  FROM stretch
  JOIN member
    ON member.workload_id = stretch.workload_id
    AND member.model = stretch.model
    AND member.slice = stretch.slice
  LEFT JOIN claim
    ON claim.workload_id = member.workload_id
    AND claim.model = member.model
    AND claim.slice = member.slice
    AND claim.place = member.place
    AND claim.started_ms < stretch.until_ms
    AND claim.ended_ms > stretch.from_ms
  WHERE stretch.until_ms IS NOT NULL
  GROUP BY stretch.workload_id, stretch.model, stretch.slice, stretch.from_ms, stretch.until_ms, member.place
),
crowd AS (
  SELECT
    holding.*,
    COUNT(*) OVER crew AS places,
    SUM(CASE WHEN holding.matches = 1 THEN 1 ELSE 0 END) OVER crew AS holders,
    SUM(CASE WHEN holding.matches = 1 THEN holding.holder_milli ELSE 0 END) OVER crew AS crew_milli
  FROM holding
  WINDOW crew AS (PARTITION BY holding.workload_id, holding.model, holding.slice, holding.from_ms)
)
SELECT
  crowd.workload_id,
  crowd.model,
  crowd.slice,
  crowd.from_ms,
  crowd.until_ms,
  CAST(crowd.place AS INTEGER) AS rank,
  CAST(crowd.places AS INTEGER) AS members,
  CAST(crowd.holders AS INTEGER) AS owners,
  crowd.matches = 1 AS matched,
  CASE WHEN crowd.matches = 1 THEN crowd.holder_id ELSE '' END AS allocation_id,
  CASE WHEN crowd.matches = 1 THEN crowd.holder_submitted_ms ELSE 0 END AS submitted_ms,
  CASE WHEN crowd.matches = 1 THEN crowd.holder_started_ms ELSE 0 END AS started_ms,
  CASE WHEN crowd.holders = crowd.places THEN crowd.holder_milli ELSE 1 END AS weight,
  CAST(CASE WHEN crowd.holders = crowd.places THEN crowd.crew_milli ELSE crowd.places END AS BIGINT) AS weights
FROM crowd
