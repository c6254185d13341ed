-- Models that were held and of which no device of the cluster was ever registered.
WITH run AS (
  SELECT
    allocation.resource,
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
    AND allocation.model <> ''
),
strange AS (
  SELECT
    run.model,
    run.resource,
    CAST(SUM(run.quantity_milli * run.lasting_ms) AS BIGINT) AS held_us
  FROM run
  WHERE run.lasting_ms > 0
    AND EXISTS (SELECT 1 FROM ever_installed)
    AND run.model NOT IN (SELECT ever_installed.model FROM ever_installed)
  GROUP BY
    run.model,
    run.resource
)
SELECT
  strange.resource || '.' || strange.model AS subject,
  '등록된 장비가 하나도 없는 모델이 '
    || CAST(strange.held_us // 3600000000 AS VARCHAR)
    || '.'
    || LPAD(CAST(strange.held_us % 3600000000 // 36000000 AS VARCHAR), 2, '0')
    || ' 장비시간 할당되었습니다. 스케줄러가 부르는 이름이면 원천의 gres_models에 대응을 적고, 장비가 빠졌으면 등록하세요.' AS detail,
  strange.resource || '.' || strange.model || ':device_us:' || CAST(strange.held_us AS VARCHAR) AS stake
FROM strange
