-- What each account used of each SKU over the day, in the unit of the meter that says so.
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
)
SELECT
  line.source,
  line.account,
  line.sku,
  line.unit,
  line.noun,
  line.hundredth,
  CAST(SUM(line.amount) AS BIGINT) AS amount
FROM line
GROUP BY
  line.source,
  line.account,
  line.sku,
  line.unit,
  line.noun,
  line.hundredth
