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
}
