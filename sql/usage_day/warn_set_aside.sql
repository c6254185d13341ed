-- Usage of accounts that are set aside by name and so not billed.
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
aside_sku AS (
  SELECT
    line.source,
    line.account,
    line.sku,
    line.unit,
    line.noun,
    line.hundredth,
    set_aside.reason,
    CAST(SUM(line.amount) AS BIGINT) AS amount
  FROM line
  JOIN set_aside
    ON set_aside.source = line.source
    AND set_aside.account = line.account
  GROUP BY
    line.source,
    line.account,
    line.sku,
    line.unit,
    line.noun,
    line.hundredth,
    set_aside.reason
),
aside AS (
  SELECT
    aside_sku.source,
    aside_sku.account,
    aside_sku.noun,
    aside_sku.reason,
    CAST(SUM(aside_sku.amount) AS BIGINT) // aside_sku.hundredth AS hundredths,
    STRING_AGG(
      aside_sku.sku || ':' || aside_sku.unit || ':' || CAST(aside_sku.amount AS VARCHAR), ' '
      ORDER BY aside_sku.sku
    ) AS stake
  FROM aside_sku
  GROUP BY
    aside_sku.source,
    aside_sku.account,
    aside_sku.noun,
    aside_sku.hundredth,
    aside_sku.reason
)
SELECT
  aside.source || '/' || aside.account AS subject,
  '청구 제외: '
    || CAST(aside.hundredths // 100 AS VARCHAR)
    || '.'
    || LPAD(CAST(aside.hundredths % 100 AS VARCHAR), 2, '0')
    || ' '
    || aside.noun
    || ' (사유: '
    || aside.reason
    || ')' AS detail,
  aside.stake
FROM aside
