-- Devices half busy or more for ten minutes or more in an hour without any energy, while others of their model have some; a slice has none, it is its board's (all three limits are assumed).
WITH still AS (
  SELECT
    device_hour.device_uid,
    device_hour.hour_ms,
    device_hour.model,
    CAST(SUM(device_hour.observed_ms) AS BIGINT) AS observed_ms
  FROM device_hour
  WHERE device_hour.slice = ''
  GROUP BY
    device_hour.device_uid,
    device_hour.hour_ms,
    device_hour.model
  HAVING SUM(device_hour.energy_uj) = 0
    AND SUM(device_hour.observed_ms) >= 600000
    AND SUM(device_hour.busy_ns) >= SUM(device_hour.observed_ms) * 500000
),
metered AS (
  SELECT DISTINCT device_hour.model
  FROM device_hour
  WHERE device_hour.energy_uj > 0
),
stuck AS (
  SELECT
    still.model,
    COUNT(DISTINCT still.device_uid) AS devices,
    MIN(still.device_uid) AS first_uid,
    CAST(SUM(still.observed_ms) AS BIGINT) AS still_ms
  FROM still
  JOIN metered
    ON metered.model = still.model
  GROUP BY still.model
),
resource AS (
  SELECT
    installed.model,
    MIN(installed.resource) AS resource
  FROM installed
  GROUP BY installed.model
)
SELECT
  stuck.model AS subject,
  '장비 '
    || CAST(stuck.devices AS VARCHAR)
    || '대('
    || stuck.first_uid
    || ' 등)가 바쁜데 전력량이 늘지 않았습니다('
    || CAST(stuck.still_ms // 3600000 AS VARCHAR)
    || '.'
    || LPAD(CAST(stuck.still_ms % 3600000 // 36000 AS VARCHAR), 2, '0')
    || ' 장비시간). 전력량 계수가 멈췄는지 확인하세요.' AS detail,
  resource.resource || '.' || stuck.model || ':device_us:' || CAST(stuck.still_ms * 1000 AS VARCHAR)
    AS stake
FROM stuck
LEFT JOIN resource
  ON resource.model = stuck.model
