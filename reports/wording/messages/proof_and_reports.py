"""Verification, explanations and what the reports refuse."""

from typing import Final

MESSAGES: Final = {
    "{month} has no charge to {whose}; it was charged for: {there}": (
        "{month}: {whose} 에 대해 청구한 것이 없습니다. 청구한 것: {there}"
    ),
    "{day} does not lie in {month}; give a day of the month": (
        "{day}: {month} 에 없는 날입니다. 그 달의 날짜를 적으십시오"
    ),
    "{what} is of {company_id}, not of {company}": (
        "{what}: {company_id} 의 것이며 {company} 의 것이 아닙니다"
    ),
    "{what} has lines 1 to {count}, not {line}": (
        "{what}: 줄은 1부터 {count}까지이며 {line} 은(는) 없습니다"
    ),
    "line {line} is {project_id} {sku}; leave those out": (
        "{line}번 줄은 {project_id} {sku} 입니다. 이들은 빼고 적으십시오"
    ),
    "say whose {month} it is: --company C-001": (
        "{month}: 누구의 것인지 적으십시오: --company C-001"
    ),
    "a line belongs to an invoice; of a month, give --project and --sku": (
        "줄은 계산서에 있습니다. 월에는 --project 와 --sku 를 쓰십시오"
    ),
    "state: digest": "상태: 지문",
    "audit trail: entry {place}: {part}": "결정 이력: {place}번째 줄: {part}",
    "audit trail: end at {path}": "결정 이력: {path} 에 적힌 사슬의 끝",
    "acknowledgement {key}": "확인할 사항의 결정 {key}",
    "waived day {key}": "넘긴 날 {key}",
    "month {key}": "월 {key}",
    "adjustment {key}": "정정 {key}",
    "settlement {key}": "정산 {key}",
    "bank line {key}": "거래내역의 줄 {key}",
    "registry version {sequence}": "등록부 {sequence}판",
    "registry version {sequence}: document": "등록부 {sequence}판: 본문",
    "registry in force": "쓰고 있는 등록부",
    "the audit trail is not as it was written in {count} places, the first: {first}; nothing of"
    " this program does so: keep the database as it is, and find out who changed it": (
        "결정 이력이 {count}곳에서 적힌 그대로가 아닙니다. 처음: {first}. 이 프로그램은 그런 일을"
        " 하지 않습니다: 데이터베이스를 그대로 두고, 누가 바꾸었는지 알아보십시오"
    ),
    "checks the whole trail; leave --month out": "이력 전체를 봅니다. --month 는 빼고 적으십시오",
    "ledger: invoice": "장부: 계산서",
    "ledger: claim": "장부: 청구",
    "ledger: posting": "장부: 분개",
    "ledger: numbers of {issuer} {year} {series}": "장부: {issuer} {year} {series} 의 번호",
    "opening: bundle of the month before": "이월: 앞 달의 묶음",
    "opening: balance of the month before": "이월: 앞 달의 잔액",
    "ledger: {number}: digest": "장부: {number}: 지문",
    "ledger: {number}: number": "장부: {number}: 번호",
    "ledger: {number}: issued_on": "장부: {number}: 발행일",
    "ledger: sum of {g}": "장부: {g} 의 합",
    "lake: {table} of {month}": "저장소(lake): {month} 의 {table}",
    "at most {last}": "{last} 이하",
    "ledger: {number}": "장부: {number}",
    "an invoice": "계산서",
    "adjustment {sequence}": "정정 {sequence}",
    "ledger: {where}: claim": "장부: {where}: 청구",
    "ledger: {where}: posting": "장부: {where}: 분개",
    "the bytes that its name says": "그 이름이 말하는 내용",
    "missing or changed bytes": "없거나 바뀐 내용",
    "ledger: {where}: documents": "장부: {where}: 문서",
    "chain of {key}": "{key} 의 이어짐",
    "an amendment": "수정 문서",
    "{recorded}: {month} is not recorded as issued": (
        "{recorded}: {month} 은(는) 발행으로 기록되지 않았습니다"
    ),
    "{source}: {recorded} is of no month that was issued": (
        "{source}: {recorded} 은(는) 발행한 달의 것이 아닙니다"
    ),
    "{source}: does not say what was recorded ({recorded})": (
        "{source}: 무엇이 기록되었는지({recorded}) 없습니다"
    ),
    "{source}: {name} is no file of a bundle": "{source}: {name} 은(는) 묶음의 파일이 아닙니다",
    "the list of its files": "파일의 목록",
    "{source}: is larger than a month can be": "{source}: 한 달치로는 있을 수 없이 큽니다",
    "the archive as it is written": "기록된 그대로의 압축 파일",
    "another byte at {at}": "{at} 자리의 바이트가 다름",
    "{source}: is not a copy of a month ({error})": "{source}: 한 달의 사본이 아닙니다({error})",
    "the bytes that were copied": "복사한 내용",
    "the files and their digests": "파일들과 그 지문",
    "missing or damaged": "없거나 손상됨",
    "one file": "파일 하나",
    "two of this name": "같은 이름이 둘",
    "a dispute is about a document that was issued, by its number": (
        "이의 자료는 발행한 문서에 대한 것이므로 그 번호를 적으십시오"
    ),
    "{number} is {month_state}; {wants}: {next_step}": (
        "{number}: {month_state} 상태입니다. {wants}: {next_step}"
    ),
    "lines count from 1: jeongsan dispute {number} 1": (
        "줄은 1부터 셉니다: jeongsan dispute {number} 1"
    ),
    "{number} is a month; {wants}: jeongsan dispute T2025-000003 1": (
        "{number}: 월입니다. {wants}: jeongsan dispute T2025-000003 1"
    ),
    "{month} is {month_state}; a dispute is about what was issued": (
        "{month}: {month_state} 상태입니다. 이의 자료는 발행한 것에 대한 것입니다"
    ),
    "{name} is not kept by day or month: leave them out": (
        "{name}: 날이나 월로 나뉘지 않습니다. 빼고 적으십시오"
    ),
    "give a month or days, not both": "월과 날 가운데 하나만 적으십시오",
    "the site has no table {table}; it has: {known}": (
        "사이트에 표 {table} 이(가) 없습니다. 있는 표: {known}"
    ),
    "{table} is not kept by cluster: leave it out": (
        "{table}: 클러스터로 나뉘지 않습니다. 빼고 적으십시오"
    ),
    "{table} has no {unknown}: leave it out": (
        "{table}: 다음이 없습니다. 빼고 적으십시오: {unknown}"
    ),
    "{company_id} {month}: the books do not agree; see the report": (
        "{company_id} {month}: 장부가 서로 맞지 않습니다. 보고서를 보십시오"
    ),
    "{name}.ttf was not found: install koreanize-matplotlib==0.1.1": (
        "{name}.ttf를 찾지 못했습니다. koreanize-matplotlib==0.1.1 을 설치하십시오"
    ),
    (
        "{path}: sha256 is {digest}, not {promised}; documents would differ from those already "
        "sent: install koreanize-matplotlib==0.1.1"
    ): (
        "{path}: sha256이 {promised} 이(가) 아니라 {digest} 입니다. 이미 보낸 문서와 "
        "달라지므로 koreanize-matplotlib==0.1.1 을 설치하십시오"
    ),
    "a table is wider than its page": "표가 쪽보다 넓습니다",
    "a row covers {at} of {count} columns": "행이 열 {count}개 가운데 {at}개를 덮습니다",
    "site.toml names nobody to tell: add [notices.mail] or [notices.webhook]": (
        "site.toml에 알릴 곳이 없습니다. [notices.mail] 이나 [notices.webhook] 을 더하십시오"
    ),
    "the forecast needs statsmodels: pip install 'jeongsan[forecast]'": (
        "예측에는 statsmodels가 필요합니다: pip install 'jeongsan[forecast]'"
    ),
    "no usage is there yet; collect and meter first, or name a day": (
        "아직 사용량이 없습니다. 먼저 수집하고 계측하거나 날짜를 지정하십시오"
    ),
    "{text} is no month and no day: write 2025-10 or 2025-10-20": (
        "{text}: 월도 날짜도 아닙니다. 2025-10이나 2025-10-20처럼 쓰십시오"
    ),
    "{month} knows no {what} {name}: see `jeongsan quota`": (
        "{month}: {what} {name} 이(가) 없습니다. `jeongsan quota` 를 보십시오"
    ),
    "mend [notices.mail] in site.toml": "site.toml의 [notices.mail] 을 고치십시오",
    "mail server {host}:{port}": "메일 서버 {host}:{port}",
    "{where} refuses {refused}; {mend}": "{where}: {refused} 을(를) 거절했습니다. {mend}",
    "{url_env} must hold an address that begins with https://": (
        "{url_env}: https:// 로 시작하는 주소여야 합니다"
    ),
    "{where} refuses: {error}; {mend}": "{where}: 거절했습니다: {error}. {mend}",
    "{where} does not answer: {error}; {mend}, or run again": (
        "{where}: 응답이 없습니다: {error}. {mend}. 또는 다시 실행하십시오"
    ),
    "the address in {url_env}": "{url_env} 의 주소",
    (
        "{rules}: no such directory; copy the rules in force and change the copy: cp -r "
        "{rules2} {rules}"
    ): (
        "{rules}: 그런 디렉터리가 없습니다. 지금의 규칙을 복사해 고치십시오: cp -r {rules2} {rules}"
    ),
    "is {element}, not {name}": "{name} 이(가) 아니라 {element} 입니다",
    "{odd} does not belong here, or not so often": "{odd}: 여기에 올 수 없거나 너무 많습니다",
    "is of kind {kind}, with a reason": "종류 {kind}: 수정 사유가 있을 수 없습니다",
    "is of kind {kind}, without a reason": "종류 {kind}: 수정 사유가 없습니다",
    "its lines do not add up to the supply value {charge}": (
        "줄의 합이 공급가액 {charge} 와(과) 다릅니다"
    ),
    "its lines' tax does not add up to {tax}": "줄의 세액의 합이 {tax} 와(과) 다릅니다",
    "is of kind {kind}, exempt, and has tax": "종류 {kind}: 면세인데 세액이 있습니다",
    "its total is not supply value and tax": "합계가 공급가액과 세액의 합이 아닙니다",
    "its lines are not numbered from 1": "줄의 번호가 1부터가 아닙니다",
    "{text} is not of the form {form}": "{text}: {form} 형식이 아닙니다",
    "is no XML: {error}": "XML이 아닙니다: {error}",
    "{party} has the number {text}: {flaw}": "{party} 의 번호 {text}: {flaw}",
    "the environment has no {password_env} with the key's password": (
        "환경 변수 {password_env} 에 키의 비밀번호가 없습니다"
    ),
    "{key}: is no RSA key": "{key}: RSA 키가 아닙니다",
    "{certificate}: is not the certificate of {key}": "{certificate}: {key} 의 인증서가 아닙니다",
    "{key}: is no private key in PEM that can be opened: {error}": (
        "{key}: 열 수 있는 PEM 개인 키가 아닙니다: {error}"
    ),
    "{certificate}: is no certificate in PEM: {error}": (
        "{certificate}: PEM 인증서가 아닙니다: {error}"
    ),
    "the signature does not hold: {error}": "서명이 맞지 않습니다: {error}",
    "nothing is posted yet; issue a month first (`jeongsan issue MONTH`)": (
        "아직 분개가 없습니다. 먼저 달을 발행하십시오(`jeongsan issue MONTH`)"
    ),
    "nothing is posted in {month}; postings lie in {first}..{last}": (
        "{month}: 분개가 없습니다. 분개는 {first}..{last} 에 있습니다"
    ),
    "the ledger does not balance: {groups}": "장부의 차변과 대변이 맞지 않습니다: {groups}",
    "sums of accounts": "계정의 합",
    "1 finding stops": "사항 1건",
    "{count} findings stop": "사항 {count}건",
    "{what} this stage: mend the input and run again, or decide with `jeongsan acknowledge`": (
        "{what} 때문에 이 단계가 멈췄습니다. 입력을 바로잡고 다시 실행하거나 `jeongsan "
        "acknowledge` 로 결정하십시오"
    ),
    "no such file": "그런 파일이 없음",
    "{size} bytes that nothing names": "어디에도 쓰이지 않는 {size}바이트",
    "register: {key}": "번호 대장: {key}",
    "no entry": "기록 없음",
    "register of numbers": "번호 대장",
    "as it was written": "기록된 그대로",
    "{directory}: there is no site.toml": "{directory}: site.toml 이 없습니다",
    "{wrong} of {checks} checks are wrong ({first}): mend them": (
        "점검 {checks}건 가운데 {wrong}건이 잘못되었습니다({first}). 바로잡으십시오"
    ),
    "{month}: {count}, the first: {place}": "{month}: {count}. 처음은 {place}",
    "{count} differences": "다른 곳 {count}곳",
    "{first}; the documents are drawn again by: {commands}": (
        "{first}. 문서를 다시 만드는 명령: {commands}"
    ),
    "{first}; what has no command is not as it was issued: keep it and find out why": (
        "{first}. 명령이 없는 것은 발행한 그대로가 아닙니다. 그대로 두고 까닭을 찾으십시오"
    ),
    "{first}; `jeongsan repair` says what can be made anew": (
        "{first}. `jeongsan repair` 가 무엇을 되살릴 수 있는지 말합니다"
    ),
    (
        "{count} files of the lake are not what their digests say: `jeongsan repair` says what can"
        " be made anew"
    ): (
        "저장소(lake)의 파일 {count}개가 지문과 다릅니다. `jeongsan repair` 가 무엇을 되살릴 수 "
        "있는지 말합니다"
    ),
    (
        "{count} files are gone, the first: {path}; bring a copy of the lake:"
        " `jeongsan repair --from COPY`"
    ): (
        "파일 {count}개는 되살릴 수 없습니다. 처음은 {path}. 저장소(lake)의 사본을 마련하십시오: "
        "`jeongsan repair --from COPY`"
    ),
    "nothing was changed; `--yes` mends these {count} files": (
        "바뀐 것은 없습니다. `--yes` 를 붙이면 이 파일 {count}개를 되살립니다"
    ),
    "{count} files, {size} bytes read; nothing names {unnamed}": (
        "파일 {count}개, {size}바이트를 읽었습니다. 아무것도 가리키지 않는 것 {unnamed}개"
    ),
    "{path}: {what}; issued months that it proves: {months}": (
        "{path}: {what}. 근거인 발행된 달: {months}"
    ),
    "{count} files are broken: `jeongsan repair`": (
        "파일 {count}개가 망가졌습니다: `jeongsan repair`"
    ),
}
