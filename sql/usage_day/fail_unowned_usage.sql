-- Accounts whose usage belongs to no project that day and is not set aside.
WITH line AS (
  SELECT
    usage_hour.source,
    usage_hour.account,
    usage_hour.sku,
    'device_us' AS unit,
    '장비시간' AS noun,
    usage_hour.held_us AS amount,
    36000000 AS hundredth
  FROM usage_hour
  UNION ALL
  SELECT
    reading.source,
    reading.account,
    reading.sku,
    CASE WHEN reading.unit = 'mib' THEN 'mib_s' ELSE 'device_us' END,
    CASE WHEN reading.unit = 'mib' THEN 'MiB·시간' ELSE '장비시간' END,
    reading.quantity * CASE
      WHEN reading.unit = 'mib' THEN (reading.ended_ms - reading.started_ms) // 1000
      ELSE reading.ended_ms - reading.started_ms
    END,
    CASE WHEN reading.unit = 'mib' THEN 36 ELSE 36000000 END
  FROM reading
),
unowned_sku AS (
  SELECT
    line.source,
    line.account,
    line.sku,
    line.unit,
    line.noun,
    line.hundredth,
    CAST(SUM(line.amount) AS BIGINT) AS amount
  FROM line
  LEFT JOIN tenancy
    ON tenancy.source = line.source
    AND tenancy.account = line.account
    AND tenancy.from_ms < $period_end
    AND tenancy.until_ms > $period_start
  LEFT JOIN set_aside
    ON set_aside.source = line.source
    AND set_aside.account = line.account
  WHERE tenancy.account IS NULL
    AND set_aside.account IS NULL
  GROUP BY
    line.source,
    line.account,
    line.sku,
    line.unit,
    line.noun,
    line.hundredth
),
unowned AS (
  SELECT
    unowned_sku.source,
    unowned_sku.account,
    unowned_sku.noun,
    CAST(SUM(unowned_sku.amount) AS BIGINT) // unowned_sku.hundredth AS hundredths,
    STRING_AGG(
      unowned_sku.sku || ':' || unowned_sku.unit || ':' || CAST(unowned_sku.amount AS VARCHAR), ' '
      ORDER BY unowned_sku.sku
    ) AS stake
  FROM unowned_sku
  GROUP BY
    unowned_sku.source,
    unowned_sku.account,
    unowned_sku.noun,
    unowned_sku.hundredth
)
SELECT
  unowned.source || '/' || unowned.account AS subject,
  '계정의 소속 과제가 없습니다: '
    || CAST(unowned.hundredths // 100 AS VARCHAR)
    || '.'
    || LPAD(CAST(unowned.hundredths % 100 AS VARCHAR), 2, '0')
    || ' '
    || unowned.noun
    || '. 과제에 연결하거나 사유와 함께 청구 제외로 등록하세요.' AS detail,
  unowned.stake
FROM unowned
