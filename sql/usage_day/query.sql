-- Usage of an accounting day with its owner.
WITH line AS (
  SELECT
    usage_hour.source,
    usage_hour.account,
    usage_hour.sku,
    'device_us' AS counted_in,
    CAST(usage_hour.held_us AS DECIMAL(38, 0)) AS amount,
    CAST(LEAST(usage_hour.busy_ns, usage_hour.held_us * 1000) AS DECIMAL(38, 0)) AS worked_ns,
    CAST(usage_hour.energy_uj AS DECIMAL(38, 0)) AS worked_uj,
    CASE WHEN usage_hour.estimated THEN 1 ELSE 0 END AS guessed,
    CASE WHEN usage_hour.provisional THEN 1 ELSE 0 END AS open_end
  FROM usage_hour
  UNION ALL
  SELECT
    reading.source,
    reading.account,
    reading.sku,
    CASE WHEN reading.unit = 'mib' THEN 'mib_s' ELSE 'device_us' END,
    CAST(reading.quantity AS DECIMAL(38, 0)) * CAST(
      CASE
        WHEN reading.unit = 'mib' THEN (reading.ended_ms - reading.started_ms) // 1000
        ELSE reading.ended_ms - reading.started_ms
      END AS DECIMAL(38, 0)
    ),
    CAST(0 AS DECIMAL(38, 0)),
    CAST(0 AS DECIMAL(38, 0)),
    0,
    CASE WHEN source_state.complete_to_ms < $period_end THEN 1 ELSE 0 END
  FROM reading
  CROSS JOIN source_state
)
SELECT
  source_state.day,
  tenancy.company_id,
  tenancy.project_id,
  line.source,
  line.sku,
  CAST(SUM(line.amount) AS DECIMAL(38, 0)) AS quantity,
  line.counted_in AS unit,
  CAST(SUM(line.worked_ns) AS DECIMAL(38, 0)) AS busy_ns,
  CAST(SUM(line.worked_uj) AS DECIMAL(38, 0)) AS energy_uj,
  MAX(line.guessed) = 1 AS estimated,
  MAX(line.open_end) = 1 AS provisional
FROM line
JOIN tenancy
  ON tenancy.source = line.source
  AND tenancy.account = line.account
  AND tenancy.from_ms < $period_end
  AND tenancy.until_ms > $period_start
LEFT JOIN set_aside
  ON set_aside.source = line.source
  AND set_aside.account = line.account
CROSS JOIN source_state
WHERE set_aside.account IS NULL
GROUP BY
  source_state.day,
  tenancy.company_id,
  tenancy.project_id,
  line.source,
  line.sku,
  line.counted_in
