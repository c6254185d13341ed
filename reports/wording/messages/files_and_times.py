"""Days, instants, files and settings as they are read: what all of metering shares."""

from typing import Final

MESSAGES: Final = {
    "ten digits, the last one checked": "열 자리 숫자이고 마지막은 검증 번호입니다",
    "ten zeros are nobody's": "0이 열 개인 번호는 누구의 것도 아닙니다",
    "{text} is no business registration number: {flaw}": (
        "{text}: 사업자등록번호가 아닙니다. {flaw}"
    ),
    "{text} is no instant: write it like 2025-10-01T00:00:00+09:00": (
        "{text}: 시각이 아닙니다. 2025-10-01T00:00:00+09:00처럼 쓰십시오"
    ),
    "{zone}: its offset changes, so that days of it are not alike; refused": (
        "{zone}: 시차가 바뀌어 하루의 길이가 같지 않은 시간대라 쓸 수 없습니다"
    ),
    "{zone}: its offset is no whole number of hours, so UTC hours do not nest": (
        "{zone}: 시차가 시간 단위로 떨어지지 않아 UTC의 시와 맞지 않습니다"
    ),
    "{text} ends before it begins": "{text}: 시작보다 먼저 끝납니다",
    "{month} is no month: write it like 2025-10": "{month}: 월이 아닙니다. 2025-10처럼 쓰십시오",
    "a period cannot end ({end_ms}) before it starts ({start_ms})": (
        "기간의 끝({end_ms})이 시작({start_ms})보다 앞설 수 없습니다"
    ),
    "{text} has no offset: add one, like +09:00 or Z": (
        "{text}: 시차가 없습니다. +09:00이나 Z를 붙이십시오"
    ),
    "{zone} is no time zone: write one like Asia/Seoul": (
        "{zone}: 시간대가 아닙니다. Asia/Seoul처럼 쓰십시오"
    ),
    "{text} is no date: write it like 2025-10-01": (
        "{text}: 날짜가 아닙니다. 2025-10-01처럼 쓰십시오"
    ),
    "save it as CSV UTF-8": "CSV UTF-8로 저장하십시오",
    "is no text in UTF-8, CP949 or UTF-16; {save}": (
        "UTF-8, CP949, UTF-16 어느 것으로도 읽히지 않습니다. {save}"
    ),
    "is neither UTF-8 nor CP949": "UTF-8도 CP949도 아닙니다",
    "is of a quoted cell that runs over lines, {first} to {last}": (
        "따옴표로 묶인 칸이 {first}행부터 {last}행까지 이어집니다"
    ),
    "is no CSV: {error}": "CSV가 아닙니다: {error}",
    "is no whole UTF-16; {save}": "온전한 UTF-16이 아닙니다. {save}",
    "1 mistake; nothing was stored": "잘못 1건이 있어 저장하지 않았습니다",
    "{count} mistakes; nothing was stored": "잘못 {count}건이 있어 저장하지 않았습니다",
    "has {count} characters, {text_max} at most are allowed": (
        "{count}자입니다. {text_max}자까지 쓸 수 있습니다"
    ),
    "character {position} (U+{code}) cannot be printed; remove it": (
        "{position}번째 글자(U+{code})는 인쇄할 수 없습니다. 지우십시오"
    ),
    "{listed} cannot be printed in a document; write it in Hangul, or in plainer letters": (
        "{listed}: 문서에 인쇄할 수 없습니다. 한글이나 더 흔한 글자로 쓰십시오"
    ),
    "text in quotes": "따옴표로 묶은 텍스트",
    "true or false": "true나 false",
    "a whole number": "정수",
    "a number from 0 to 1": "0부터 1까지의 수",
    'a time in quotes, like "30s"': '따옴표로 묶은 시간(예: "30s")',
    "a list of whole numbers": "정수의 목록",
    "an instant like 2025-10-01T00:00:00+09:00": "2025-10-01T00:00:00+09:00 같은 시각",
    "a whole number or a table of them": "정수나 정수의 표",
    "must be {wanted}, not {value}": "{wanted} 이어야 합니다(지금 {value})",
    "needs the key `{key}`": "키 `{key}` 가 필요합니다",
    "must be one of {choices}, not {value}": (
        "다음 가운데 하나여야 합니다: {choices} (지금 {value})"
    ),
    "must be {least} or more, not {value}": "{least} 이상이어야 합니다(지금 {value})",
    "must be from 0 to 1, not {value}": "0부터 1까지여야 합니다(지금 {value})",
    'must be a time with its unit (ms, s, min, h), like "30s", not {value}': (
        '단위(ms, s, min, h)가 있는 시간이어야 합니다. 예: "30s" (지금 {value})'
    ),
    "a list of texts": "텍스트의 목록",
    "names something twice": "같은 것을 두 번 적었습니다",
    "must hold whole numbers only, not {values}": "정수만 적어야 합니다(지금 {values})",
    "must ascend from {least} to {most}, not {values}": (
        "{least}부터 {most}까지 커지는 차례여야 합니다(지금 {values})"
    ),
    "a list of days": "날짜의 목록",
    "written as [[{key}]]": "[[{key}]] 로 적은 것",
    "must be written as [[{key}]]": "[[{key}]] 로 적어야 합니다",
    "must hold printable texts only, not {value}": (
        "인쇄할 수 있는 텍스트만 적어야 합니다(지금 {value})"
    ),
    "must hold days without quotes, like 2025-10-10, not {value}": (
        "2025-10-10처럼 따옴표 없는 날짜여야 합니다(지금 {value})"
    ),
    "{name} must be a printable text, not {value}": (
        "{name}: 인쇄할 수 있는 텍스트여야 합니다(지금 {value})"
    ),
    "{where}must be a whole number from {least} to {most}": (
        "{where}{least}부터 {most}까지의 정수여야 합니다"
    ),
    "; did you mean `{near}`?": ". `{near}` 을(를) 쓰려 하셨습니까?",
    "there is no such key here{hint}": "여기에 그런 키는 없습니다{hint}",
    "is not UTF-8; save it as UTF-8": "UTF-8이 아닙니다. UTF-8로 저장하십시오",
    "{text} is no day: write it like 2025-11-20 14:03:22": (
        "{text}: 날짜가 아닙니다. 2025-11-20 14:03:22처럼 쓰십시오"
    ),
    "{text} is no time of day": "{text}: 하루 가운데의 시각이 아닙니다",
    "line {line}: {name} is written twice": "{line}행: {name} 이(가) 두 번 적혀 있습니다",
    "{text} is of more than {most} days; name fewer at once": (
        "{text}: {most} 일이 넘습니다. 한 번에 더 적게 적으십시오"
    ),
    "{text} is not within the years {first} to {last}": (
        "{text}: {first} 년부터 {last} 년 사이가 아닙니다"
    ),
    (
        "{origin}: of {rows} rows {count} were neither taken, left out nor refused; please "
        "report it"
    ): (
        "{origin}: 행 {rows} 건 가운데 {count} 건이 반영도 제외도 격리도 되지 않았습니다. 알려 "
        "주십시오"
    ),
    "has a line of more than {most} letters": "{most} 자가 넘는 줄이 있습니다",
    "lake {root}: {path} cannot be read: {error}; mend it and run this again": (
        "레이크 {root}: {path} 을(를) 읽지 못했습니다. {error}. 바로잡고 다시 실행하십시오"
    ),
    "reaches to row {row} and column {column}": "행 {row}, 열 {column} 까지 뻗어 있습니다",
    "{rows} rows and {columns} columns at most": "많아야 {rows} 행 {columns} 열",
    "{far}; a sheet has {most}, so delete what stands out there": (
        "{far}. 시트는 {most} 이므로 그 밖에 있는 것을 지우십시오"
    ),
    "has a part that is packed as no spreadsheet packs it": (
        "스프레드시트가 쓰지 않는 방식으로 압축한 부분이 있습니다"
    ),
    "unpacks to more than {most} MiB, which no registry does": (
        "풀면 {most} MiB 가 넘습니다. 그런 등록부는 없습니다"
    ),
    "has more than {most} cells": "셀이 {most} 개를 넘습니다",
    "a shared text has an index below zero": "공유 문자열의 번호가 0보다 작습니다",
    (
        "{pages} pages have {rows} of {total} rows; no list is of more than {most} rows or "
        "{many} pages"
    ): (
        "{pages} 쪽에 {total} 행 가운데 {rows} 행이 왔습니다. {most} 행이나 {many} 쪽을 넘는 "
        "목록은 없습니다"
    ),
    "{uid} is in this list twice": "{uid} 이(가) 이 목록에 두 번 있습니다",
    "is not written as a slice: {kind} {error}": "슬라이스의 형식이 아닙니다: {kind} {error}",
    "{value} is no name": "{value}: 이름이 아닙니다",
    ("holds {device} of {driver}/{pool}, whose slices are not written as slices: {kind} {error}"): (
        "{driver}/{pool} 의 {device} 을(를) 쓰는데 그 슬라이스의 형식이 맞지 않습니다: {kind} "
        "{error}"
    ),
    "{series} is a series without samples": "{series}: 표본이 없는 계열입니다",
    "unforeseen {kind}{place}: {error}; please report it": (
        "예상하지 못한 오류 {kind}{place}: {error}. 알려 주십시오"
    ),
    "at {path}:{line}": "위치 {path}:{line}",
    (
        "answers with more than {most} MiB; ask it for less at once, or raise `size_mib` of "
        "its `limits` in site.toml"
    ): (
        "답이 {most} MiB 를 넘습니다. 한 번에 더 적게 묻거나 site.toml 의 `limits` 에서 "
        "`size_mib` 를 늘리십시오"
    ),
    "answers with what was cut short: its packed end is missing": (
        "답이 중간에 끊겼습니다. 압축의 끝이 없습니다"
    ),
    (
        "took more than {seconds} s in all; see why it is so slow, or raise `time` of its "
        "`limits` in site.toml"
    ): (
        "모두 {seconds} 초를 넘겼습니다. 왜 느린지 살피거나 site.toml 의 `limits` 에서 `time` "
        "을 늘리십시오"
    ),
    "answers in the encoding {encoding}, which is not read": (
        "읽지 않는 인코딩 {encoding} 으로 답합니다"
    ),
    "answers in an encoding that cannot be unpacked: {error}": (
        "풀 수 없는 인코딩으로 답합니다: {error}"
    ),
    (
        "{name}: its brackets are nested {depth} deep, more than `depth` {most} of the "
        "`limits` in site.toml"
    ): ("{name}: 괄호가 {depth} 겹으로, site.toml 의 `limits` 의 `depth` {most} 보다 깊습니다"),
    "source {source}: the file {name}: {problem}": "원천 {source}: 파일 {name}: {problem}",
    (
        "{name}: has more than {most} MiB; cut it by day, or raise `size_mib` of the source's "
        "`limits` in site.toml"
    ): (
        "{name}: {most} MiB 를 넘습니다. 날짜별로 나누거나 site.toml 의 원천의 `limits` 에서 "
        "`size_mib` 를 늘리십시오"
    ),
    "(nested too deep to be shown)": "(너무 깊어 보이지 않음)",
    "its brackets are nested too deep": "괄호가 너무 깊게 겹쳐 있습니다",
    "holds a line break or another sign that cannot be printed; set it to the secret alone": (
        "줄바꿈이나 인쇄할 수 없는 글자가 있습니다. 비밀값만 넣으십시오"
    ),
    "holds letters that no token has": "토큰에 쓸 수 없는 글자가 있습니다",
    "the environment variable {name} {flaw}": "환경 변수 {name}: {flaw}",
    "can be read by others (mode {mode}); type: chmod 600 {path}": (
        "다른 사람도 읽을 수 있습니다 (권한 {mode}). 이렇게 치십시오: chmod 600 {path}"
    ),
    "holds a password": "비밀번호가 들어 있습니다",
    "holds a secret in its parameter {name}": "매개변수 {name} 에 비밀이 들어 있습니다",
    "{url}: is no address that can be asked: {error}": (
        "{url}: 물을 수 있는 주소가 아닙니다. {error}"
    ),
    "was suspended for the impossible {seconds} s": "멈춘 시간 {seconds} 초는 있을 수 없습니다",
    ("{origin}: has {columns} columns, more than `columns` {most} of the `limits` in site.toml"): (
        "{origin}: 열이 {columns} 개로, site.toml 의 `limits` 의 `columns` {most} 보다 많습니다"
    ),
    "has tables or lists within one another more than {most} deep": (
        "표나 목록이 {most} 겹보다 깊게 겹쳐 있습니다"
    ),
    "has a number that is none: {error}": "수가 아닌 수가 있습니다: {error}",
    "has more than {most} MiB, which no such file has": (
        "{most} MiB 를 넘습니다. 그런 파일은 없습니다"
    ),
    "lists and mappings stand within one another more than {most} deep": (
        "목록과 키가 {most} 겹보다 깊게 겹쳐 있습니다"
    ),
    "line {line}: {problem}": "{line} 행: {problem}",
    "{place}: its brackets are nested too deep": "{place}: 괄호가 너무 깊게 겹쳐 있습니다",
}
