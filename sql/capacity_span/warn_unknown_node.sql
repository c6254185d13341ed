-- Nodes out of use of which no registered device of the day says that it stands there, all in one row.
WITH strange AS (
  SELECT
    node_state.node,
    ROW_NUMBER() OVER (ORDER BY node_state.node) AS place
  FROM node_state
  WHERE node_state.state <> 'up'
    AND EXISTS (SELECT 1 FROM installed)
    AND NOT EXISTS (
      SELECT 1
      FROM installed
      WHERE installed.node = node_state.node
    )
  GROUP BY node_state.node
)
SELECT
  'node' AS subject,
  '등록된 장비가 없는 노드 '
    || CAST(COUNT(*) AS VARCHAR)
    || '개('
    || STRING_AGG(strange.node, ', ' ORDER BY strange.node) FILTER (WHERE strange.place <= 5)
    || CASE WHEN COUNT(*) > 5 THEN ' 등' ELSE '' END
    || ')를 중단 시간에 세지 않았습니다. 가속기가 있는 노드라면 노드 이름과 장비 등록을 확인하세요.' AS detail
FROM strange
HAVING COUNT(*) > 0
