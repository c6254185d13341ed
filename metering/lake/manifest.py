"""Manifests: what a partition holds, named by their own content; and the names of partitions."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from metering.errors import ContractError
from metering.lake.contract import Contract

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet file, named by the sha256 of its bytes."""

    sha256: str
    size: int  # bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a partition holds: files, digests of its rows, digests of what they came from."""

    table: str
    partition: Mapping[str, str]
    rows: int
    row_digest: str
    hours: Mapping[int, str]  # start of a UTC hour in ms -> row digest
    inputs: Mapping[str, str]  # name -> digest
    files: tuple[DataFile, ...]
    digest: str = field(default="", compare=False)

    @property
    def size(self) -> int:
        """The bytes of its files."""
        return sum(file.size for file in self.files)

    def document(self) -> bytes:
        """The canonical JSON by which a manifest is named and kept."""
        body = {
            "table": self.table,
            "partition": path_of(self.partition),
            "rows": self.rows,
            "row_digest": self.row_digest,
            "hours": {str(hour): digest for hour, digest in self.hours.items()},
            "inputs": dict(self.inputs),
            "files": [
                {"sha256": file.sha256, "size": file.size, "rows": file.rows} for file in self.files
            ],
        }
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()


def name_of(document: bytes) -> str:
    """The name of a manifest: the sha256 of its canonical JSON."""
    return hashlib.sha256(document).hexdigest()


def from_document(document: bytes, digest: str) -> Manifest:
    """The manifest of that name, whose bytes were held to it."""
    body: dict[str, Any] = json.loads(document)
    return Manifest(
        table=body["table"],
        partition=parse_path(body["partition"]),
        rows=body["rows"],
        row_digest=body["row_digest"],
        hours={int(hour): text for hour, text in body["hours"].items()},
        inputs=body["inputs"],
        files=tuple(DataFile(**file) for file in body["files"]),
        digest=digest,
    )


def partition_of(contract: Contract, values: Mapping[str, object]) -> dict[str, str]:
    """A partition's keys and values as text, in contract order; ContractError for any other."""
    if set(values) != set(contract.partition):
        raise ContractError(
            f"table {contract.table} is partitioned by {', '.join(contract.partition)}, "
            f"not by {', '.join(values)}"
        )
    return {key: value_of(key, values[key]) for key in contract.partition}


def value_of(key: str, value: object) -> str:
    """A partition value as text that is safe in a path."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    if not NAME.fullmatch(text):
        raise ContractError(f"partition {key}={text!r}: write letters, digits, '_', '-' and '.'")
    return text


def path_of(partition: Mapping[str, str]) -> str:
    """The name of a partition: cluster=a/date=2025-10-01."""
    return "/".join(f"{key}={value}" for key, value in partition.items())


def parse_path(path: str) -> dict[str, str]:
    """The partition of a name."""
    pairs = (part.partition("=") for part in path.split("/"))
    return {key: value for key, _, value in pairs}


def manifest_path(manifest: Manifest) -> str:
    """Where a manifest lies in the lake."""
    return f"{manifest.table}/{path_of(manifest.partition)}/{manifest.digest}.json"


def data_path(table: str, partition: Mapping[str, str], file: DataFile) -> str:
    """Where a file of a partition lies in the lake."""
    return f"{table}/{path_of(partition)}/{file.sha256}.parquet"
