"""Slurm's accounting and the reports of stores."""

from typing import Final

MESSAGES: Final = {
    "names no cluster, and slurm_cluster is {name}: take the column Cluster": (
        "클러스터의 이름이 없는데 slurm_cluster는 {name} 입니다. Cluster 열을 받으십시오"
    ),
    "its cluster {name} is cut off: take --parsable2": (
        "클러스터의 이름 {name} 이(가) 잘렸습니다. --parsable2 로 받으십시오"
    ),
    "AllocTRES counts {title} twice": "AllocTRES가 {title} 을(를) 두 번 셉니다",
    "AllocTRES {pair} is no count": "AllocTRES {pair}: 개수가 아닙니다",
    "AllocTRES counts {total} {name} by type and {count} in all": (
        "AllocTRES의 {name}: 종류별로 {total}개, 모두 {count}개로 다릅니다"
    ),
    "AllocTRES has no whole count of {gres}{name}": (
        "AllocTRES의 {gres}{name}: 정수인 개수가 없습니다"
    ),
    "node {nodename} in an unknown state {state}": "노드 {nodename}: 모르는 상태 {state}",
    "ends {end} before it starts {start}": "시작({start})보다 먼저 끝납니다({end})",
    "its header has no {names}": "머리글에 {names} 이(가) 없습니다",
    "has no account": "계정이 없습니다",
    "no version": "판이 없는 것",
    "the version v0.0.{version}": "판 v0.0.{version}",
    ", whose start is the time of eligibility": "(start가 실행할 수 있게 된 때)",
    (
        "{origin}: is of {said_version} of Slurm's data_parser{why}; v0.0.{versions} to "
        "v0.0.{versions2} are known"
    ): (
        "{origin}: Slurm의 data_parser {said_version}{why} 입니다. v0.0.{versions}부터 "
        "v0.0.{versions2}까지 압니다"
    ),
    (
        "{origin}: is of the controller, which forgets jobs; take `sacct --json` or "
        "/slurmdb/.../jobs"
    ): (
        "{origin}: 제어기의 답이라 작업을 잊습니다. `sacct --json` 이나 /slurmdb/.../jobs 로 "
        "받으십시오"
    ),
    "{origin}: Slurm could not answer: {errors}": "{origin}: Slurm이 답하지 못했습니다: {errors}",
    "{origin}: has no list of jobs": "{origin}: 작업의 목록이 없습니다",
    "is no job": "작업이 아닙니다",
    "job {job_id} in an unknown state {state}": "작업 {job_id}: 모르는 상태 {state}",
    "its {key} is no text: {value}": "{key}: 텍스트가 아닙니다: {value}",
    "its {key} is no whole number: {value}": "{key}: 정수가 아닙니다: {value}",
    "has no time.{key}": "time.{key} 이(가) 없습니다",
    "has the impossible instant {seconds}": "있을 수 없는 시각 {seconds} 입니다",
    "has no tres.allocated": "tres.allocated가 없습니다",
    "{origin}: is no whole JSON: {error}": "{origin}: 온전한 JSON이 아닙니다: {error}",
    "its tres.allocated has {resource}": "tres.allocated에 {resource} 이(가) 있습니다",
    "its header has no jobidraw; take `{command}`": (
        "머리글에 jobidraw가 없습니다. `{command}` 로 받으십시오"
    ),
    "its header has no {missing}; take `{command}`": (
        "머리글에 {missing} 이(가) 없습니다. `{command}` 로 받으십시오"
    ),
    "job {job} is broken over lines": "작업 {job}: 여러 줄로 끊겨 있습니다",
    "Suspended {text} is no [D-]HH:MM:SS": "Suspended {text}: [D-]HH:MM:SS가 아닙니다",
    "has {count} fields instead of {count2}": "칸이 {count}개입니다({count2}개여야 합니다)",
    "stands before any header": "머리글보다 앞에 있습니다",
    "its {name} is no UTF-8": "{name}: UTF-8이 아닙니다",
    "{origin}: has no `Cluster Utilization` of sreport": (
        "{origin}: sreport의 `Cluster Utilization` 이 없습니다"
    ),
    "{place}: ends before it starts": "{place}: 시작보다 먼저 끝납니다",
    "its report has {device} twice": "보고서에 {device} 이(가) 두 번 있습니다",
    "its report does not say in what it counts": "보고서가 무엇으로 세는지 적혀 있지 않습니다",
    "its head has no {missing}": "머리글에 {missing} 이(가) 없습니다",
    "its parts make {sums} and it reports {reported}": (
        "부분의 합은 {sums}, 보고된 값은 {reported} 입니다"
    ),
    "{name} {row} is no amount": "{name} {row}: 양이 아닙니다",
    "{origin}:{number}: reports in {unit}; take `sreport -t Seconds`": (
        "{origin}:{number}: {unit} 단위의 보고입니다. `sreport -t Seconds` 로 받으십시오"
    ),
    "{origin}:{number}: is no head of sreport's columns: {text}": (
        "{origin}:{number}: sreport의 열 머리글이 아닙니다: {text}"
    ),
    "has no list of pools": "풀(pool)의 목록이 없습니다",
    "names no pool": "풀(pool)의 이름이 없습니다",
    "has no {figure}; ask with `ceph df detail --format json`": (
        "{figure} 이(가) 없습니다. `ceph df detail --format json` 으로 물으십시오"
    ),
    "is no bucket": "버킷이 아닙니다",
    "has a name that is no text": "이름이 텍스트가 아닙니다",
    "has no `usage`": "`usage` 가 없습니다",
    "has no {figure} of {category}": "{category} 의 {figure} 이(가) 없습니다",
    "names no {key}": "{key} 의 이름이 없습니다",
    "OpenMetrics without its `# EOF`: it was cut short": (
        "OpenMetrics인데 끝줄 `# EOF` 가 없어 중간에 끊겼습니다"
    ),
    "the exporter could not collect: {line}": "익스포터가 수집하지 못했습니다: {line}",
    "has no {figure}": "{figure} 이(가) 없습니다",
    "names no file set": "파일셋의 이름이 없습니다",
    "is of the pool {pool_id}, which {metadata} does not name": (
        "풀 {pool_id}: {metadata} 에 이름이 없습니다"
    ),
    "has no row of `mmrepquota -Y`": "`mmrepquota -Y` 의 행이 없습니다",
    "is no line of `mmrepquota -Y`": "`mmrepquota -Y` 의 줄이 아닙니다",
    "stands under no header that names {missing}": "위의 머리글에 {missing} 이(가) 없습니다",
    "has {count} fields, fewer than its header": "칸이 {count}개로 머리글보다 적습니다",
    "blockUsage {used} is no number of KiB": "blockUsage {used}: KiB의 수가 아닙니다",
    "has no report of `lfs quota`": "`lfs quota` 의 보고가 없습니다",
    "has no line of figures": "수치가 있는 줄이 없습니다",
    "is no row of `lfs quota`": "`lfs quota` 의 행이 아닙니다",
    "{number}: {figures} is inaccurate: not every server answered": (
        "{number}: {figures} 이(가) 부정확합니다. 모든 서버가 답하지 않았습니다"
    ),
    "stands under the header {header}": "위의 머리글: {header}",
    "{figure} is rounded by -h; run `lfs quota` without -h, in KiB": (
        "{figure}: -h 때문에 반올림되었습니다. `lfs quota` 를 -h 없이 KiB로 실행하십시오"
    ),
    "has no path or no {column}": "경로나 {column} 이(가) 없습니다",
    "is of {path}, and the table of {table_path}: ask for one file system": (
        "{path} 의 것인데 표는 {table_path} 의 것입니다. 파일 시스템 하나를 물으십시오"
    ),
    "has no `entries`; ask with --show-log-entries=true": (
        "`entries` 가 없습니다. --show-log-entries=true 로 물으십시오"
    ),
    "epoch {epoch} is no whole hour": "epoch {epoch}: 시 단위로 떨어지지 않습니다",
    "epoch {epoch} is an impossible instant": "epoch {epoch}: 있을 수 없는 시각입니다",
    "has no `categories`": "`categories` 가 없습니다",
    "{count} bytes in an hour is more than can be": "한 시간에 {count}바이트는 있을 수 없습니다",
    "summary of {user}: {figure} {count}, entries {sums}": (
        "{user} 의 summary: {figure} {count}, entries {sums}"
    ),
    "has no instant in its name (<epoch_ms>)": "이름에 시각(<epoch_ms>)이 없습니다",
    "has no `user` or no `buckets`": "`user` 나 `buckets` 가 없습니다",
    "the name {name}: {wrong}": "이름 {name}: {wrong}",
    "is in this dump twice": "이 자료에 두 번 있습니다",
    ", beyond the {most} that its store holds": ". 저장소가 담을 수 있는 {most} 을 넘습니다",
    "{held_bytes} bytes is out of range{beyond}": (
        "{held_bytes}바이트는 범위를 벗어났습니다{beyond}"
    ),
    "names no account": "계정의 이름이 없습니다",
    "{name}: is no storage": "{name}: 저장소가 아닙니다",
    "has no instant, neither of its own nor in the file's name (<epoch_ms>)": (
        "시각이 없습니다. 그 자신에도 파일 이름(<epoch_ms>)에도 없습니다"
    ),
}
