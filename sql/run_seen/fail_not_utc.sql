-- Kinds of sources most of whose runs lie the site's offset beside their time, as the exporter saw them: of five or more that begin within the day.
WITH clock AS (
  SELECT
    LEAST($period_start % 86400000, 86400000 - $period_start % 86400000) AS offset_ms
),
run AS (
  SELECT
    run_seen.kind,
    run_seen.name,
    MIN(run_seen.started_ms) AS started_ms,
    MAX(run_seen.ended_ms) AS ended_ms,
    MIN(run_seen.first_ms) AS first_ms,
    MAX(run_seen.last_ms) AS last_ms
  FROM run_seen
  GROUP BY
    run_seen.kind,
    run_seen.name
),
pair AS (
  SELECT
    run.kind,
    run.name,
    CASE
      WHEN ABS(run.started_ms - run.first_ms - clock.offset_ms) <= 600000 THEN 1
      ELSE 0
    END AS late,
    CASE
      WHEN ABS(run.first_ms - run.started_ms - clock.offset_ms) <= 600000
        AND run.last_ms > run.ended_ms + 600000 THEN 1
      ELSE 0
    END AS early
  FROM run
  CROSS JOIN clock
  CROSS JOIN source_state
  WHERE source_state.has_scheduler
    AND clock.offset_ms > 0
    AND run.started_ms >= $period_start
    AND run.first_ms > $period_start + 600000
),
shift AS (
  SELECT
    pair.kind,
    COUNT(*) AS runs,
    CAST(SUM(pair.late) AS BIGINT) AS late,
    CAST(SUM(pair.early) AS BIGINT) AS early,
    MIN(pair.name) FILTER (WHERE pair.late + pair.early > 0) AS example
  FROM pair
  GROUP BY pair.kind
)
SELECT
  shift.kind AS subject,
  '이 날 시작한 작업 '
    || CAST(shift.runs AS VARCHAR)
    || '건 가운데 '
    || CAST(GREATEST(shift.late, shift.early) AS VARCHAR)
    || '건이 수집기가 본 것보다 '
    || CAST(clock.offset_ms // 3600000 AS VARCHAR)
    || CASE WHEN shift.late >= shift.early THEN '시간 늦게' ELSE '시간 일찍' END
    || ' 적혀 있습니다(예: '
    || shift.example
    || '). 스케줄러 기록의 시각이 UTC인지(TZ=UTC), 원천의 naive가 맞는지 확인하고 다시 수집하세요.' AS detail
FROM shift
CROSS JOIN clock
WHERE shift.runs >= 5
  AND GREATEST(shift.late, shift.early) * 2 > shift.runs
