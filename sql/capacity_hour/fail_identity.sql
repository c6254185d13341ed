-- Hours of a model in which installed and over are not held, down and free.
SELECT
  capacity_hour.model AS subject,
  CAST(COUNT(*) AS VARCHAR)
    || '개 시간대에서 설치 + 초과 = 할당 + 중단 + 여유가 성립하지 않습니다(설치 '
    || CAST(SUM(capacity_hour.installed) AS VARCHAR)
    || ', 초과 '
    || CAST(SUM(capacity_hour.over) AS VARCHAR)
    || ', 할당 '
    || CAST(SUM(capacity_hour.held) AS VARCHAR)
    || ', 중단 '
    || CAST(SUM(COALESCE(capacity_hour.down, 0)) AS VARCHAR)
    || ', 여유 '
    || CAST(SUM(capacity_hour.free) AS VARCHAR)
    || ' milli-장비·ms).' AS detail
FROM capacity_hour
WHERE capacity_hour.installed + capacity_hour.over
  <> capacity_hour.held + COALESCE(capacity_hour.down, 0) + capacity_hour.free
GROUP BY capacity_hour.model
