"""Decoding measured: an hour of 1,000 devices as Prometheus answers it, against a plain loop."""

import random
import resource
import statistics
import time
from array import array
from collections.abc import Callable

import orjson

from bench.clock import cpu_s
from metering.sources.families.family import family
from metering.sources.prometheus.json_answer import decode_matrix
from metering.sources.prometheus.observations import Measured

DEVICES, SCRAPES, SCRAPE_MS, PAIRS = 1_000, 240, 15_000, 5
START_MS = 1_759_244_400_040
RATIO_MIN = 5
METRICS: dict[str, Callable[[random.Random, int], str]] = {
    "DCGM_FI_DEV_GPU_UTIL": lambda rng, n: str(rng.randint(0, 100)),
    "DCGM_FI_DEV_POWER_USAGE": lambda rng, n: f"{rng.randint(90_000, 700_000) / 1000}",
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": lambda rng, n: str(126_272_101_025 + 6_000_123 * n),
    "DCGM_FI_DEV_FB_USED": lambda rng, n: str(rng.randint(4, 80_000)),
}


def body(metric: str, rng: random.Random) -> bytes:
    """An answer to a query of one metric over an hour."""
    result = [
        {
            "metric": {
                "__name__": metric, "DCGM_FI_DRIVER_VERSION": "580.105.08",
                "Hostname": f"gpu-{device // 8:04d}", "UUID": f"GPU-{device:08x}-98a3-75d6-0000",
                "device": f"nvidia{device % 8}", "gpu": str(device % 8), "hpc_job": str(device),
                "instance": "10.0.172.246:9400", "job": "dcgm", "pci_bus_id": "00000000:53:00.0",
                "modelName": "NVIDIA H100 80GB HBM3",
            },
            "values": [
                [(START_MS + device % 15_000 + n * SCRAPE_MS) / 1000, METRICS[metric](rng, n)]
                for n in range(SCRAPES)
            ],
        }
        for device in range(DEVICES)
    ]  # fmt: skip
    data = {"resultType": "matrix", "result": result}
    return orjson.dumps({"status": "success", "data": data})


def plain(bodies: list[bytes]) -> int:
    """What a loop over decoded JSON does: instants and values, as numbers, by series."""
    count = 0
    for one in bodies:
        for series in orjson.loads(one)["data"]["result"]:
            at, values = array("q"), array("d")
            for moment, value in series["values"]:
                at.append(round(moment * 1000))
                values.append(float(value))
            count += len(at)
    return count


def ours(bodies: list[bytes]) -> int:
    """The same, exactly."""
    return sum(len(decode_matrix(one, "bench")) for one in bodies)


def main() -> None:
    """Print what decoding costs; fail where it is not RATIO_MIN times as fast as the loop."""
    rng = random.Random(7)
    bodies = [body(metric, rng) for metric in METRICS]
    samples = DEVICES * SCRAPES * len(METRICS)
    begun = time.perf_counter()
    ours([b'{"status":"success","data":{"resultType":"matrix","result":[]}}'])
    print(f"first decode, its kernels loaded or compiled: {time.perf_counter() - begun:.2f} s")
    assert ours(bodies) == plain(bodies) == samples
    runs = [(cpu_s(lambda: ours(bodies)), cpu_s(lambda: plain(bodies))) for _ in range(PAIRS)]
    own, loop = (statistics.median(run[which] for run in runs) for which in range(2))
    ratio = statistics.median(slow / fast for fast, slow in runs)
    size = sum(len(one) for one in bodies) / 1e6
    print(f"{samples:,} samples in {size:.0f} MB of JSON")
    print(f"decode: {samples / own:,.0f} samples a cpu second, {size / own:,.0f} MB/s")
    print(f"plain orjson loop: {samples / loop:,.0f} samples a cpu second")
    print(f"ratio: {ratio:.1f} x the loop")
    measured = Measured(family("dcgm"), "bench")

    def observe() -> None:
        for one in bodies:
            measured.take(decode_matrix(one, "bench"))
        assert measured.observed.table().num_rows == DEVICES * SCRAPES

    observe()
    whole = statistics.median(cpu_s(observe) for _ in range(PAIRS))
    print(f"decode to rows for landing: {samples / whole:,.0f} samples a cpu second")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    assert ratio >= RATIO_MIN, f"the decode is only {ratio:.1f} x a plain loop"


if __name__ == "__main__":
    main()
