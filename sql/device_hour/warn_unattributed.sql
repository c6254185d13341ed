-- Device time with a workload that no allocation of that name and model, or more than one, had at the time.
WITH stray AS (
  SELECT
    device_hour.model,
    COUNT(DISTINCT device_hour.device_uid) AS devices,
    CAST(SUM(device_hour.observed_ms) AS BIGINT) AS stray_ms,
    CAST(SUM(device_hour.energy_uj) AS BIGINT) AS stray_uj
  FROM device_hour
  WHERE device_hour.attribution = 'unattributed'
  GROUP BY device_hour.model
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
