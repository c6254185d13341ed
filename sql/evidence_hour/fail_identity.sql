-- Device hours that are more or less than what was loaded, unloaded and dark.
WITH wrong AS (
  SELECT
    evidence_hour.device_uid,
    evidence_hour.hour_ms,
    evidence_hour.installed_ms,
    evidence_hour.loaded_ms,
    evidence_hour.unloaded_ms,
    evidence_hour.dark_ms
  FROM evidence_hour
  WHERE evidence_hour.installed_ms
    <> evidence_hour.loaded_ms + evidence_hour.unloaded_ms + evidence_hour.dark_ms
)
SELECT
  wrong.device_uid AS subject,
  CAST(COUNT(*) AS VARCHAR)
    || '개 시간대에서 설치 시간과 관측 시간이 맞지 않습니다(설치 '
    || CAST(SUM(wrong.installed_ms) AS VARCHAR)
    || ' ms, 작업 있음 '
    || CAST(SUM(wrong.loaded_ms) AS VARCHAR)
    || ' ms, 작업 없음 '
    || CAST(SUM(wrong.unloaded_ms) AS VARCHAR)
    || ' ms, 미관측 '
    || CAST(SUM(wrong.dark_ms) AS VARCHAR)
    || ' ms). 장비 등록 기간과 수집 자료를 확인하세요.' AS detail
FROM wrong
GROUP BY wrong.device_uid
