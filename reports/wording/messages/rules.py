"""The rule book: prices, programmes, tax, amendments."""

from typing import Final

MESSAGES: Final = {
    "reason {code} leaves nothing either; say one that does in `partly`": (
        "사유 {code} 도 남는 것이 없습니다. 남는 사유를 `partly` 에 적으십시오"
    ),
    "{said} is none of the reasons {codes} to {codes2}": (
        "{said}: {codes}부터 {codes2}까지의 사유 가운데 없습니다"
    ),
    "reason {code}: {message}": "사유 {code}: {message}",
    "only what takes back the whole has another reason for a part of it": (
        "전부를 취소하는 사유에만 일부에 대한 다른 사유가 있습니다"
    ),
    "{name}: no value on {day}; add one that starts by that day": (
        "{name}: {day} 의 값이 없습니다. 그날까지 시작하는 값을 더하십시오"
    ),
    "{name}: ended on {start}, asked for {day}": (
        "{name}: {start} 에 끝났는데 {day} 의 값이 필요합니다"
    ),
    "the file of {sku} is named {sku}.yaml": "{sku} 의 파일 이름은 {sku}.yaml 입니다",
    "{unit} needs month: calendar_month": "{unit} 에는 month: calendar_month가 필요합니다",
    "{unit} has no month": "{unit} 에는 month가 없습니다",
    "only device hours can be billed by busy time": (
        "가동 시간으로 청구할 수 있는 것은 장비 시간뿐입니다"
    ),
    "{key} has no clause; list one, or give its value by day": (
        "{key}: 조항이 없습니다. 하나를 적거나 날짜별 값을 적으십시오"
    ),
    "name at least one condition": "조건을 하나 이상 적으십시오",
    "list at least one size and its fee": "규모와 요금을 하나 이상 적으십시오",
    "a size is more than 0": "규모는 0보다 큽니다",
    "name at least one of number, months, periods, sizes, referrers": (
        "number, months, periods, sizes, referrers 가운데 하나 이상 적으십시오"
    ),
    "list at least one size": "규모를 하나 이상 적으십시오",
    "no one is left for it; a clause without `for` comes last": (
        "여기에 해당할 기업이 남지 않습니다. `for` 가 없는 조항을 마지막에 두십시오"
    ),
    "reduction {name} is already there": "감면 {name} 이(가) 이미 있습니다",
    "there are several; say combine: multiply, or combine: best": (
        "여럿입니다. combine: multiply나 combine: best를 적으십시오"
    ),
    "{key} is missing": "{key} 이(가) 없습니다",
    "it is at least 1": "1 이상입니다",
    "list at least one body that refers companies": "추천 기관을 하나 이상 적으십시오",
    "{key} is for another basis; {word} has {wanted}": (
        "{key}: 다른 기준의 것입니다. {word} 에는 {wanted} 이(가) 있습니다"
    ),
    "there is no earlier budget of {year} to carry it on from": (
        "이어 갈 {year}년의 앞선 예산이 없습니다"
    ),
    "{value} holds on {day}, but there is no {key}": (
        "{value}: {day} 에 효력이 있는데 {key} 이(가) 없습니다"
    ),
    "somebody has to pay: name a funding source": "누군가는 내야 합니다. 재원을 적으십시오",
    "one quota for devices and one for storage; keep one": (
        "장비의 한도와 저장소의 한도 가운데 하나만 두십시오"
    ),
    "only what is held at once can be a project's": (
        "한꺼번에 쓰는 것만 과제의 한도가 될 수 있습니다"
    ),
    "at least 1 day is looked at": "하루 이상을 봅니다",
    "name at least one use that leads to a recall": "회수에 이르는 용도를 하나 이상 적으십시오",
    "the list names something twice": "목록에 같은 것이 두 번 있습니다",
    "funding source {name} is already there": "재원 {name} 이(가) 이미 있습니다",
    "on {day} the funding shares make {whole}, not 1; list each source": (
        "{day}: 재원의 몫을 더하면 1이 아니라 {whole} 입니다. 재원을 모두 적으십시오"
    ),
    "budget years run upwards and do not overlap": "예산 연도는 커지는 차례이고 겹치지 않습니다",
    "the budget of {years} has {krw} won to carry on": (
        "{years} 의 예산에서 이어 갈 수 있는 것은 {krw}원입니다"
    ),
    "{root}: no such directory; name one with prices/ and programmes/": (
        "{root}: 그런 디렉터리가 없습니다. prices/ 와 programmes/ 가 있는 곳을 지정하십시오"
    ),
    "{many} of a card are no exact part; use of it cannot be counted": (
        "카드의 {many} 은(는) 정확한 몫이 아니어서 사용을 셀 수 없습니다"
    ),
    "unused_sku {sku} needs a price file prices/{sku}.yaml of unit krw": (
        "unused_sku {sku}: 단위가 krw인 가격 파일 prices/{sku}.yaml 이 필요합니다"
    ),
    "the file is missing": "파일이 없습니다",
    "not UTF-8; save the file as UTF-8": "UTF-8이 아닙니다. 파일을 UTF-8로 저장하십시오",
    "a rule file is prices/*, programmes/*, {single}": (
        "규칙 파일은 prices/*, programmes/*, {single} 입니다"
    ),
    "{value} is not a number of business days, 0 to {days_max}": (
        "{value}: 0부터 {days_max}까지의 영업일 수가 아닙니다"
    ),
    "the file is empty": "파일이 비어 있습니다",
    "expected keys and values here": "여기에는 키와 값이 와야 합니다",
    "expected a list here": "여기에는 목록이 와야 합니다",
    "expected {what} here": "여기에는 {what} 이(가) 와야 합니다",
    "expected text here, found nothing": "텍스트가 와야 하는데 아무것도 없습니다",
    'expected a decimal such as "0.70", found nothing': (
        '"0.70" 같은 소수가 와야 하는데 아무것도 없습니다'
    ),
    'write "{value}" in quotes, so that it stays exact': (
        '정확히 남도록 따옴표를 써서 "{value}" 로 적으십시오'
    ),
    '"{value}" is not a plain decimal such as "0.70"': ('"{value}": "0.70" 같은 소수가 아닙니다'),
    "{value} is negative": "{value}: 음수입니다",
    "{value} is not a share from 0 to 1": "{value}: 0부터 1까지의 몫이 아닙니다",
    "{value} is not whole won": "{value}: 원 단위의 정수가 아닙니다",
    "{value} is not a whole number such as 10, without quotes": (
        "{value}: 10처럼 따옴표 없는 정수가 아닙니다"
    ),
    "say where it comes from: reference, or assumed or derived and why": (
        "출처를 적으십시오: reference, 또는 assumed나 derived와 그 이유"
    ),
    "either found (reference) or assumed, not both": (
        "찾은 것(reference)이거나 가정(assumed)입니다. 둘 다일 수는 없습니다"
    ),
    "no day is listed": "날짜가 하나도 없습니다",
    "not YAML: the character U+{code} has to go": "YAML이 아닙니다. 글자 U+{code} 을(를) 빼십시오",
    "a key is a plain word": "키는 꾸밈없는 낱말입니다",
    "unknown key {value}; known here: {known}": "모르는 키 {value}. 여기서 아는 키: {known}",
    'write "{value}" in quotes, if it is meant as text': (
        '텍스트라면 따옴표를 써서 "{value}" 로 적으십시오'
    ),
    "{value} is not a day such as 2025-03-01, without quotes": (
        "{value}: 2025-03-01처럼 따옴표 없는 날짜가 아닙니다"
    ),
    "{start} is not after {start2}; list days in order": (
        "{start}: {start2} 보다 뒤가 아닙니다. 날짜 차례로 적으십시오"
    ),
    "write it out; no anchors": "앵커를 쓰지 말고 풀어 쓰십시오",
    "no tags; write the plain value": "태그를 쓰지 말고 값만 적으십시오",
    "{value} is already on line {seen}; keep one": (
        "{value}: 이미 {seen}행에 있습니다. 하나만 두십시오"
    ),
    (
        "{target}: is there already and was left as it is; name another directory, or take it "
        "away first"
    ): ("{target}: 이미 있어 그대로 두었습니다. 다른 디렉터리를 지정하거나 먼저 치우십시오"),
    "{target}: cannot be written: {error}; nothing is there": (
        "{target}: 쓸 수 없습니다: {error}. 거기에 쓰인 것은 없습니다"
    ),
    "{name} is asked for nothing, so there is nothing to truncate": (
        "{name}: 청구하는 것이 없어 버릴 단수가 없습니다"
    ),
}
