-- Device time with a workload that no allocation of that name and model, or more than one, had at the time. A run's first sample looks back to before its start: a scrape period a run, and one for the next day's first, is left out where a device has no more than that.
WITH scrape AS (
  SELECT
    COALESCE(MAX(source_state.scrape_ms), 0) AS scrape_ms
  FROM source_state
),
run AS (
  SELECT DISTINCT
    device_hour.device_uid,
    device_hour.slice,
    device_hour.allocation_id,
    device_hour.submitted_ms,
    device_hour.started_ms
  FROM device_hour
  WHERE device_hour.attribution = 'allocation'
    AND device_hour.started_ms >= $period_start
),
begun AS (
  SELECT
    run.device_uid,
    run.slice,
    COUNT(*) AS runs
  FROM run
  GROUP BY
    run.device_uid,
    run.slice
),
lost AS (
  SELECT
    device_hour.device_uid,
    device_hour.slice,
    device_hour.model,
    CAST(SUM(device_hour.observed_ms) AS BIGINT) AS lost_ms,
    CAST(SUM(device_hour.energy_uj) AS BIGINT) AS lost_uj
  FROM device_hour
  WHERE device_hour.attribution = 'unattributed'
  GROUP BY
    device_hour.device_uid,
    device_hour.slice,
    device_hour.model
),
stray AS (
  SELECT
    lost.model,
    COUNT(DISTINCT lost.device_uid) AS devices,
    CAST(SUM(lost.lost_ms) AS BIGINT) AS stray_ms,
    CAST(SUM(lost.lost_uj) AS BIGINT) AS stray_uj
  FROM lost
  CROSS JOIN scrape
  LEFT JOIN begun
    ON begun.device_uid = lost.device_uid
    AND begun.slice = lost.slice
  WHERE lost.lost_ms > (COALESCE(begun.runs, 0) + 1) * scrape.scrape_ms
  GROUP BY lost.model
),
resource AS (
  SELECT
    installed.model,
    MIN(installed.resource) AS resource
  FROM installed
  GROUP BY installed.model
)
SELECT
  stray.model AS subject,
  '장비 '
    || CAST(stray.devices AS VARCHAR)
    || '대에서 '
    || CAST(stray.stray_ms // 3600000 AS VARCHAR)
    || '.'
    || LPAD(CAST(stray.stray_ms % 3600000 // 36000 AS VARCHAR), 2, '0')
    || ' 장비시간의 작업이 어느 할당에도 연결되지 않았습니다('
    || CAST(stray.stray_uj // 1000000000 AS VARCHAR)
    || ' kJ).' AS detail,
  resource.resource || '.' || stray.model || ':device_us:' || CAST(stray.stray_ms * 1000 AS VARCHAR)
    AS stake
FROM stray
LEFT JOIN resource
  ON resource.model = stray.model
