"""What the tests of the lake put in it and look at."""

import io
from pathlib import Path

import pyarrow as pa
from pyarrow import fs

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


class Bucket(fs.FileSystemHandler):
    """A bucket in memory that does no more than the lake may ask: whole puts, gets, a listing."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_type_name(self) -> str:
        return "bucket"

    def get_file_info(self, paths: list[str]) -> list[fs.FileInfo]:
        return [
            fs.FileInfo(path, fs.FileType.File, size=len(self.objects[path]), mtime_ns=0)
            if path in self.objects
            else fs.FileInfo(path, fs.FileType.NotFound)
            for path in paths
        ]

    def get_file_info_selector(self, selector: fs.FileSelector) -> list[fs.FileInfo]:
        under = [path for path in self.objects if path.startswith(selector.base_dir)]
        return self.get_file_info(under[::-1])

    def open_output_stream(self, path: str, metadata: object) -> pa.NativeFile:
        bucket = self

        class Upload(io.BytesIO):
            def close(self) -> None:
                if not self.closed:
                    bucket.objects[path] = self.getvalue()
                super().close()

        return pa.PythonFile(Upload(), mode="w")

    def open_input_stream(self, path: str) -> pa.NativeFile:
        return pa.BufferReader(self.objects[path])

    def delete_file(self, path: str) -> None:
        del self.objects[path]

    def refuse(self, *_: object) -> None:
        raise NotImplementedError

    copy_file = create_dir = delete_dir = delete_dir_contents = refuse
    delete_root_dir_contents = move = normalize_path = refuse
    open_append_stream = open_input_file = refuse
