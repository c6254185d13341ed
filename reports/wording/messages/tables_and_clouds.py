"""Collecting, files and servers, tables, bookings and clouds."""

from typing import Final

MESSAGES: Final = {
    (
        "nobody said up to when these files are complete: give `--complete-to`, e.g. "
        "2025-11-01T00:10+09:00"
    ): (
        "이 파일들이 언제까지의 기록을 다 담았는지 모릅니다. `--complete-to` 로 알려 주십시오. "
        "예: 2025-11-01T00:10+09:00"
    ),
    "; the first is {place}: {reason}": ". 처음은 {place}: {reason}",
    (
        "{refused} of {read_rows} rows are bad, more than quarantine_share_max "
        "{quarantine_share_max} allows{where}"
    ): (
        "행 {read_rows}개 가운데 {refused}개가 잘못되어 quarantine_share_max "
        "{quarantine_share_max} 를 넘습니다{where}"
    ),
    "{other}: not a kind of record": "{other}: 기록의 종류가 아닙니다",
    "{origin} row {row}": "{origin} {row}행",
    "ends {end}, after {known_to}, up to which its input is complete": (
        "{end} 에 끝나는데, 자료가 다 모인 때({known_to})보다 뒤입니다"
    ),
    "begins {begin}, after {known_to}, up to which its input is complete": (
        "{begin} 에 시작하는데, 자료가 다 모인 때({known_to})보다 뒤입니다"
    ),
    "{name}: is no booking system": "{name}: 예약 시스템이 아닙니다",
    "{name}: is no cloud": "{name}: 클라우드가 아닙니다",
    "{resource_id} of {account}: {total} is no possible amount": (
        "계정 {account} 의 {resource_id}: {total} 은 있을 수 없는 양입니다"
    ),
    "{kind}: no type of a counter": "{kind}: 계량 항목의 종류가 아닙니다",
    "{resource_id} of {account} was read in two ways; collect all days of its meters again": (
        "계정 {account} 의 {resource_id}: 두 가지 방식으로 읽었습니다. 그 미터의 모든 날을 "
        "다시 수집하십시오"
    ),
    "is neither a reservation nor a usage event of NEMO": "NEMO의 예약도 사용 기록도 아닙니다",
    "is no list of reservations or usage events": "예약이나 사용 기록의 목록이 아닙니다",
    "is no JSON object": "JSON 객체가 아닙니다",
    "{key} {value} is no id": "{key} {value}: 번호가 아닙니다",
    "{key} {value} is neither true nor false": "{key} {value}: true도 false도 아닙니다",
    "{key} {value} is no instant": "{key} {value}: 시각이 아닙니다",
    "{key} {value} is an impossible instant": "{key} {value}: 있을 수 없는 시각입니다",
    "is no JSON: {error}": "JSON이 아닙니다: {error}",
    "unknown equipment {equipment}": "모르는 장비 {equipment}",
    "says neither when it was booked nor when it was used": (
        "언제 예약했는지도 언제 썼는지도 없습니다"
    ),
    "ends before it starts": "시작보다 먼저 끝납니다",
    "lasts for more than a year": "한 해가 넘습니다",
    "{name} is empty": "{name}: 비어 있습니다",
    "was used": "사용했습니다",
    "was never booked": "예약한 적이 없습니다",
    "is {state}, but {other}": "{state} 인데 {other}",
    "is {fact}, but has no end": "{fact} 인데 끝이 없습니다",
    "is cancelled, but nobody says when": "취소되었는데 언제인지 없습니다",
    "has {end} without {begin}": "{begin} 없이 {end} 만 있습니다",
    "the state {word} is none of `states`": "상태 {word}: `states` 에 없습니다",
    "{key} is in this file twice and says something else": (
        "{key}: 이 파일에 두 번 있고 내용이 서로 다릅니다"
    ),
    "{what}: the answer is no JSON object": "{what}: 답이 JSON 객체가 아닙니다",
    "{path} is no text": "{path}: 텍스트가 아닙니다",
    "{path} is an impossible instant": "{path}: 있을 수 없는 시각입니다",
    "{name} is no number that can be counted": "{name}: 셀 수 있는 수가 아닙니다",
    "{name} {value} is below zero": "{name} {value}: 0보다 작습니다",
    "has no name of its counter": "계량 항목의 이름이 없습니다",
    "unknown counter {name} ({kind}, {unit})": "모르는 계량 항목 {name} ({kind}, {unit})",
    "counter {name} is {kind} in {unit} here, but {kind2} in {unit2} in site.toml": (
        "계량 항목 {name}: 여기서는 {kind}, {unit} 인데 site.toml에서는 {kind2}, {unit2} 입니다"
    ),
    "{volume} is more than can be: {levels_max} {unit}": (
        "{volume}: 있을 수 있는 값 {levels_max} {unit} 을 넘습니다"
    ),
    "{what}: the answer is no JSON: {text}": "{what}: 답이 JSON이 아닙니다: {text}",
    "{url} {day}: the answer has no {action}Response": (
        "{url} {day}: 답에 {action}Response 이(가) 없습니다"
    ),
    "{url} {day}: the answer has no rows or no totalRows": (
        "{url} {day}: 답에 행이나 totalRows가 없습니다"
    ),
    "useDate is not the day {day} of this site": "useDate가 이 사이트의 날짜 {day} 이(가) 아닙니다",
    "{url}{path} refuses: {code} {reason}": "{url}{path}: 거절했습니다: {code} {reason}",
    "{url}{path}: the answer has no meterList or no totalItems": (
        "{url}{path}: 답에 meterList나 totalItems가 없습니다"
    ),
    "timestamp lies after insertTime": "timestamp가 insertTime보다 뒤입니다",
    "{what}: {count} rows came of {totals}, other ones each time; collect again when it rests": (
        "{what}: 물을 때마다 다르게 {totals} 가운데 {count}행이 왔습니다. 잠잠할 때 다시 "
        "수집하십시오"
    ),
    "{other}: not a kind of source": "{other}: 원천의 종류가 아닙니다",
    "is more than any section holds, {most} {unit}": (
        "어느 구역이 가질 수 있는 것보다 많습니다: {most} {unit}"
    ),
    "is more than {section} holds by `capacity`, {most} {unit}": (
        "{section} 의 `capacity` 보다 많습니다: {most} {unit}"
    ),
    (
        "its certificate, or one of its authority, breaks RFC 5280: {reason}; let the "
        "authority issue it anew with {needed} (its keys may stay). Python 3.13 and newer "
        "check this, older ones do not"
    ): (
        "서버나 그 인증 기관의 인증서가 RFC 5280에 맞지 않습니다: {reason}. 인증 기관에서 "
        "{needed} 을(를) 갖추어 다시 발급받으십시오(키는 그대로 두어도 됩니다). Python "
        "3.13부터 이를 검사합니다"
    ),
    "its certificate is refused: {reason}; name its authority's as `ca` in site.toml": (
        "서버의 인증서를 받아들일 수 없습니다: {reason}. 인증 기관의 인증서를 site.toml의 `ca` "
        "에 적으십시오"
    ),
    "its certificate is refused: {reason}; let whoever runs the server mend it": (
        "서버의 인증서를 받아들일 수 없습니다: {reason}. 서버 운영자에게 바로잡도록 요청하십시오"
    ),
    "1/{parts} is no decimal": "1/{parts}: 소수로 나타낼 수 없습니다",
    "{name}: its name is not written as file_name says: {template}": (
        "{name}: 파일 이름이 file_name과 다릅니다: {template}"
    ),
    "{name}: by file_name {template} its name can be read as {readings}": (
        "{name}: file_name {template} 로는 이름이 여러 가지로 읽힙니다: {readings}"
    ),
    "{name}: its name holds no moment: {error}": "{name}: 파일 이름에 시각이 없습니다: {error}",
    "source {name}: no file matches {paths} in {directory}": (
        "원천 {name}: {directory} 에 맞는 파일이 없습니다: {paths}"
    ),
    "{name}: cannot be read: {error}": "{name}: 읽을 수 없습니다: {error}",
    "`{key}` is set": "`{key}` 가 있습니다",
    "`{key}` is true": "`{key}` 가 true입니다",
    "`{key}` is {count}, but there are {count2} rows": (
        "`{key}` 는 {count} 인데 행은 {count2}개입니다"
    ),
    "the environment variable {variable}, named in site.toml, is not set": (
        "site.toml에 적힌 환경 변수 {variable} 이(가) 없습니다"
    ),
    "status {status_code}: {text}": "상태 {status_code}: {text}",
    "{url}: its certificate files cannot be read: {error}": (
        "{url}: 인증서 파일을 읽을 수 없습니다: {error}"
    ),
    "{url} does not answer: {reason}": "{url}: 응답이 없습니다: {reason}",
    "{url} refuses: {reason}": "{url}: 거절했습니다: {reason}",
    "{name} {cell} is no whole number": "{name} {cell}: 정수가 아닙니다",
    "{name} {cell} is out of range": "{name} {cell}: 범위를 벗어났습니다",
    "{name} {cell} is no {unit}": "{name} {cell}: {unit} 이(가) 아닙니다",
    "{name} {cell} is no length of time": "{name} {cell}: 시간의 길이가 아닙니다",
    "{name} {part} is no number": "{name} {part}: 수가 아닙니다",
    "{name} {cell} is no number of {unit}": "{name} {cell}: {unit} 로 된 수가 아닙니다",
    "has {count} cells instead of {cells}": "칸이 {count}개입니다({cells}개여야 합니다)",
    "has a cell of more than {cell_max}": "{cell_max} 보다 큰 칸이 있습니다",
    "{origin}: has no column {missing}": "{origin}: 열이 없습니다: {missing}",
    "{origin}: has two columns {twice}": "{origin}: 같은 열이 둘 있습니다: {twice}",
    "{origin}: column {name} is {kind}, which holds no plain values": (
        "{origin}: 열 {name} 은(는) {kind} 이라 단순한 값이 아닙니다"
    ),
    "quantity_milli {reason}": "quantity_milli: {reason}",
    "quantity_milli is empty": "quantity_milli: 비어 있습니다",
    "quantity is empty": "quantity: 비어 있습니다",
    (
        "source {name}: all of its {others} rows are of other clusters than {name2}; say what "
        "they call this one in `cluster_name`"
    ): (
        "원천 {name}: {others}행이 모두 {name2} 이(가) 아닌 다른 클러스터의 것입니다. 그 표가 "
        "이 클러스터를 부르는 이름을 `cluster_name` 에 적으십시오"
    ),
    "{name}: is no table": "{name}: 표가 아닙니다",
    "{name} is no whole second": "{name}: 초 단위로 떨어지지 않습니다",
    "quantity {reason}": "quantity: {reason}",
    "with it more {unit} stands at once than 64 bits add": (
        "이것을 더하면 한때의 {unit} 이(가) 64비트를 넘습니다"
    ),
    "duration is empty": "duration: 비어 있습니다",
    "ends at an impossible instant": "끝이 있을 수 없는 시각입니다",
}
