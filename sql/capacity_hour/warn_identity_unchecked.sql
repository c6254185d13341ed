-- Clusters whose capacity has nothing to be checked against, or is checked without knowing what was down.
SELECT
  'capacity' AS subject,
  '등록된 장비가 없어 설치 용량과 할당을 대조하지 않았습니다.' AS detail
FROM source_state
WHERE NOT EXISTS (
  SELECT 1
  FROM capacity_span
  WHERE capacity_span.part = 'installed'
)
UNION ALL
SELECT
  'down',
  '노드 상태 수집원이 없어 중단된 장비를 알 수 없습니다.'
FROM source_state
WHERE NOT source_state.has_node_states
