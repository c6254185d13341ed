-- Clusters whose evidence has nothing to be checked against.
SELECT
  'evidence' AS subject,
  CASE
    WHEN NOT source_state.has_exporter THEN '관측 수집원(exporter)이 없어 사용 증거를 점검하지 않았습니다.'
    ELSE '등록된 장비가 없어 사용 증거를 점검하지 않았습니다.'
  END AS detail
FROM source_state
LEFT JOIN (SELECT COUNT(*) AS devices FROM installed) AS fleet
  ON TRUE
WHERE NOT source_state.has_exporter
  OR fleet.devices = 0
