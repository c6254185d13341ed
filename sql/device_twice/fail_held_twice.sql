-- Models of which devices were held by a job and a pod at once, as the labels on them say.
WITH first_seen AS (
  SELECT
    device_twice.*,
    ROW_NUMBER() OVER (
      PARTITION BY device_twice.model
      ORDER BY device_twice.first_ms, device_twice.device_uid
    ) AS place
  FROM device_twice
)
SELECT
  first_seen.model || '/device' AS subject,
  '장비에 붙은 이름으로 보아 장비 '
    || CAST(COUNT(*) AS VARCHAR)
    || '대가 Slurm 작업과 파드에 함께 할당되었습니다(처음 '
    || LPAD(CAST((MIN(first_seen.first_ms) - $period_start) // 3600000 AS VARCHAR), 2, '0')
    || ':'
    || LPAD(CAST((MIN(first_seen.first_ms) - $period_start) % 3600000 // 60000 AS VARCHAR), 2, '0')
    || ' '
    || MIN(CASE WHEN first_seen.place = 1 THEN first_seen.device_uid END)
    || '의 작업 '
    || MIN(CASE WHEN first_seen.place = 1 THEN first_seen.job END)
    || '과 파드 '
    || MIN(CASE WHEN first_seen.place = 1 THEN first_seen.pod END)
    || ', 합계 '
    || CAST(CAST(SUM(first_seen.twice_us) AS BIGINT) // 1000000 AS VARCHAR)
    || ' 장비초). 한쪽이 다른 쪽을 담고 있으면 그 계정이나 네임스페이스를 site.toml의 carrier_accounts에 적으세요.' AS detail,
  MIN(first_seen.resource) || '.' || first_seen.model || ':device_us:'
    || CAST(CAST(SUM(first_seen.twice_us) AS BIGINT) AS VARCHAR) AS stake
FROM first_seen
GROUP BY first_seen.model
