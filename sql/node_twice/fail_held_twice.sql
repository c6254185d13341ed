-- Models of which jobs and pods together held more on a node than is there, by node.
WITH first_seen AS (
  SELECT
    node_twice.*,
    ROW_NUMBER() OVER (PARTITION BY node_twice.model ORDER BY node_twice.first_ms, node_twice.node) AS place
  FROM node_twice
)
SELECT
  first_seen.model || '/node' AS subject,
  '노드별로 보아 노드 '
    || CAST(COUNT(*) AS VARCHAR)
    || '개에서 Slurm 작업과 파드가 노드의 장비보다 최대 '
    || CAST(MAX(first_seen.most_milli) // 1000 AS VARCHAR)
    || '.'
    || LPAD(CAST(MAX(first_seen.most_milli) % 1000 AS VARCHAR), 3, '0')
    || '대 많이 할당받았습니다(처음 '
    || LPAD(CAST((MIN(first_seen.first_ms) - $period_start) // 3600000 AS VARCHAR), 2, '0')
    || ':'
    || LPAD(CAST((MIN(first_seen.first_ms) - $period_start) % 3600000 // 60000 AS VARCHAR), 2, '0')
    || ' '
    || MIN(CASE WHEN first_seen.place = 1 THEN first_seen.node END)
    || ', 합계 '
    || CAST(CAST(SUM(first_seen.twice_us) AS BIGINT) // 1000000 AS VARCHAR)
    || ' 장비초). 한쪽이 다른 쪽을 담고 있으면 그 계정이나 네임스페이스를 site.toml의 carrier_accounts에 적으세요.' AS detail,
  MIN(first_seen.resource) || '.' || first_seen.model || ':device_us:'
    || CAST(CAST(SUM(first_seen.twice_us) AS BIGINT) AS VARCHAR) AS stake
FROM first_seen
GROUP BY first_seen.model
