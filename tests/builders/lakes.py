"""What the tests of the lake put in it and look at."""

from pathlib import Path

import pyarrow as pa

from metering.lake.lake import Lake
from metering.lake.manifest import Manifest


def named(*names: str) -> pa.Table:
    """Sets of one workload each."""
    return pa.table(
        {
            "workload_id": pa.array(range(1, len(names) + 1), pa.int32()),
            "kind": pa.array(["slurm"] * len(names), pa.string()),
            "name": pa.array(names, pa.string()),
        }
    )


def shard(day: str = "2025-10-01", number: int = 0, cluster: str = "a") -> dict[str, object]:
    return {"cluster": cluster, "date": day, "shard": number}


def put(lake: Lake, *names: str, **place: object) -> Manifest:
    with lake.change() as change:
        return change.replace("workload", shard(**place), named(*names))


def names(lake: Lake, **filters: object) -> list[str]:
    return lake.read("workload", **filters).column("name").to_pylist()


def files(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file under a directory with its inode and content: a file written again is another."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_ino, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
