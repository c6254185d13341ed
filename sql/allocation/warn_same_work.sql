-- Days of whose ended work more than a hundredth stands there under several ids, as clean logs have it too for short runs that were started together, and what that would count twice is more than a thousandth of it (assumed; METERING 39). What goes on has no end yet to be compared; pods of other names are other pods.
WITH run AS (
  SELECT
    allocation.allocation_id,
    allocation.account,
    allocation.user,
    CASE allocation.source WHEN 'pod' THEN allocation.workload ELSE '' END AS pod,
    allocation.node,
    allocation.resource || '.' || allocation.model AS sku,
    allocation.quantity_milli,
    allocation.submitted_ms,
    allocation.started_ms,
    allocation.ended_ms,
    GREATEST(
      allocation.ended_ms - allocation.started_ms
        - CASE WHEN source_state.suspended_held THEN 0 ELSE allocation.suspended_ms END,
      0
    ) AS lasting_ms
  FROM allocation
  CROSS JOIN source_state
  WHERE NOT allocation.continues
),
work AS (
  SELECT
    run.allocation_id,
    run.account,
    run.user,
    run.pod,
    run.node,
    STRING_AGG(run.sku || ':' || CAST(run.quantity_milli AS VARCHAR), ' ' ORDER BY run.sku) AS size,
    run.submitted_ms,
    run.started_ms,
    MAX(run.ended_ms) AS ended_ms
  FROM run
  GROUP BY
    run.allocation_id,
    run.account,
    run.user,
    run.pod,
    run.node,
    run.submitted_ms,
    run.started_ms
),
twin AS (
  SELECT
    work.allocation_id,
    work.submitted_ms,
    work.started_ms,
    COUNT(*) OVER same AS times,
    MIN(work.allocation_id) OVER same AS first_id
  FROM work
  WINDOW same AS (
    PARTITION BY
      work.account,
      work.user,
      work.pod,
      work.node,
      work.size,
      work.submitted_ms,
      work.started_ms,
      work.ended_ms
  )
),
listed AS (
  SELECT
    twin.*,
    ROW_NUMBER() OVER (
      PARTITION BY twin.times > 1
      ORDER BY twin.times DESC, twin.first_id, twin.submitted_ms, twin.started_ms, twin.allocation_id
    ) AS place
  FROM twin
),
every AS (
  SELECT
    SUM(run.quantity_milli * run.lasting_ms) AS held_us
  FROM run
),
seen AS (
  SELECT
    COUNT(*) AS works,
    COUNT(*) FILTER (WHERE listed.times > 1) AS equals,
    COUNT(*) FILTER (WHERE listed.allocation_id <> listed.first_id) AS copies,
    STRING_AGG(listed.allocation_id, ', ' ORDER BY listed.place)
      FILTER (WHERE listed.times > 1 AND listed.place <= 5) AS examples
  FROM listed
),
copied AS (
  SELECT
    run.sku,
    CAST(SUM(run.quantity_milli * run.lasting_ms) AS BIGINT) AS held_us
  FROM twin
  JOIN run
    ON run.allocation_id = twin.allocation_id
    AND run.submitted_ms = twin.submitted_ms
    AND run.started_ms = twin.started_ms
  WHERE twin.allocation_id <> twin.first_id
  GROUP BY run.sku
),
total AS (
  SELECT
    CAST(SUM(copied.held_us) AS BIGINT) AS held_us,
    STRING_AGG(copied.sku || ':device_us:' || CAST(copied.held_us AS VARCHAR), ' ' ORDER BY copied.sku)
      AS stake
  FROM copied
)
SELECT
  'allocation' AS subject,
  '이 날 끝난 작업 '
    || CAST(seen.works AS VARCHAR)
    || '건 가운데 '
    || CAST(seen.equals AS VARCHAR)
    || '건('
    || CAST(seen.equals * 100 // seen.works AS VARCHAR)
    || '.'
    || LPAD(CAST(seen.equals * 10000 // seen.works % 100 AS VARCHAR), 2, '0')
    || ' %)이 번호만 다르고 계정, 사용자, 크기, 제출·시작·종료 시각이 모두 같습니다('
    || seen.examples
    || CASE WHEN seen.equals > 5 THEN ' 등' ELSE '' END
    || '). 같은 작업이 거듭 적힌 것이면 '
    || CAST(seen.copies AS VARCHAR)
    || '건, '
    || CAST(total.held_us // 3600000000 AS VARCHAR)
    || '.'
    || LPAD(CAST(total.held_us % 3600000000 // 36000000 AS VARCHAR), 2, '0')
    || ' 장비시간이 더 세어졌습니다. 여러 번 받은 기록을 합치며 번호를 새로 매기지 않았는지 확인하세요.' AS detail,
  total.stake
FROM seen
CROSS JOIN total
CROSS JOIN every
WHERE seen.equals * 100 > seen.works
  AND total.held_us * 1000 > every.held_us
