-- Time held on nodes on which no registered device of the cluster ever stood, all in one row. What a run holds lies on its nodes in equal parts.
WITH known AS (
  SELECT DISTINCT
    ever_installed.node
  FROM ever_installed
  WHERE ever_installed.node <> ''
),
place AS (
  SELECT
    host.node_list,
    host.node,
    COUNT(*) OVER (PARTITION BY host.node_list) AS nodes,
    ROW_NUMBER() OVER (PARTITION BY host.node_list ORDER BY host.node) AS rank
  FROM host
),
run AS (
  SELECT
    allocation.node AS node_list,
    allocation.resource || '.' || allocation.model AS sku,
    allocation.model,
    allocation.quantity_milli,
    LEAST(
      CASE
        WHEN source_state.suspended_held THEN allocation.ended_ms
        ELSE allocation.ended_ms - allocation.suspended_ms
      END,
      $period_end
    ) - GREATEST(allocation.started_ms, $period_start) AS lasting_ms
  FROM allocation
  CROSS JOIN source_state
  WHERE source_state.has_scheduler
),
strange AS (
  SELECT
    place.node,
    run.sku,
    run.model,
    CAST(SUM((
      run.quantity_milli // place.nodes
        + CASE WHEN place.rank <= run.quantity_milli % place.nodes THEN 1 ELSE 0 END
    ) * run.lasting_ms) AS BIGINT) AS held_us
  FROM run
  JOIN place
    ON place.node_list = run.node_list
  WHERE run.lasting_ms > 0
    AND EXISTS (SELECT 1 FROM known)
    AND place.node NOT IN (SELECT known.node FROM known)
  GROUP BY
    place.node,
    run.sku,
    run.model
),
spot AS (
  SELECT
    strange.node,
    ROW_NUMBER() OVER (ORDER BY strange.node) AS place
  FROM strange
  GROUP BY strange.node
),
title AS (
  SELECT
    COUNT(*) AS nodes,
    STRING_AGG(spot.node, ', ' ORDER BY spot.node) FILTER (WHERE spot.place <= 5) AS names
  FROM spot
),
worth AS (
  SELECT
    strange.sku,
    strange.model,
    CAST(SUM(strange.held_us) AS BIGINT) AS held_us
  FROM strange
  GROUP BY
    strange.sku,
    strange.model
),
total AS (
  SELECT
    CAST(SUM(worth.held_us) AS BIGINT) // 36000000 AS hundredths,
    STRING_AGG(worth.sku || ':device_us:' || CAST(worth.held_us AS VARCHAR), ' ' ORDER BY worth.sku)
      FILTER (WHERE worth.model <> '') AS stake
  FROM worth
  HAVING COUNT(*) > 0
)
SELECT
  'host' AS subject,
  '등록된 장비가 있었던 적 없는 노드 '
    || CAST(title.nodes AS VARCHAR)
    || '개('
    || title.names
    || CASE WHEN title.nodes > 5 THEN ' 등' ELSE '' END
    || ')에 할당된 '
    || CAST(total.hundredths // 100 AS VARCHAR)
    || '.'
    || LPAD(CAST(total.hundredths % 100 AS VARCHAR), 2, '0')
    || ' 장비시간이 사용량에 들어 있습니다. 다른 클러스터의 기록이면 그 원천에 우리 이름(slurm_cluster, cluster_label, cluster_name)을 적고 다시 수집하세요. 우리 노드면 등록부 devices에 장비를 더하세요.' AS detail,
  total.stake
FROM total
CROSS JOIN title
