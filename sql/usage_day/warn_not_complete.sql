-- Days whose billed sources have not been read to the end.
SELECT
  source_state.cluster AS subject,
  CASE
    WHEN source_state.complete_to_ms <= $period_start
      THEN '이 날의 사용 기록이 아직 수집되지 않았습니다.'
    ELSE '사용 기록이 '
      || LPAD(CAST((source_state.complete_to_ms - $period_start) // 3600000 AS VARCHAR), 2, '0')
      || ':'
      || LPAD(CAST((source_state.complete_to_ms - $period_start) % 3600000 // 60000 AS VARCHAR), 2, '0')
      || '까지만 수집되어 이 날의 사용량은 잠정치입니다.'
  END AS detail
FROM source_state
WHERE source_state.complete_to_ms < $period_end
