-- Devices installed, held, down and free in each hour, from sums and from a sweep.
WITH clock AS (
  SELECT $period_start + slot.number * 3600000 AS hour_start
  FROM (
    VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11),
      (12), (13), (14), (15), (16), (17), (18), (19), (20), (21), (22), (23), (24)
  ) AS slot(number)
),
edge AS (
  SELECT
    capacity_span.model,
    capacity_span.from_ms AS at_ms,
    CASE WHEN capacity_span.part = 'installed' THEN capacity_span.milli ELSE 0 END AS there,
    CASE WHEN capacity_span.part = 'installed' THEN 0 ELSE capacity_span.milli END AS used
  FROM capacity_span
  UNION ALL
  SELECT
    capacity_span.model,
    capacity_span.until_ms,
    CASE WHEN capacity_span.part = 'installed' THEN -capacity_span.milli ELSE 0 END,
    CASE WHEN capacity_span.part = 'installed' THEN 0 ELSE -capacity_span.milli END
  FROM capacity_span
  UNION ALL
  SELECT
    models.model,
    clock.hour_start,
    0,
    0
  FROM clock
  CROSS JOIN (SELECT DISTINCT capacity_span.model FROM capacity_span) AS models
),
moment AS (
  SELECT
    edge.model,
    edge.at_ms,
    CAST(SUM(edge.there) AS BIGINT) AS there_change,
    CAST(SUM(edge.used) AS BIGINT) AS used_change
  FROM edge
  GROUP BY edge.model, edge.at_ms
),
level AS (
  SELECT
    moment.model,
    moment.at_ms,
    moment.at_ms - moment.at_ms % 3600000 AS hour_start,
    LEAD(moment.at_ms) OVER (PARTITION BY moment.model ORDER BY moment.at_ms) - moment.at_ms AS lasting_ms,
    CAST(SUM(moment.used_change - moment.there_change) OVER (
      PARTITION BY moment.model
      ORDER BY moment.at_ms
    ) AS BIGINT) AS excess
  FROM moment
),
swept AS (
  SELECT
    level.model,
    level.hour_start,
    SUM(GREATEST(level.excess, 0) * level.lasting_ms) AS over_us,
    SUM(GREATEST(-level.excess, 0) * level.lasting_ms) AS free_us,
    MAX(GREATEST(level.excess, 0)) AS peak,
    MIN(CASE WHEN level.excess > 0 THEN level.at_ms END) AS over_since_ms
  FROM level
  WHERE level.lasting_ms IS NOT NULL
  GROUP BY level.model, level.hour_start
),
summed AS (
  SELECT
    capacity_span.model,
    clock.hour_start,
    capacity_span.part,
    capacity_span.milli * (
      LEAST(capacity_span.until_ms, clock.hour_start + 3600000)
      - GREATEST(capacity_span.from_ms, clock.hour_start)
    ) AS part_us
  FROM capacity_span
  JOIN clock
    ON capacity_span.from_ms < clock.hour_start + 3600000
    AND capacity_span.until_ms > clock.hour_start
),
direct AS (
  SELECT
    summed.model,
    summed.hour_start,
    SUM(CASE WHEN summed.part = 'installed' THEN summed.part_us ELSE 0 END) AS installed_us,
    SUM(CASE WHEN summed.part = 'held' THEN summed.part_us ELSE 0 END) AS held_us,
    SUM(CASE WHEN summed.part = 'down' THEN summed.part_us ELSE 0 END) AS down_us
  FROM summed
  GROUP BY summed.model, summed.hour_start
)
SELECT
  swept.hour_start AS hour_ms,
  source_state.cluster,
  swept.model,
  CAST(COALESCE(direct.installed_us, 0) AS BIGINT) AS installed,
  CAST(swept.over_us AS BIGINT) AS over,
  CAST(COALESCE(direct.held_us, 0) AS BIGINT) AS held,
  CASE
    WHEN source_state.has_node_states THEN CAST(COALESCE(direct.down_us, 0) AS BIGINT)
  END AS down,
  CAST(swept.free_us AS BIGINT) AS free,
  swept.peak AS over_milli,
  swept.over_since_ms AS over_from_ms
FROM swept
CROSS JOIN source_state
LEFT JOIN direct
  ON direct.model = swept.model
  AND direct.hour_start = swept.hour_start
WHERE (direct.model IS NOT NULL OR swept.over_us + swept.free_us > 0)
  AND EXISTS (
    SELECT 1
    FROM capacity_span
    WHERE capacity_span.part = 'installed'
  )
