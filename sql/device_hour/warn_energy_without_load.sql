-- Devices that drew more than half of their power limit for ten minutes or more (both assumed) while no workload was named.
WITH drawn AS (
  SELECT
    device_hour.device_uid,
    device_hour.model,
    device_hour.observed_ms,
    device_hour.energy_uj
  FROM device_hour
  JOIN installed
    ON installed.device_uid = device_hour.device_uid
    AND installed.installed_ms < device_hour.hour_ms + 3600000
    AND installed.removed_ms > device_hour.hour_ms
  WHERE device_hour.attribution = 'unloaded'
    AND device_hour.observed_ms >= 600000
    AND installed.milli > 0
    AND installed.power_limit_w > 0
    AND device_hour.energy_uj > device_hour.observed_ms * 500 * installed.power_limit_w
),
shadow AS (
  SELECT
    drawn.model,
    COUNT(DISTINCT drawn.device_uid) AS devices,
    CAST(SUM(drawn.observed_ms) AS BIGINT) AS drawn_ms,
    CAST(SUM(drawn.energy_uj) AS BIGINT) AS drawn_uj
  FROM drawn
  GROUP BY drawn.model
),
resource AS (
  SELECT
    installed.model,
    MIN(installed.resource) AS resource
  FROM installed
  GROUP BY installed.model
)
SELECT
  shadow.model AS subject,
  '장비 '
    || CAST(shadow.devices AS VARCHAR)
    || '대가 이름 붙은 작업 없이 전력 한도의 절반 넘게 썼습니다('
    || CAST(shadow.drawn_ms // 3600000 AS VARCHAR)
    || '.'
    || LPAD(CAST(shadow.drawn_ms % 3600000 // 36000 AS VARCHAR), 2, '0')
    || ' 장비시간, '
    || CAST(shadow.drawn_uj // 1000000000 AS VARCHAR)
    || ' kJ). 할당 없이 쓰는지, 이름표가 빠졌는지 확인하세요.' AS detail,
  resource.resource || '.' || shadow.model || ':device_us:' || CAST(shadow.drawn_ms * 1000 AS VARCHAR)
    AS stake
FROM shadow
LEFT JOIN resource
  ON resource.model = shadow.model
