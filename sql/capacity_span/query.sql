-- Stretches of the day over which so many milli-devices of a model were installed, held or down.
WITH side AS (
  SELECT bound.sign
  FROM (VALUES (1), (-1)) AS bound(sign)
),
change AS (
  SELECT
    node_span.model,
    node_span.node,
    CASE side.sign WHEN 1 THEN node_span.from_ms ELSE node_span.until_ms END AS at_ms,
    side.sign * CASE node_span.part WHEN 'held' THEN -node_span.milli ELSE node_span.milli END AS idle,
    0 AS states
  FROM node_span
  CROSS JOIN side
  UNION ALL
  SELECT
    stand.model,
    node_state.node,
    CASE side.sign WHEN 1 THEN node_state.started_ms ELSE node_state.ended_ms END,
    0,
    side.sign
  FROM node_state
  JOIN (SELECT DISTINCT node_span.model, node_span.node FROM node_span) AS stand
    ON stand.node = node_state.node
  CROSS JOIN side
  WHERE node_state.state <> 'up'
),
node_level AS (
  SELECT
    change.model,
    change.node,
    change.at_ms,
    CASE
      WHEN SUM(SUM(change.states)) OVER upto > 0 THEN GREATEST(SUM(SUM(change.idle)) OVER upto, 0)
      ELSE 0
    END AS out_of_use
  FROM change
  WHERE change.node IN (SELECT node_state.node FROM node_state)
  GROUP BY change.model, change.node, change.at_ms
  WINDOW upto AS (PARTITION BY change.model, change.node ORDER BY change.at_ms)
),
edge AS (
  SELECT
    node_level.model,
    node_level.at_ms,
    0 AS idle,
    node_level.out_of_use - LAG(node_level.out_of_use, 1, 0) OVER (
      PARTITION BY node_level.model, node_level.node
      ORDER BY node_level.at_ms
    ) AS out_of_use
  FROM node_level
  UNION ALL
  SELECT
    change.model,
    change.at_ms,
    change.idle,
    0
  FROM change
),
level AS (
  SELECT
    edge.model,
    edge.at_ms,
    GREATEST(LEAST(SUM(SUM(edge.out_of_use)) OVER upto, SUM(SUM(edge.idle)) OVER upto), 0) AS down
  FROM edge
  WHERE edge.model IN (SELECT node_level.model FROM node_level)
  GROUP BY edge.model, edge.at_ms
  WINDOW upto AS (PARTITION BY edge.model ORDER BY edge.at_ms)
),
turn AS (
  SELECT
    level.model,
    level.at_ms,
    level.down,
    LAG(level.down, 1, 0) OVER (PARTITION BY level.model ORDER BY level.at_ms) AS down_before
  FROM level
),
span AS (
  SELECT
    turn.model,
    'down' AS part,
    turn.at_ms AS from_ms,
    LEAD(turn.at_ms) OVER (PARTITION BY turn.model ORDER BY turn.at_ms) AS until_ms,
    turn.down AS many
  FROM turn
  WHERE turn.down <> turn.down_before
  UNION ALL
  SELECT
    node_span.model,
    node_span.part,
    node_span.from_ms,
    node_span.until_ms,
    node_span.milli
  FROM node_span
)
SELECT
  span.model,
  span.part,
  span.from_ms,
  span.until_ms,
  CAST(SUM(span.many) AS BIGINT) AS milli
FROM span
WHERE span.many > 0
GROUP BY
  span.model,
  span.part,
  span.from_ms,
  span.until_ms
