-- Time of installed devices that nobody saw, by model; a board that is divided in the hour is seen by its slices.
WITH unseen AS (
  SELECT
    evidence_hour.model,
    COUNT(DISTINCT evidence_hour.device_uid) AS devices,
    CAST(SUM(evidence_hour.dark_ms) AS BIGINT) AS unseen_ms,
    MIN(evidence_hour.hour_ms) AS first_ms,
    MAX(evidence_hour.hour_ms) AS last_ms
  FROM evidence_hour
  WHERE evidence_hour.dark_ms > 0
    AND NOT EXISTS (
      SELECT 1
      FROM installed
      WHERE installed.device_uid = evidence_hour.device_uid
        AND installed.milli = 0
        AND installed.installed_ms < evidence_hour.hour_ms + 3600000
        AND installed.removed_ms > evidence_hour.hour_ms
    )
  GROUP BY evidence_hour.model
),
resource AS (
  SELECT
    installed.model,
    MIN(installed.resource) AS resource
  FROM installed
  GROUP BY installed.model
)
SELECT
  unseen.model AS subject,
  '장비 '
    || CAST(unseen.devices AS VARCHAR)
    || '대에서 '
    || CAST(unseen.unseen_ms // 3600000 AS VARCHAR)
    || '.'
    || LPAD(CAST(unseen.unseen_ms % 3600000 // 36000 AS VARCHAR), 2, '0')
    || ' 장비시간이 관측되지 않았습니다('
    || CAST((unseen.first_ms - $period_start) // 3600000 AS VARCHAR)
    || '시대부터 '
    || CAST((unseen.last_ms - $period_start) // 3600000 AS VARCHAR)
    || '시대까지).' AS detail,
  resource.resource || '.' || unseen.model || ':device_us:' || CAST(unseen.unseen_ms * 1000 AS VARCHAR)
    AS stake
FROM unseen
LEFT JOIN resource
  ON resource.model = unseen.model
