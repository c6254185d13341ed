-- Devices on which a job and a pod were seen together while both held it, by more than the device is.
WITH holder AS (
  SELECT
    workload_share.workload_id,
    workload_share.model,
    workload_share.slice,
    workload_share.from_ms,
    workload_share.until_ms,
    allocation.source,
    allocation.allocation_id,
    allocation.model AS sku_model,
    allocation.resource,
    LEAST(allocation.quantity_milli, 1000) AS milli
  FROM workload_share
  JOIN allocation
    ON allocation.allocation_id = workload_share.allocation_id
    AND allocation.submitted_ms = workload_share.submitted_ms
    AND allocation.started_ms = workload_share.started_ms
    AND allocation.model
      = CASE WHEN workload_share.slice = '' THEN workload_share.model ELSE workload_share.model || '.mig-' || workload_share.slice END
  WHERE workload_share.matched
),
shared AS (
  SELECT
    holder.workload_id,
    holder.model,
    holder.slice,
    holder.sku_model,
    holder.from_ms,
    holder.until_ms,
    MIN(holder.resource) AS resource,
    MIN(CASE WHEN holder.source = 'slurm' THEN holder.allocation_id END) AS job,
    MIN(CASE WHEN holder.source = 'pod' THEN holder.allocation_id END) AS pod,
    SUM(holder.milli) - 1000 AS beyond
  FROM holder
  GROUP BY holder.workload_id, holder.model, holder.slice, holder.sku_model, holder.from_ms, holder.until_ms
  HAVING COUNT(DISTINCT holder.source) = 2
    AND SUM(holder.milli) > 1000
),
seen AS (
  SELECT
    device.device_uid,
    device.node,
    shared.sku_model,
    shared.resource,
    shared.job,
    shared.pod,
    shared.beyond,
    GREATEST(interval.started_ms, shared.from_ms) AS since_ms,
    LEAST(interval.started_ms + interval.held_ms, shared.until_ms) AS gone_ms
  FROM interval
  JOIN device
    ON device.device_id = interval.device_id
  JOIN shared
    ON shared.workload_id = interval.workload_id
    AND shared.model = device.model
    AND shared.slice = device.slice
  WHERE NOT interval.dark
)
SELECT
  seen.device_uid,
  seen.sku_model AS model,
  MIN(seen.resource) AS resource,
  MIN(seen.node) AS node,
  MIN(seen.job) AS job,
  MIN(seen.pod) AS pod,
  MIN(seen.since_ms) AS first_ms,
  CAST(SUM(seen.beyond * (seen.gone_ms - seen.since_ms)) AS BIGINT) AS twice_us
FROM seen
WHERE seen.gone_ms > seen.since_ms
GROUP BY seen.device_uid, seen.sku_model
