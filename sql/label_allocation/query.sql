-- Held time that only labels tell of, as an allocation would say it.
WITH edge AS (
  SELECT
    label_span.kind,
    label_span.name,
    label_span.model,
    label_span.from_ms AS at_ms,
    label_span.milli AS change
  FROM label_span
  UNION ALL
  SELECT
    label_span.kind,
    label_span.name,
    label_span.model,
    label_span.until_ms,
    -label_span.milli
  FROM label_span
),
moment AS (
  SELECT
    edge.kind,
    edge.name,
    edge.model,
    edge.at_ms,
    SUM(edge.change) AS net
  FROM edge
  GROUP BY
    edge.kind,
    edge.name,
    edge.model,
    edge.at_ms
  HAVING SUM(edge.change) <> 0
),
level AS (
  SELECT
    moment.kind,
    moment.name,
    moment.model,
    moment.at_ms,
    LEAD(moment.at_ms) OVER run AS next_ms,
    CAST(SUM(moment.net) OVER run AS BIGINT) AS milli
  FROM moment
  WINDOW run AS (PARTITION BY moment.kind, moment.name, moment.model ORDER BY moment.at_ms)
),
make AS (
  SELECT DISTINCT
    installed.model,
    installed.resource
  FROM installed
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
  make.resource,
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
JOIN make
  ON make.model = level.model
CROSS JOIN source_state
WHERE level.milli > 0
