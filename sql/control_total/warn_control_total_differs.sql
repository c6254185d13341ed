-- Spans in which what is held differs from what Slurm reports by more than the report rounds. Parts of devices (shards, MPS) are left out: Slurm counts them as resources of their own.
WITH run AS (
  SELECT
    allocation.allocation_id,
    allocation.submitted_ms,
    allocation.started_ms,
    allocation.resource,
    allocation.model,
    MAX(allocation.ended_ms) AS ended_ms,
    MAX(allocation.quantity_milli) AS quantity_milli
  FROM allocation
  WHERE allocation.source = 'slurm'
    AND allocation.quantity_milli % 1000 = 0
  GROUP BY
    allocation.allocation_id,
    allocation.submitted_ms,
    allocation.started_ms,
    allocation.resource,
    allocation.model
),
counted AS (
  SELECT
    control_total.resource,
    control_total.span,
    control_total.started_ms,
    control_total.ended_ms,
    control_total.unit_s,
    control_total.allocated * 1000 AS reported_us,
    CAST(COALESCE(SUM(
      run.quantity_milli * (
        LEAST(run.ended_ms, control_total.ended_ms)
        - GREATEST(run.started_ms, control_total.started_ms)
      )
    ), 0) AS BIGINT) AS held_us
  FROM control_total
  CROSS JOIN source_state
  LEFT JOIN run
    ON run.resource = control_total.resource
    AND run.started_ms < control_total.ended_ms
    AND run.ended_ms > control_total.started_ms
  WHERE source_state.complete_to_ms >= control_total.ended_ms
  GROUP BY
    control_total.resource,
    control_total.span,
    control_total.started_ms,
    control_total.ended_ms,
    control_total.unit_s,
    control_total.allocated
)
SELECT
  counted.resource || ' ' || counted.span AS subject,
  'Slurm이 보고한 점유는 '
    || CAST(counted.reported_us // 1000000 AS VARCHAR)
    || ' 장비초, 작업 기록의 점유는 '
    || CAST(counted.held_us // 1000000 AS VARCHAR)
    || ' 장비초로 '
    || CAST(ABS(counted.held_us - counted.reported_us) // 1000000 AS VARCHAR)
    || ' 장비초 다릅니다(보고 단위 '
    || CAST(counted.unit_s AS VARCHAR)
    || '초). 빠진 작업이 없는지 확인하세요. 예약으로 비워 둔 시간은 Slurm의 점유에만 듭니다.' AS detail
FROM counted
WHERE ABS(counted.held_us - counted.reported_us) * 2 > counted.unit_s * 1000000
