-- Held time that only labels tell of, as an allocation would say it.
WITH own AS (  -- a board that is divided is held through its slices, whatever its own rows say
  SELECT
    label_span.kind,
    label_span.name,
    installed.resource,
    installed.model,
    GREATEST(label_span.from_ms, installed.installed_ms) AS since_ms,
    LEAST(label_span.until_ms, installed.removed_ms) AS gone_ms,
    label_span.milli
  FROM label_span
  JOIN installed
    ON installed.device_uid = label_span.device_uid
    AND installed.installed_ms < label_span.until_ms
    AND installed.removed_ms > label_span.from_ms
    AND installed.milli > 0
),
edge AS (
  SELECT
    own.kind,
    own.name,
    own.resource,
    own.model,
    own.since_ms AS at_ms,
    own.milli AS change
  FROM own
  UNION ALL
  SELECT
    own.kind,
    own.name,
    own.resource,
    own.model,
    own.gone_ms,
    -own.milli
  FROM own
),
moment AS (
  SELECT
    edge.kind,
    edge.name,
    edge.resource,
    edge.model,
    edge.at_ms,
    SUM(edge.change) AS net
  FROM edge
  GROUP BY
    edge.kind,
    edge.name,
    edge.resource,
    edge.model,
    edge.at_ms
  HAVING SUM(edge.change) <> 0
),
level AS (
  SELECT
    moment.kind,
    moment.name,
    moment.resource,
    moment.model,
    moment.at_ms,
    LEAD(moment.at_ms) OVER run AS next_ms,
    CAST(SUM(moment.net) OVER run AS BIGINT) AS milli
  FROM moment
  WINDOW run AS (PARTITION BY moment.kind, moment.name, moment.resource, moment.model ORDER BY moment.at_ms)
)
SELECT
  source_state.cluster,
  source_state.day AS date,
  level.name AS allocation_id,
  level.kind AS source,
  level.name AS workload,
  SPLIT_PART(level.name, '/', 1) AS account,
  '' AS user,
  '' AS partition,
  level.resource,
  level.model,
  level.milli AS quantity_milli,
  level.at_ms AS submitted_ms,
  level.at_ms AS started_ms,
  level.next_ms AS ended_ms,
  level.next_ms = $period_end AS continues,
  CAST(0 AS BIGINT) AS suspended_ms,
  'LABEL' AS state,
  '' AS node
FROM level
CROSS JOIN source_state
WHERE level.milli > 0
