-- Nodes on which jobs and pods for sure held more of a model together than is there, where no device tells it.
WITH stand AS (
  SELECT
    installed.model,
    installed.node,
    MIN(installed.resource) AS resource,
    SUM(installed.milli) AS milli
  FROM installed
  WHERE installed.milli > 0
  GROUP BY installed.model, installed.node
),
place AS (  -- what a list's other nodes could hold; a node without the model could be one nobody registered
  SELECT
    host.node_list,
    make.model,
    host.node,
    stand.resource,
    SUM(stand.milli) OVER listed - stand.milli AS elsewhere,
    COUNT(*) OVER listed = COUNT(stand.node) OVER listed AS all_known
  FROM host
  CROSS JOIN (SELECT DISTINCT stand.model FROM stand) AS make
  LEFT JOIN stand
    ON stand.node = host.node
    AND stand.model = make.model
  WINDOW listed AS (PARTITION BY host.node_list, make.model)
),
sure AS (
  SELECT
    allocation.model,
    place.node,
    CASE allocation.source WHEN 'slurm' THEN allocation.quantity_milli - place.elsewhere ELSE 0 END AS job_milli,
    CASE allocation.source WHEN 'slurm' THEN 0 ELSE allocation.quantity_milli - place.elsewhere END AS pod_milli,
    0 AS there_milli,
    GREATEST(allocation.started_ms, $period_start) AS since_ms,
    LEAST(
      CASE
        WHEN source_state.suspended_held THEN allocation.ended_ms
        ELSE allocation.ended_ms - allocation.suspended_ms
      END,
      $period_end
    ) AS gone_ms
  FROM allocation
  CROSS JOIN source_state
  JOIN place
    ON place.node_list = allocation.node
    AND place.model = allocation.model
    AND place.all_known
    AND place.elsewhere < allocation.quantity_milli
  UNION ALL
  SELECT
    installed.model,
    installed.node,
    0,
    0,
    installed.milli,
    GREATEST(installed.installed_ms, $period_start),
    LEAST(installed.removed_ms, $period_end)
  FROM installed
),
edge AS (
  SELECT
    sure.model,
    sure.node,
    CASE side.sign WHEN 1 THEN sure.since_ms ELSE sure.gone_ms END AS at_ms,
    side.sign * sure.job_milli AS job_milli,
    side.sign * sure.pod_milli AS pod_milli,
    side.sign * sure.there_milli AS there_milli
  FROM sure
  CROSS JOIN (VALUES (1), (-1)) AS side(sign)
  WHERE sure.gone_ms > sure.since_ms
),
level AS (
  SELECT
    edge.model,
    edge.node,
    edge.at_ms,
    LEAD(edge.at_ms) OVER upto - edge.at_ms AS lasting_ms,
    CAST(LEAST(
      SUM(SUM(edge.job_milli)) OVER upto,
      SUM(SUM(edge.pod_milli)) OVER upto,
      SUM(SUM(edge.job_milli + edge.pod_milli - edge.there_milli)) OVER upto
    ) AS BIGINT) AS twice_milli
  FROM edge
  GROUP BY edge.model, edge.node, edge.at_ms
  WINDOW upto AS (PARTITION BY edge.model, edge.node ORDER BY edge.at_ms)
)
SELECT
  level.model,
  stand.resource,
  level.node,
  MIN(level.at_ms) AS first_ms,
  MAX(level.twice_milli) AS most_milli,
  CAST(SUM(level.twice_milli * level.lasting_ms) AS BIGINT) AS twice_us
FROM level
JOIN stand
  ON stand.model = level.model
  AND stand.node = level.node
WHERE level.twice_milli > 0
  AND level.lasting_ms > 0
  AND NOT EXISTS (
    SELECT 1
    FROM device_twice
    WHERE device_twice.model = level.model
      AND device_twice.node = level.node
  )
GROUP BY level.model, stand.resource, level.node
