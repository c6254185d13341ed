-- Models of which more was held and down than is registered, with the first moment and the most at once; save those that no registered device ever was, of which unknown_model tells.
WITH excess AS (
  SELECT
    capacity_hour.model,
    MIN(capacity_hour.over_from_ms) - $period_start AS first_ms,
    MAX(capacity_hour.over_milli) AS peak,
    CAST(SUM(capacity_hour.over) AS BIGINT) AS over_us
  FROM capacity_hour
  WHERE capacity_hour.over > 0
    AND (
      capacity_hour.model = ''
      OR NOT EXISTS (SELECT 1 FROM ever_installed)
      OR capacity_hour.model IN (SELECT ever_installed.model FROM ever_installed)
    )
  GROUP BY capacity_hour.model
),
resource AS (
  SELECT
    installed.model,
    MIN(installed.resource) AS resource
  FROM installed
  GROUP BY installed.model
)
SELECT
  excess.model AS subject,
  '등록 장비보다 최대 '
    || CAST(excess.peak // 1000 AS VARCHAR)
    || '.'
    || LPAD(CAST(excess.peak % 1000 AS VARCHAR), 3, '0')
    || '대 많이 할당되었거나 중단되었습니다(처음 '
    || LPAD(CAST(excess.first_ms // 3600000 AS VARCHAR), 2, '0')
    || ':'
    || LPAD(CAST(excess.first_ms % 3600000 // 60000 AS VARCHAR), 2, '0')
    || ':'
    || LPAD(CAST(excess.first_ms % 60000 // 1000 AS VARCHAR), 2, '0')
    || ', 합계 '
    || CAST(excess.over_us // 1000000 AS VARCHAR)
    || ' 장비초). 장비 등록과 작업 기록을 확인하세요.' AS detail,
  resource.resource || '.' || excess.model || ':device_us:' || CAST(excess.over_us AS VARCHAR)
    AS stake
FROM excess
LEFT JOIN resource
  ON resource.model = excess.model
