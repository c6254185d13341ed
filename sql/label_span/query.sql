-- Time over which a device carried a workload's label, where no scheduler says what was held.
WITH member AS (
  SELECT
    workload.workload_id,
    workload.kind,
    workload.name,
    COUNT(*) OVER (PARTITION BY workload.workload_id) AS members,
    ROW_NUMBER() OVER (PARTITION BY workload.workload_id ORDER BY workload.kind, workload.name) AS place,
    STRING_AGG(workload.kind || ':' || workload.name, CHR(10)) OVER (
      PARTITION BY workload.workload_id
      ORDER BY workload.kind, workload.name
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS label_set
  FROM workload
),
piece AS (
  SELECT
    interval.device_id,
    member.kind,
    member.name,
    member.label_set,
    interval.started_ms,
    interval.started_ms + interval.held_ms AS ended_ms,
    interval.busy_ppm,
    interval.energy_uj,
    interval.memory_mib,
    1000 // member.members + CASE WHEN member.place = 1 THEN 1000 % member.members ELSE 0 END AS share
  FROM interval
  JOIN member
    ON member.workload_id = interval.workload_id
  WHERE NOT interval.dark
  UNION ALL
  SELECT
    device.device_id,
    label_beside.kind,
    label_beside.name,
    label_beside.label_set,
    label_beside.started_ms,
    label_beside.ended_ms,
    label_beside.busy_ppm,
    label_beside.energy_uj,
    label_beside.memory_mib,
    0
  FROM label_beside
  JOIN device
    ON device.device_uid = label_beside.device_uid
),
pair AS (
  SELECT
    piece.*,
    COALESCE(LAG(piece.ended_ms) OVER run = piece.started_ms, FALSE) AS goes_on,
    piece.started_ms % 3600000 = 0
      AND LAG(piece.label_set) OVER run = piece.label_set
      AND LAG(piece.busy_ppm) OVER run IS NOT DISTINCT FROM piece.busy_ppm
      AND LAG(piece.memory_mib) OVER run IS NOT DISTINCT FROM piece.memory_mib AS alike,
    piece.ended_ms - LAG(piece.started_ms) OVER run AS both_ms,
    piece.started_ms - LAG(piece.started_ms) OVER run AS part_ms,
    CAST(piece.energy_uj AS DECIMAL(38, 0)) + LAG(piece.energy_uj) OVER run AS both_uj,
    CAST(LAG(piece.energy_uj) OVER run AS DECIMAL(38, 0)) AS part_uj,
    (piece.energy_uj IS NULL) = (LAG(piece.energy_uj) OVER run IS NULL) AS metered_alike
  FROM piece
  WINDOW run AS (PARTITION BY piece.device_id, piece.kind, piece.name ORDER BY piece.started_ms)
),
told AS (
  SELECT
    pair.*,
    pair.goes_on
      AND pair.alike
      AND pair.metered_alike
      AND COALESCE(
        pair.both_uj * pair.part_ms >= pair.part_uj * pair.both_ms
        AND pair.both_uj * pair.part_ms < (pair.part_uj + 1) * pair.both_ms,
        TRUE
      ) AS cut_here
  FROM pair
),
sampled AS (
  SELECT
    told.*,
    CASE WHEN told.cut_here THEN LAG(told.goes_on) OVER run ELSE told.goes_on END AS known_before,
    CASE WHEN LEAD(told.cut_here) OVER run THEN LEAD(told.ended_ms) OVER run ELSE told.ended_ms END AS sampled_ms
  FROM told
  WINDOW run AS (PARTITION BY told.device_id, told.kind, told.name ORDER BY told.started_ms)
),
counted AS (
  SELECT
    sampled.*,
    CASE
      WHEN sampled.known_before THEN sampled.started_ms
      ELSE GREATEST(sampled.started_ms, sampled.sampled_ms - source_state.scrape_ms)
    END AS from_ms
  FROM sampled
  CROSS JOIN source_state
  WHERE sampled.started_ms >= $period_start
    AND sampled.started_ms < $period_end
)
SELECT
  counted.kind,
  counted.name,
  CASE WHEN device.slice = '' THEN device.model ELSE device.model || '.mig-' || device.slice END AS model,
  device.device_uid,
  counted.from_ms,
  counted.ended_ms AS until_ms,
  counted.share AS milli
FROM counted
JOIN device
  ON device.device_id = counted.device_id
WHERE counted.from_ms < counted.ended_ms
