-- Usage of accounts that are set aside by name and so not billed.
WITH line AS (
  SELECT
    usage_hour.source,
    usage_hour.account,
    '장비시간' AS noun,
    usage_hour.held_us AS amount,
    36000000 AS hundredth
  FROM usage_hour
  UNION ALL
  SELECT
    reading.source,
    reading.account,
    CASE WHEN reading.unit = 'mib' THEN 'MiB·시간' ELSE '장비시간' END,
    reading.quantity * CASE
      WHEN reading.unit = 'mib' THEN (reading.ended_ms - reading.started_ms) // 1000
      ELSE reading.ended_ms - reading.started_ms
    END,
    CASE WHEN reading.unit = 'mib' THEN 36 ELSE 36000000 END
  FROM reading
),
aside AS (
  SELECT
    line.source,
    line.account,
    line.noun,
    set_aside.reason,
    CAST(SUM(line.amount) AS BIGINT) // line.hundredth AS hundredths
  FROM line
  JOIN set_aside
    ON set_aside.source = line.source
    AND set_aside.account = line.account
  GROUP BY
    line.source,
    line.account,
    line.noun,
    line.hundredth,
    set_aside.reason
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
    || ')' AS detail
FROM aside
