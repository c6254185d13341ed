"""Telemetry of a shard's day as exporters give it: jitter, gaps, whole percents, noisy power."""

import numpy as np
import pyarrow as pa

SCRAPE_MS = 15_000
JITTER_MS = 40
SCRAPES = 5760
HOUR_MS = 3_600_000
DAY_START_MS = 1_759_244_400_000  # 2025-10-01T00:00:00+09:00
PARTITION = {"cluster": "h100", "date": "2025-10-01", "shard": 0}


def samples(devices: int, seed: int = 1, idle_share: float = 0.0) -> pa.Table:
    """A day of samples sorted by device and instant: jobs of two hours, 100 to 700 W of noise."""
    rng = np.random.default_rng(seed)
    shape = (devices, SCRAPES)
    instants = DAY_START_MS + rng.integers(0, SCRAPE_MS, (devices, 1))
    instants = instants + np.arange(SCRAPES) * SCRAPE_MS
    instants += rng.integers(-JITTER_MS, JITTER_MS + 1, shape)
    jobs = np.repeat(rng.integers(1, devices + 1, (devices, 12)), SCRAPES // 12, axis=1)
    idle = np.repeat(rng.random((devices, 12)) < idle_share, SCRAPES // 12, axis=1)
    busy = np.where(idle, 0, np.clip(rng.normal(80, 15, shape), 0, 100).astype(int))
    power = np.where(idle, 70_000, rng.integers(100_000, 700_001, shape))
    memory = np.repeat(rng.choice([20_123, 40_961, 74_210], (devices, 12)), SCRAPES // 12, axis=1)
    energy = rng.integers(10**9, 10**11, (devices, 1)) + np.cumsum(power * 15, axis=1)
    numbers = np.repeat(np.arange(1, devices + 1)[:, None], SCRAPES, axis=1)
    kept = rng.random(shape) > 0.01
    return pa.table(
        {
            "device_id": pa.array(numbers[kept], pa.int32()),
            "sampled_ms": pa.array(instants[kept], pa.int64()),
            "busy_ppm": pa.array(busy[kept] * 10_000, pa.int32()),
            "power_mw": pa.array(power[kept], pa.int64()),
            "energy_mj": pa.array(energy[kept], pa.int64()),
            "memory_mib": pa.array(memory[kept], pa.int32()),
            "workload_id": pa.array(np.where(idle, 0, jobs)[kept], pa.int32()),
            "health_ok": pa.array(np.ones(int(kept.sum()), bool)),
            "busy_cycles": pa.nulls(int(kept.sum()), pa.int64()),
            "total_cycles": pa.nulls(int(kept.sum()), pa.int64()),
        }
    )


def intervals(sampled: pa.Table) -> pa.Table:
    """The intervals between those samples, cut at hours, with their energy shared by time."""
    device = sampled.column("device_id").to_numpy()
    instant = sampled.column("sampled_ms").to_numpy()
    energy = sampled.column("energy_mj").to_numpy() * 1000
    later = np.flatnonzero(device[1:] == device[:-1]) + 1
    start, end, spent = instant[later - 1], instant[later], energy[later] - energy[later - 1]
    cut = (end - 1) // HOUR_MS * HOUR_MS
    over = cut > start
    starts = np.concatenate([np.where(over, cut, start), start[over]])
    ends = np.concatenate([end, cut[over]])
    row = np.concatenate([later, later[over]])
    whole = np.concatenate([end - start, (end - start)[over]])
    share = np.concatenate([spent, spent[over]]) * (ends - starts) // whole
    order = np.lexsort((starts, device[row]))
    row = row[order]
    return pa.table(
        {
            "device_id": pa.array(device[row], pa.int32()),
            "started_ms": pa.array(starts[order], pa.int64()),
            "held_ms": pa.array((ends - starts)[order], pa.int32()),
            "workload_id": sampled.column("workload_id").take(pa.array(row)),
            "busy_ppm": sampled.column("busy_ppm").take(pa.array(row)),
            "energy_uj": pa.array(share[order], pa.int64()),
            "memory_mib": sampled.column("memory_mib").take(pa.array(row)),
            "dark": pa.array(np.zeros(len(row), bool)),
        }
    )
