-- Runs that were listed as going on and that a later input of their source does not list any more, in the day in which they were last known.
WITH lost AS (
  SELECT
    allocation.source,
    allocation.resource,
    allocation.model,
    allocation.allocation_id,
    allocation.ended_ms,
    allocation.quantity_milli * (allocation.ended_ms - allocation.started_ms) AS held_us
  FROM allocation
  WHERE allocation.state = 'VANISHED'
    AND allocation.continues
),
by_sku AS (
  SELECT
    lost.source,
    lost.resource,
    lost.model,
    CAST(SUM(lost.held_us) AS BIGINT) AS sku_us
  FROM lost
  GROUP BY
    lost.source,
    lost.resource,
    lost.model
),
worth AS (
  SELECT
    by_sku.source,
    CAST(SUM(by_sku.sku_us) AS BIGINT) AS all_us,
    STRING_AGG(
      by_sku.resource || '.' || by_sku.model || ':device_us:' || CAST(by_sku.sku_us AS VARCHAR), ' '
      ORDER BY by_sku.resource, by_sku.model
    ) AS stake
  FROM by_sku
  GROUP BY by_sku.source
),
run AS (
  SELECT
    lost.source,
    lost.allocation_id,
    ROW_NUMBER() OVER (PARTITION BY lost.source ORDER BY lost.allocation_id) AS place
  FROM lost
  GROUP BY
    lost.source,
    lost.allocation_id
),
example AS (
  SELECT
    run.source,
    COUNT(*) AS runs,
    STRING_AGG(run.allocation_id, ', ' ORDER BY run.allocation_id) FILTER (WHERE run.place <= 5)
      AS names
  FROM run
  GROUP BY run.source
)
SELECT
  worth.source AS subject,
  '실행 중이던 작업 '
    || CAST(example.runs AS VARCHAR)
    || '건이 이후 자료에 없습니다. 마지막으로 실행이 확인된 시각까지 '
    || CAST(worth.all_us // 3600000000 AS VARCHAR)
    || '.'
    || LPAD(CAST(worth.all_us % 3600000000 // 36000000 AS VARCHAR), 2, '0')
    || ' 장비시간을 추정으로 셌습니다. 스케줄러에서 종료 시각을 확인해 다시 수집하세요. 예: '
    || example.names
    || CASE WHEN example.runs > 5 THEN ' 등' ELSE '' END AS detail,
  worth.stake
FROM worth
JOIN example
  ON example.source = worth.source
