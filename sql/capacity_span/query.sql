-- Stretches of the day over which so many milli-devices of a model were installed, held or down.
WITH fleet AS (
  SELECT
    installed.model,
    installed.node,
    installed.milli,
    GREATEST(installed.installed_ms, $period_start) AS since_ms,
    LEAST(installed.removed_ms, $period_end) AS gone_ms
  FROM installed
  WHERE installed.installed_ms < $period_end
    AND installed.removed_ms > $period_start
    AND installed.milli > 0
),
outage AS (
  SELECT
    node_state.node,
    GREATEST(
      node_state.started_ms,
      COALESCE(MAX(node_state.ended_ms) OVER earlier, node_state.started_ms)
    ) AS from_ms,
    node_state.ended_ms AS until_ms
  FROM node_state
  WHERE node_state.state <> 'up'
  WINDOW earlier AS (
    PARTITION BY node_state.node
    ORDER BY node_state.started_ms, node_state.ended_ms, node_state.state
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  )
),
span AS (
  SELECT
    fleet.model,
    'installed' AS part,
    fleet.since_ms,
    fleet.gone_ms,
    fleet.milli AS many
  FROM fleet
  UNION ALL
  SELECT
    allocation.model,
    'held',
    GREATEST(allocation.started_ms, $period_start),
    LEAST(
      CASE
        WHEN source_state.suspended_held THEN allocation.ended_ms
        ELSE allocation.ended_ms - allocation.suspended_ms
      END,
      $period_end
    ),
    allocation.quantity_milli
  FROM allocation
  CROSS JOIN source_state
  UNION ALL
  SELECT
    fleet.model,
    'down',
    GREATEST(outage.from_ms, fleet.since_ms),
    LEAST(outage.until_ms, fleet.gone_ms),
    fleet.milli
  FROM fleet
  JOIN outage
    ON outage.node = fleet.node
)
SELECT
  span.model,
  span.part,
  span.since_ms AS from_ms,
  span.gone_ms AS until_ms,
  CAST(SUM(span.many) AS BIGINT) AS milli
FROM span
WHERE span.gone_ms > span.since_ms
GROUP BY
  span.model,
  span.part,
  span.since_ms,
  span.gone_ms
