-- Labelled intervals of the day before or after in the hour that borders on the day.
SELECT
  device.device_uid,
  workload.kind,
  workload.name,
  STRING_AGG(workload.kind || ':' || workload.name, CHR(10)) OVER (
    PARTITION BY interval.device_id, interval.started_ms
    ORDER BY workload.kind, workload.name
    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
  ) AS label_set,
  interval.started_ms,
  interval.started_ms + interval.held_ms AS ended_ms,
  interval.busy_ppm,
  interval.energy_uj,
  interval.memory_mib
FROM interval
JOIN device
  ON device.device_id = interval.device_id
JOIN workload
  ON workload.workload_id = interval.workload_id
WHERE NOT interval.dark
  AND interval.started_ms >= $period_start - 3600000
  AND interval.started_ms < $period_end + 3600000
  AND (interval.started_ms < $period_start OR interval.started_ms >= $period_end)
