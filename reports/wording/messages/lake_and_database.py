"""The lake, its contracts and queries, and the database."""

from typing import Final

MESSAGES: Final = {
    "the database is at schema {revision}, this program at {newest}: update the program": (
        "데이터베이스의 스키마는 {revision}, 이 프로그램은 {newest} 입니다. 프로그램을 새 "
        "판으로 올리십시오"
    ),
    "{url}: not the address of a database, like postgresql+psycopg://user@host/name": (
        "{url}: 데이터베이스의 주소가 아닙니다. postgresql+psycopg://user@host/name 처럼 적으십시오"
    ),
    (
        "lake {root}: {flaw}; put the keys into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the"
        " environment"
    ): (
        "저장소(lake) {root}: {flaw}. 키는 환경 변수 AWS_ACCESS_KEY_ID 와 AWS_SECRET_ACCESS_KEY 에"
        " 넣으십시오"
    ),
    "{url}: not a database that can be opened here: {error}": (
        "{url}: 여기서 열 수 있는 데이터베이스가 아닙니다: {error}"
    ),
    "{url}: give SQLite a file; what is kept in memory is lost": (
        "{url}: SQLite에는 파일을 지정하십시오. 메모리에 둔 것은 사라집니다"
    ),
    "no finding {finding_key}; `jeongsan status` lists them": (
        "확인할 사항 {finding_key}: 없습니다. `jeongsan status` 에 목록이 있습니다"
    ),
    "effect {effect}: write bill or exclude": "effect {effect}: bill 이나 exclude 로 쓰십시오",
    "nobody decided about a finding {finding_key}": (
        "확인할 사항 {finding_key}: 아무도 결정하지 않았습니다"
    ),
    "nobody waived {cluster} {day}": "{cluster} {day}: 넘기기로 한 사람이 없습니다",
    "a decision needs its reason and the name of who made it": (
        "결정에는 사유와 결정한 사람의 이름이 필요합니다"
    ),
    "{finding} lies outside {stage}, {cluster}, {days}": (
        "{finding}: {stage}, {cluster}, {days} 밖의 사항입니다"
    ),
    "{key} was changed by another run; run this again": (
        "{key}: 다른 실행이 바꾸었습니다. 다시 실행하십시오"
    ),
    "{path} was swept meanwhile; run this again": (
        "{path}: 그 사이에 정리되었습니다. 다시 실행하십시오"
    ),
    "table {table} does not keep its contract (sql/{table}/table.yaml)": (
        "표 {table}: 계약(sql/{table}/table.yaml)에 맞지 않습니다"
    ),
    "no table {table} under sql/": "표 {table}: sql/ 아래에 없습니다",
    "table {table} has no query: it is landed, not computed": (
        "표 {table}: 계산하는 표가 아니라 받는 표라서 질의가 없습니다"
    ),
    "{where}: write keys and values": "{where}: 키와 값으로 쓰십시오",
    "{where}: missing {missing}, unknown {unknown}": (
        "{where}: 없는 것 {missing}, 모르는 것 {unknown}"
    ),
    "{where}: type {type} is none of {types}": (
        "{where}: 형 {type} 은 다음 가운데 없습니다: {types}"
    ),
    "{where}: bounds are integers": "{where}: 한계는 정수입니다",
    "{where}: null is true or false": "{where}: null 은 true 나 false 입니다",
    "{where}: owner {owner} is none of {owners}": (
        "{where}: owner {owner} 은 다음 가운데 없습니다: {owners}"
    ),
    "table {table} is partitioned by {keys}, not {given}": (
        "표 {table}: {keys} 으로 나누며 {given} 으로 나누지 않습니다"
    ),
    "{name}: the column is missing": "{name}: 열이 없습니다",
    "{name}: is not the partition's {constant}": "{name}: 파티션의 값 {constant} 과 다릅니다",
    "{grain}: {count} rows repeat the row before them": "{grain}: 행 {count}개가 앞 행과 겹칩니다",
    "{where}: {name} orders rows and must be a column without nulls": (
        "{where}: {name} 은 행의 순서를 정하므로 널이 없는 열이어야 합니다"
    ),
    "{where}: {name} names partitions and cannot be null or bool": (
        "{where}: {name} 은 파티션의 이름이므로 널이나 bool일 수 없습니다"
    ),
    "row {row}: {values}": "{row}행: {values}",
    "and {count} more rows": "외 {count}행",
    "partition {name}={text} is not a {kind}": "파티션 {name}={text}: {kind} 값이 아닙니다",
    "{name}: null is not allowed": "{name}: 널은 허용되지 않습니다",
    "{name}: below {low}": "{name}: {low} 보다 작습니다",
    "{name}: above {high}": "{name}: {high} 보다 큽니다",
    "{name}: the contract has no such column": "{name}: 계약에 없는 열입니다",
    "table {table}: column {name} is there twice": "표 {table}: 열 {name} 이(가) 두 번 있습니다",
    "{name}: is {kind}, the contract says {promised}": (
        "{name}: {kind} 입니다. 계약에는 {promised} 로 되어 있습니다"
    ),
    "table {table} has no partition key {unknown}": "표 {table}: 파티션 키가 없습니다: {unknown}",
    "{path}: {what}; `jeongsan repair` says what can be made anew": (
        "{path}: {what}. `jeongsan repair` 가 무엇을 되살릴 수 있는지 말합니다"
    ),
    "its bytes were changed": "내용이 바뀌었습니다",
    "is missing from the lake": "저장소(lake)에 없습니다",
    "table {table} is partitioned by {keys}, not by {given}": (
        "표 {table}: {keys} 으로 나누며 {given} 으로는 나누지 않습니다"
    ),
    "partition {key}={text}: write letters, digits, '_', '-' and '.'": (
        "파티션 {key}={text}: 영문자, 숫자, '_', '-', '.' 로 쓰십시오"
    ),
    (
        "lake {root}: cannot be written: {error}; nothing was changed: make room or give "
        "leave, and run this again"
    ): (
        "저장소(lake) {root}: 쓸 수 없습니다: {error}. 바뀐 것은 없습니다. 공간이나 권한을 "
        "마련하고 다시 실행하십시오"
    ),
    "lake {root}: cannot be opened: {error}": "저장소(lake) {root}: 열 수 없습니다: {error}",
    "{root}: keeps {kept} of {size} bytes of {path}; switch its trailing checksums off": (
        "{root}: {path} 의 {size}바이트 가운데 {kept}바이트만 남습니다. 끝에 붙는 "
        "검사합(trailing checksum)을 끄십시오"
    ),
    "table {table} has another contract now than": "표 {table}: 지금의 계약은 다릅니다",
    "table {table}: not a Parquet file: {error}": "표 {table}: Parquet 파일이 아닙니다: {error}",
    "{count} samples from {first} to {last}": "표본 {count}개, {first}부터 {last}까지",
    "and {count} rows more": "외 {count}행",
    "unregistered device": "등록되지 않은 장비",
    "device {device_uid} has no shard: run `jeongsan load`": (
        "장비 {device_uid}: 샤드가 없습니다. `jeongsan load` 를 실행하십시오"
    ),
    "{table_name}/{partition} was changed by another run; run this again": (
        "{table_name}/{partition}: 다른 실행이 바꾸었습니다. 다시 실행하십시오"
    ),
    "a check selects {said} as text": "검사는 {said} 을(를) 텍스트로 고릅니다",
    "{where}: cast what is not exact: {inexact}": (
        "{where}: 정확하지 않은 것은 CAST하십시오: {inexact}"
    ),
    "table {table} reads {reads}; given were {inputs}": (
        "표 {table}: 읽는 것은 {reads}, 주어진 것은 {inputs} 입니다"
    ),
    "{wanted}, of every row": "{wanted}. 모든 행에서 그렇습니다",
    "{where}: is not one SELECT": "{where}: SELECT 하나가 아닙니다",
    "{where}: only $period_start and $period_end are bound, not {wanted}": (
        "{where}: $period_start와 $period_end만 쓸 수 있습니다. 쓸 수 없는 것: {wanted}"
    ),
    "{where}: reads {unlisted}, not listed": "{where}: 적혀 있지 않은 것을 읽습니다: {unlisted}",
    (
        "{name} {day}: the lines of the day do not come to its usage_day; was it metered "
        "meanwhile? Run this again"
    ): (
        "{name} {day}: 그날의 줄을 더한 것이 usage_day와 다릅니다. 그 사이에 계측되었는지 보고 "
        "다시 실행하십시오"
    ),
    "{table} is read from the lake, not from the registry": (
        "{table}: 등록부가 아니라 저장소(lake)에서 읽습니다"
    ),
    (
        "database {place}: {reason}; nothing was changed: see that it runs, has room, gives "
        "leave and is not held by another run, and run this again"
    ): (
        "데이터베이스 {place}: {reason}. 바뀐 것은 없습니다. 켜져 있는지, 공간과 권한이 "
        "있는지, 다른 실행이 잡고 있지 않은지 보고 다시 실행하십시오"
    ),
    "lake {root}: cannot be written: {refusal}": "저장소(lake) {root}: 쓸 수 없습니다: {refusal}",
    "lake {root}: there is no bucket {bucket}": (
        "저장소(lake) {root}: 버킷 {bucket} 이(가) 없습니다"
    ),
    "lake {root}: does not answer: {error}": "저장소(lake) {root}: 응답이 없습니다: {error}",
}
