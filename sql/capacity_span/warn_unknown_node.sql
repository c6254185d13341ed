-- Nodes whose state is known but of which no registered device of the day says that it stands there.
SELECT
  node_state.node AS subject,
  CAST(COUNT(*) AS VARCHAR)
    || '개 상태 기록의 노드에 등록된 장비가 없어 중단 시간에 세지 않았습니다. 노드 이름과 장비 등록을 확인하세요.' AS detail
FROM node_state
WHERE NOT EXISTS (
  SELECT 1
  FROM installed
  WHERE installed.node = node_state.node
)
GROUP BY node_state.node
