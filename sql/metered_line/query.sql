-- What was metered of a day by run or reading, with its owner, as usage_day adds it up.
WITH line AS (
  SELECT
    usage_hour.source,
    usage_hour.account,
    usage_hour.sku,
    'device_us' AS counted_in,
    usage_hour.allocation_id AS known_as,
    usage_hour.submitted_ms,
    usage_hour.started_ms,
    0 AS of_reading,
    CAST(usage_hour.held_us AS DECIMAL(38, 0)) AS amount,
    CASE WHEN usage_hour.estimated THEN 1 ELSE 0 END AS guessed,
    CASE WHEN usage_hour.provisional THEN 1 ELSE 0 END AS open_end
  FROM usage_hour
  UNION ALL
  SELECT
    reading.source,
    reading.account,
    reading.sku,
    CASE WHEN reading.unit = 'mib' THEN 'mib_s' ELSE 'device_us' END,
    reading.resource_id,
    0,
    0,
    1,
    CAST(reading.quantity AS DECIMAL(38, 0)) * CAST(
      CASE
        WHEN reading.unit = 'mib' THEN (reading.ended_ms - reading.started_ms) // 1000
        ELSE reading.ended_ms - reading.started_ms
      END AS DECIMAL(38, 0)
    ),
    0,
    CASE WHEN source_state.complete_to_ms < $period_end THEN 1 ELSE 0 END
  FROM reading
  CROSS JOIN source_state
)
SELECT
  source_state.day,
  line.source,
  line.account,
  line.sku,
  line.counted_in AS unit,
  line.known_as AS name,
  CAST(line.submitted_ms AS BIGINT) AS submitted_ms,
  CAST(line.started_ms AS BIGINT) AS started_ms,
  MAX(line.of_reading) = 1 AS reading,
  CASE
    WHEN set_aside.account IS NOT NULL THEN 'set_aside'
    WHEN tenancy.account IS NOT NULL THEN 'project'
    ELSE 'nobody'
  END AS owner,
  COALESCE(tenancy.company_id, '') AS company_id,
  COALESCE(tenancy.project_id, '') AS project_id,
  COALESCE(set_aside.reason, '') AS reason,
  CAST(SUM(line.amount) AS DECIMAL(38, 0)) AS quantity,
  MAX(line.guessed) = 1 AS estimated,
  MAX(line.open_end) = 1 AS provisional
FROM line
CROSS JOIN source_state
LEFT JOIN tenancy
  ON tenancy.source = line.source
  AND tenancy.account = line.account
  AND tenancy.from_ms < $period_end
  AND tenancy.until_ms > $period_start
LEFT JOIN set_aside
  ON set_aside.source = line.source
  AND set_aside.account = line.account
GROUP BY
  source_state.day,
  line.source,
  line.account,
  line.sku,
  line.counted_in,
  line.known_as,
  line.submitted_ms,
  line.started_ms,
  set_aside.account,
  tenancy.account,
  tenancy.company_id,
  tenancy.project_id,
  set_aside.reason
