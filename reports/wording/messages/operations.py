"""Backups and restores, health and metrics."""

from typing import Final

MESSAGES: Final = {
    (
        "the backup holds a database of {kind}, site.toml names {named}; "
        "name an empty database of {kind}"
    ): (
        "사본에 담긴 데이터베이스는 {kind} 인데 site.toml 은 {named} 을(를) 가리킵니다. "
        "{kind} 의 빈 데이터베이스를 적으십시오"
    ),
    "database {place}: {program} says: {said}": "데이터베이스 {place}: {program} 의 답: {said}",
    (
        "{program} is not here: install PostgreSQL's client programs (postgresql-client), not "
        "older than the server"
    ): (
        "{program} 이(가) 없습니다. 서버보다 낮지 않은 판의 PostgreSQL 클라이언트"
        "(postgresql-client)를 설치하십시오"
    ),
    "database {place}: cannot be saved: {reason}": (
        "데이터베이스 {place}: 사본을 만들 수 없습니다: {reason}"
    ),
    "{place}: holds no backup (it has no directory {folder})": (
        "{place}: 사본이 없습니다 (디렉터리 {folder} 이(가) 없음)"
    ),
    "{place}: holds no whole backup; begun and never ended: {begun}": (
        "{place}: 온전한 사본이 없습니다. 시작하고 끝나지 않은 것: {begun}"
    ),
    "{place}: no backup there begins with {wanted}; `jeongsan restore {place}` lists them": (
        "{place}: 이름이 {wanted} (으)로 시작하는 사본이 없습니다. 목록: `jeongsan restore {place}`"
    ),
    "{place}: {count} backups begin with {wanted}; write more of it": (
        "{place}: 이름이 {wanted} (으)로 시작하는 사본이 {count}개입니다. 이름을 더 적으십시오"
    ),
    "{path}: is not what was written; it cannot be restored": (
        "{path}: 쓴 것과 다릅니다. 이것으로는 되살릴 수 없습니다"
    ),
    "{place}: lies in the site, and is lost with it; name a directory of another disk": (
        "{place}: 사이트 안이라 사이트와 함께 잃습니다. 다른 디스크의 디렉터리를 적으십시오"
    ),
    "{place}: no backup can be written there: {reason}": (
        "{place}: 사본을 쓸 수 없습니다: {reason}"
    ),
    "{place}: another backup is being written there": ("{place}: 다른 사본을 쓰고 있습니다"),
    (
        "{place}: cannot be written: {reason}; make room or give leave, and run this again: what "
        "is there already is not copied again"
    ): (
        "{place}: 쓸 수 없습니다: {reason}. 자리를 비우거나 권한을 주고 다시 실행하십시오. "
        "이미 있는 것은 다시 복사하지 않습니다"
    ),
    "{place}: is a site already; restore into an empty directory": (
        "{place}: 이미 사이트입니다. 빈 디렉터리에 되살리십시오"
    ),
    "the database that site.toml names is not empty; name an empty one, and restore again": (
        "site.toml 이 가리키는 데이터베이스가 비어 있지 않습니다. 빈 것을 적고 다시 되살리십시오"
    ),
    "{path}: is missing from the backup; restore another one": (
        "{path}: 사본에 없습니다. 다른 사본을 쓰십시오"
    ),
    "{path}: the database in the backup was changed; restore another backup": (
        "{path}: 사본의 데이터베이스가 바뀌었습니다. 다른 사본을 쓰십시오"
    ),
    "{path}: is there already and is another; restore writes over nothing": (
        "{path}: 이미 다른 것이 있습니다. restore 는 아무것도 덮어쓰지 않습니다"
    ),
    (
        "the site was restored, but {count} files and {records} records of it are not whole: "
        "`jeongsan repair` says what can be made anew"
    ): (
        "사이트는 되살렸지만 파일 {count}개와 기록 {records}건이 온전하지 않습니다. "
        "`jeongsan repair` 가 무엇을 되살릴 수 있는지 보여 줍니다"
    ),
    (
        "{count} files of the lake are not in the backup, as they are not what their digests say: "
        "`jeongsan repair` says what can be made anew; then back up again"
    ): (
        "레이크 파일 {count}개는 지문과 달라 사본에 없습니다. `jeongsan repair` 가 무엇을 "
        "되살릴 수 있는지 보여 줍니다. 되살린 뒤 다시 backup 하십시오"
    ),
    "not well: {bad}; `jeongsan doctor` says what to do": (
        "좋지 않은 것: {bad}. `jeongsan doctor` 가 할 일을 알려 줍니다"
    ),
    "{folder}: cannot be written: {reason}": "{folder}: 쓸 수 없습니다: {reason}",
}
