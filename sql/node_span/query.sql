-- Stretches of the day over which so many milli-devices of a model were installed on a node or held there.
WITH place AS (
  SELECT
    host.node_list,
    stand.model,
    host.node,
    COUNT(*) OVER (PARTITION BY host.node_list, stand.model) AS nodes,
    ROW_NUMBER() OVER (PARTITION BY host.node_list, stand.model ORDER BY host.node) AS rank
  FROM host
  JOIN (
    SELECT DISTINCT
      installed.model,
      installed.node
    FROM installed
    WHERE installed.milli > 0
  ) AS stand
    ON stand.node = host.node
),
span AS (
  SELECT
    installed.model,
    installed.node,
    'installed' AS part,
    GREATEST(installed.installed_ms, $period_start) AS since_ms,
    LEAST(installed.removed_ms, $period_end) AS gone_ms,
    installed.milli AS many
  FROM installed
  UNION ALL
  SELECT
    allocation.model,
    COALESCE(place.node, ''),
    'held',
    GREATEST(allocation.started_ms, $period_start),
    LEAST(
      CASE
        WHEN source_state.suspended_held THEN allocation.ended_ms
        ELSE allocation.ended_ms - allocation.suspended_ms
      END,
      $period_end
    ),
    allocation.quantity_milli // COALESCE(place.nodes, 1)
      + CASE WHEN place.rank = 1 THEN allocation.quantity_milli % place.nodes ELSE 0 END
  FROM allocation
  CROSS JOIN source_state
  LEFT JOIN place
    ON place.node_list = allocation.node
    AND place.model = allocation.model
)
SELECT
  span.model,
  span.node,
  span.part,
  span.since_ms AS from_ms,
  span.gone_ms AS until_ms,
  CAST(SUM(span.many) AS BIGINT) AS milli
FROM span
WHERE span.gone_ms > span.since_ms
  AND span.many > 0
GROUP BY
  span.model,
  span.node,
  span.part,
  span.since_ms,
  span.gone_ms
