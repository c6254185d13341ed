"""A small sound input of every reader, by its name."""

import json
import struct
from collections.abc import Mapping

import cramjam

from tests.builders.sites.metering_site import CALENDAR, MIDNIGHT

HOUR_MS = 3_600_000
STAMP = MIDNIGHT + HOUR_MS
ISO = [CALENDAR.iso(MIDNIGHT + n * HOUR_MS) for n in range(6)]
UTC = [f"2025-10-31T{15 + n}:00:00" for n in range(6)]


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def _varint(value: int) -> bytes:
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _remote() -> bytes:
    """An answer of remote read with samples, as snappy packs it."""
    pairs = {"__name__": "DCGM_FI_DEV_GPU_UTIL", "UUID": "gpu-1", "Hostname": "n1"}
    labels = b"".join(
        _field(1, _field(1, name.encode()) + _field(2, text.encode()))
        for name, text in pairs.items()
    )
    samples = b"".join(
        _field(2, b"\x09" + struct.pack("<d", 40.5) + b"\x10" + _varint(STAMP + n * 15_000))
        for n in range(3)
    )
    series = labels + samples
    result = b"\x0a" + _varint(len(series)) + series
    return bytes(cramjam.snappy.compress_raw(b"\x0a" + _varint(len(result)) + result))


METRIC = {"__name__": "DCGM_FI_DEV_GPU_UTIL", "UUID": "gpu-1", "Hostname": "n1"}
POWER = {**METRIC, "__name__": "DCGM_FI_DEV_POWER_USAGE"}
GRES = [{"type": "gres", "name": "gpu", "count": 2}, {"type": "cpu", "name": "", "count": 8}]


def _job(number: int, **more: object) -> dict[str, object]:
    time = {"submission": STAMP // 1000, "start": STAMP // 1000, "end": STAMP // 1000 + 3600}
    return {
        "job_id": number,
        "account": "lab",
        "user": "u",
        "partition": "gpu",
        "nodes": "n[1-2]",
        "state": {"current": ["COMPLETED"]},
        "time": {**time, "suspended": 0},
        "tres": {"allocated": GRES},
        "cluster": "hpc",
        **more,
    }


def _bucket(number: int) -> dict[str, object]:
    usage = {"rgw.main": {"size": 1000 * number, "size_actual": 4096, "size_utilized": 1000}}
    return {"bucket": f"b{number}", "owner": "lab", "tenant": "", "usage": usage}


def _reservation(number: int) -> dict[str, object]:
    return {
        "id": number,
        "tool": 7,
        "area": None,
        "project": 3,
        "user": 2,
        "start": ISO[1],
        "end": ISO[2],
        "cancelled": False,
        "missed": False,
        "waived": False,
        "descendant": None,
    }


def _claim(uid: str) -> dict[str, object]:
    result = {"request": "gpu", "driver": "gpu.nvidia.com", "pool": "n1", "device": f"gpu-{uid}"}
    status = {
        "allocation": {"devices": {"results": [result]}, "allocationTimestamp": ISO[1]},
        "reservedFor": [{"resource": "pods", "name": "p"}],
    }
    metadata = {"namespace": "lab", "name": f"claim-{uid}", "uid": uid}
    return {"kind": "ResourceClaim", "metadata": metadata, "spec": {}, "status": status}


_SLICE = {
    "kind": "ResourceSlice",
    "metadata": {"name": "a"},
    "spec": {
        "driver": "gpu.nvidia.com",
        "nodeName": "n1",
        "pool": {"name": "n1", "generation": 1, "resourceSliceCount": 1},
        "devices": [
            {
                "name": f"gpu-{n}",
                "attributes": {"productName": {"string": "NVIDIA H100 80GB HBM3"}},
                "capacity": {"memory": {"value": "80Gi"}},
            }
            for n in (1, 2)
        ],
    },
}


def _meter(number: int) -> dict[str, object]:
    return {
        "counterName": "gpu",
        "counterType": "DELTA",
        "counterUnit": "HOURS",
        "counterVolume": 1.5,
        "timestamp": ISO[number],
        "insertTime": ISO[number],
        "resourceId": f"vm-{number}",
        "appKey": "key",
        "projectId": "lab",
        "gmid": f"g{number}",
    }


_NHN = {
    "header": {"isSuccessful": True, "resultCode": 0},
    "meterList": [_meter(1), _meter(2)],
    "totalItems": 2,
}
_NAVER_ROW = {
    "account": {"memberNo": "lab"},
    "useDate": {
        "useStartDate": "2025-11-01T00:00:00+0900",
        "useEndDate": "2025-11-01T23:59:59+0900",
    },
    "contract": {"contractNo": "c-1"},
    "contractProduct": {"priceNo": "7", "productItemKind": {"code": "SVR"}},
    "usage": {"meteringType": {"code": "USE"}, "usageQuantity": 3.5, "unit": {"code": "HOUR"}},
}
_NAVER = {
    "getContractUsageListByDailyResponse": {
        "contractUsageListByDaily": [_NAVER_ROW],
        "totalRows": 1,
    }
}
_RGW_ROW = {
    "bucket": "b1",
    "owner": "lab",
    "epoch": MIDNIGHT // 1000,
    "categories": [{"category": "get_obj", "bytes_sent": 10, "bytes_received": 5}],
}

SAMPLES: Mapping[str, bytes] = {
    "table of runs": _lines(
        "job,account,started,ended,cards,node",
        *(f"{n},lab,{ISO[n]},{ISO[n + 1]},{n},n{n}" for n in range(1, 5)),
    ),
    "table of readings": _lines(
        "account;resource;from;until;amount;unit",
        *(f"lab;r{n};{ISO[n]};{ISO[n + 1]};{n}.0;mib" for n in range(1, 4)),
    ),
    "table of samples": _lines(
        "uid,at,busy,power", *(f"gpu-1,{STAMP // 1000 + n},0.5,300.25" for n in range(3))
    ),
    "table of node states": _lines(
        "node,from,until,state", f"n1,{ISO[1]},{ISO[2]},down", f"n2,{ISO[1]},,drained"
    ),
    "sacct text": _lines(
        "JobIDRaw|Cluster|Account|User|Partition|State|Submit|Start|End|Suspended|AllocTRES|NodeList|JobName",
        *(
            f"{n}|hpc|lab|u|gpu|COMPLETED|{UTC[1]}|{UTC[1]}|{UTC[2]}|00:00:00"
            f"|cpu=8,gres/gpu=2,gres/gpu:h100=2|n[1-2]|train {n}"
            for n in range(1, 4)
        ),
        f"4.batch|hpc|lab|u|gpu|COMPLETED|{UTC[1]}|{UTC[1]}|{UTC[2]}|00:00:00||n1|batch",
    ),
    "sacct JSON": _json(
        {
            "jobs": [_job(1), _job(2, partition="cpu")],
            "meta": {"plugin": {"type": "openapi/slurmdbd", "data_parser": "data_parser/v0.0.44"}},
            "errors": [],
            "warnings": [],
        }
    ),
    "node events": _lines(
        "NodeName|Cluster|TimeStart|TimeEnd|State|Reason",
        f"n[1-3]|hpc|{UTC[1]}|{UTC[2]}|DOWN*|disk",
        f"n4|hpc|{UTC[1]}|Unknown|DRAIN|fan | two",
    ),
    "runaway list": _lines(
        "NOTE: Runaway jobs are jobs that don't exist in the controller",
        "ID|Name|Partition|Cluster|State|TimeSubmit|TimeStart|TimeEnd",
        f"9|x|gpu|hpc|RUNNING|{UTC[0]}|{UTC[1]}|Unknown",
    ),
    "sreport": _lines(
        "-" * 80,
        f"Cluster Utilization {UTC[0]} - 2025-10-31T15:59:59",
        "Usage reported in TRES Seconds",
        "-" * 80,
        "Cluster|TRES Name|Allocated|Down|PLND Down|Idle|Planned|Reported",
        "hpc|cpu|1|2|3|4|0|10",
        "hpc|gres/gpu|3600|0|0|3600|0|7200",
    ),
    "exposition text": _lines(
        "# HELP DCGM_FI_DEV_GPU_UTIL GPU utilization (in %).",
        "# TYPE DCGM_FI_DEV_GPU_UTIL gauge",
        *(
            f'DCGM_FI_DEV_GPU_UTIL{{gpu="0",UUID="gpu-{n}",modelName="NVIDIA H100 80GB HBM3",'
            f'Hostname="n1"}} 4{n}'
            for n in (1, 2)
        ),
        'DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="gpu-1",Hostname="n1"} 301.5 ' + str(STAMP),
        "other_metric 5",
        'DCGM_FI_DEV_GPU_UTIL{UUID="gpu-1"} NaN',
    ),
    "OpenMetrics text": _lines(
        "# TYPE DCGM_FI_DEV_GPU_UTIL gauge",
        f'DCGM_FI_DEV_GPU_UTIL{{UUID="gpu-1",Hostname="n1"}} 40 {STAMP // 1000}.5',
        "# EOF",
    ),
    "Prometheus matrix": _json(
        {
            "status": "success",
            "data": {
                "resultType": "matrix",
                "result": [
                    {
                        "metric": METRIC,
                        "values": [[STAMP / 1000, "41"], [STAMP / 1000 + 15, "NaN"]],
                    },
                    {"metric": POWER, "values": [[STAMP / 1000, "301.5"]]},
                ],
            },
        }
    ),
    "VictoriaMetrics export": _json(
        {"metric": METRIC, "values": [41, 42.5, None], "timestamps": [STAMP, STAMP + 1, STAMP + 2]}
    )
    + b"\n"
    + _json({"metric": POWER, "values": [301.5], "timestamps": [STAMP]}),
    "remote read": _remote(),
    "lfs quota": _lines(
        "Disk quotas for prj 7 (pid 7):",
        "     Filesystem  kbytes   quota   limit   grace   files   quota   limit   grace",
        "       /scratch  150010       0       0       -     200       0       0       -",
        "Disk quotas for prj 8 (pid 8):",
        "     Filesystem  kbytes   quota   limit   grace   files   quota   limit   grace",
        "       /scratch  [99]*       0       0       -     200       0       0       -",
    ),
    "mmrepquota": _lines(
        "mmrepquota::HEADER:version:reserved:reserved:filesystemName:quotaType:id:name:blockUsage:"
        "blockQuota:filesetname:",
        "mmrepquota::0:1:::gpfs1:FILESET:1:lab:1048576:0::",
        "mmrepquota::0:1:::gpfs1:USR:1:u%3A1:99:0::",
    ),
    "GPFS exporter": _lines(
        "# TYPE gpfs_fileset_used_bytes gauge",
        'gpfs_fileset_used_bytes{fileset="lab",fs="gpfs1"} 1.048576e+09',
        'gpfs_fileset_used_bytes{fileset="two",fs="gpfs1"} 1048576 ' + str(STAMP),
        'gpfs_exporter_collect_error{collector="mmrepquota"} 0',
        "other 1",
    ),
    "Ceph exporter": _lines(
        'ceph_pool_metadata{pool_id="1",name="rbd"} 1', 'ceph_pool_stored{pool_id="1"} 5000000'
    ),
    "Ceph buckets": _json([_bucket(1), _bucket(2)]),
    "Ceph pools": _json(
        {"pools": [{"name": f"p{n}", "stats": {"stored": 1000 * n}} for n in (1, 2)]}
    ),
    "gateway usage": _json(
        {
            "entries": [{"user": "lab", "buckets": [_RGW_ROW]}],
            "summary": [{"user": "lab", "total": {"bytes_sent": 10}}],
        }
    ),
    "table of bookings": _lines(
        "id,tool,account,from,until,word",
        *(f"{n},scope,lab,{ISO[n]},{ISO[n + 1]},ok" for n in range(1, 4)),
        f"9,scope,lab,{ISO[4]},{ISO[5]},gone",
    ),
    "NEMO reservations": _json([_reservation(1), _reservation(2)]),
    "NEMO usage": _json(
        {
            "results": [
                {
                    "id": 5,
                    "tool": 7,
                    "operator": 2,
                    "user": 2,
                    "project": 3,
                    "start": ISO[1],
                    "end": None,
                }
            ],
            "count": 1,
            "next": None,
        }
    ),
    "resource claims": _json({"kind": "List", "items": [_claim("1"), _claim("2"), _SLICE]}),
    "NHN meters": _json(_NHN),
    "Naver usage": _json(_NAVER),
    "bank list": _lines(
        "거래내역 조회",
        "거래일시,보낸분,입금액,출금액,적요,잔액",
        '2025-11-10 14:03:22,하나,"132,000",,11월,132000',
        "2025-11-11,둘,0,500,출금,131500",
        "2025-11-12 09:00,셋,-100,,취소,131400",
    ),
}
