"""The commands, the example and the DAGs."""

from typing import Final

MESSAGES: Final = {
    "{directory} is not empty and not the example: choose another --site": (
        "{directory}: 비어 있지 않고 예시 사이트도 아닙니다. 다른 --site 를 고르십시오"
    ),
    "the month does not verify: {differences}": "그 달이 검증되지 않습니다: {differences}",
    "{count} findings stop the example; it should have none": (
        "예시를 멈추게 하는 사항이 {count}건입니다. 예시에는 없어야 합니다"
    ),
    "storage: daily snapshots": "저장소: 날마다의 검침",
    "{cluster}: {count} jobs": "{cluster}: 작업 {count}건",
    "give a document or company, or --undo": "문서나 회사를 지정하거나 --undo 를 쓰십시오",
    "give --drop, --take-in, --take-back, or --undo": (
        "--drop, --take-in, --take-back, --undo 가운데 하나를 쓰십시오"
    ),
    "--payment goes with --take-back": "--payment 는 --take-back 과 함께 씁니다",
    "give --against INVOICE, --refund, or --undo": (
        "--against INVOICE, --refund, --undo 가운데 하나를 쓰십시오"
    ),
    "--undo takes back the whole; leave --amount out": (
        "--undo 는 전부를 되돌립니다. --amount 는 빼십시오"
    ),
    "give --key with --certificate, or --test-key, or neither": (
        "--key 와 --certificate 를 함께 쓰거나, --test-key 를 쓰거나, 모두 빼십시오"
    ),
    "--by, --reason and --digest need --approve": (
        "--by, --reason, --digest 는 --approve 와 함께 씁니다"
    ),
    "say who (--by) and why (--reason)": "누가(--by) 왜(--reason) 하는지 적으십시오",
    "one of {words}": "다음 가운데 하나: {words}",
    "nobody can be asked here; name what was looked at: --digest {digest}": (
        "여기서는 물어볼 수 없습니다. 살펴본 것을 적으십시오: --digest {digest}"
    ),
    "nothing was decided, nothing was stored": "결정하지 않았고 저장하지 않았습니다",
    (
        "{directory}: there is no site.toml; name the site (`jeongsan --site DIR ...`) or "
        "leave --site out for the rules that came with the program"
    ): (
        "{directory}: site.toml 이 없습니다. 사이트를 지정하거나(`jeongsan --site DIR ...`), "
        "프로그램에 딸린 규칙을 보려면 --site 를 빼십시오"
    ),
    "name one finding, or a --kind and its --days": (
        "사항 하나를 적거나, --kind 와 그 --days 를 적으십시오"
    ),
    "nobody can be asked here; say --yes": "여기서는 물어볼 수 없습니다. --yes 를 붙이십시오",
    "bill or exclude": "bill 이나 exclude",
    "narrows a --kind": "--kind 의 범위를 좁히는 것입니다",
    "{end} is not after {begin}": "{end}: {begin} 보다 뒤가 아닙니다",
    "findings would stop these months ({count}): mend the rules in {rules}": (
        "이 달들을 멈추게 할 사항이 있습니다({count}건). {rules} 의 규칙을 고치십시오"
    ),
    (
        "this registry moves {months}, which are issued; nothing was stored. Look at what "
        "moves, then load with --yes; `jeongsan adjust` corrects issued months"
    ): (
        "이 등록부는 발행한 달 {months} 을(를) 움직입니다. 저장된 것은 없습니다. 무엇이 "
        "움직이는지 본 다음 --yes 로 load 하십시오. 발행한 달은 `jeongsan adjust` 로 정정합니다"
    ),
    "one of {kinds}, and a positive amount": "다음 가운데 하나와 0보다 큰 금액: {kinds}",
    "complete: {days}": "다 모인 날: {days}",
    (
        "site.toml: timezone {timezone}: the timetables in dags/ are of {zone}; write the "
        "site's zone there and in dags/stages.py"
    ): (
        "site.toml: timezone {timezone}: dags/ 의 시간표는 {zone} 의 것입니다. 사이트의 "
        "시간대를 거기와 dags/stages.py 에 적으십시오"
    ),
    "give the {name} in the form, or as the partition key": (
        "{name} 을(를) 양식에 적거나 파티션 키로 주십시오"
    ),
    "give the hour as the partition key (2025-10-05T14), or `from` and `to`": (
        "시각을 파티션 키(2025-10-05T14)로 주거나 `from` 과 `to` 를 적으십시오"
    ),
    "from {begin} to {end}": "{begin}부터 {end}까지",
    "{month} is issued, and {day} of it has changed: {what}": (
        "{month}: 발행되었는데 {day} 이(가) 바뀌었습니다: {what}"
    ),
    "no further day": "더는 없음",
    "{count} files removed that nothing names": "어디에도 쓰이지 않는 파일 {count}개를 지웠습니다",
    "{month} issued: {count} invoices": "{month}: 발행했습니다. 청구서 {count}건",
    "{failed}: the findings above stop the scrape": (
        "{failed}: 위의 사항 때문에 수집(scrape)이 멈췄습니다"
    ),
    "evidence only": "증빙만",
    "site.toml names nobody to tell: no [notices.mail], no [notices.webhook]": (
        "site.toml에 알릴 곳이 없습니다. [notices.mail] 도 [notices.webhook] 도 없습니다"
    ),
    "{section} {record}: {rows} rows, {landed} landed, left out {reasons}, {refused} refused": (
        "{section} {record}: 행 {rows}개, 들인 것 {landed}개, 뺀 것 {reasons}, 격리 {refused}개"
    ),
    "{section}: the findings above stop its collecting": (
        "{section}: 위의 사항 때문에 수집이 멈췄습니다"
    ),
    "no further mark": "더 알릴 것 없음",
    "Apache Airflow is not installed here: pip install 'jeongsan[airflow]'": (
        "Apache Airflow가 설치되어 있지 않습니다: pip install 'jeongsan[airflow]'"
    ),
    "{site} has no site.toml: `jeongsan init` makes one": (
        "{site}: site.toml 이 없습니다. `jeongsan init` 으로 만드십시오"
    ),
    "{what}: not there in {ready_s} s": "{what}: {ready_s}초 안에 뜨지 않았습니다",
    "port {port}: {strerror}; choose another --port": (
        "포트 {port}: {strerror}. 다른 --port 를 고르십시오"
    ),
    "airflow {name} ended ({code}); see {log}": (
        "airflow {name} 이(가) 끝났습니다({code}). {log} 을(를) 보십시오"
    ),
    "{month} is complete, was announced, and nobody drafted it: its days are announced again": (
        "{month}: 다 모여 알렸는데 아무도 초안을 만들지 않아 그 날들을 다시 알립니다"
    ),
    "told: {subject}": "알렸습니다: {subject}",
    "not told: {reason}": "알리지 못했습니다: {reason}",
    "then run this again": "그리고 다시 실행하십시오",
    "see that the database runs, has room and is not held (`jeongsan doctor`), {again}": (
        "데이터베이스가 켜져 있고 공간이 있으며 잡혀 있지 않은지 보십시오(`jeongsan doctor`). "
        "{again}"
    ),
    "see `{command} --help` for what it takes, {again}": (
        "`{command} --help` 에서 쓰는 법을 보십시오. {again}"
    ),
    "interrupted; nothing is half-written": "멈추었습니다. 반쯤 쓰인 것은 없습니다",
    "run this again: it goes on from what was finished": (
        "다시 실행하십시오. 끝난 데서부터 이어 갑니다"
    ),
    "this is a mistake of the program: report it with `trace` and what was run": (
        "프로그램의 잘못입니다. `trace` 와 실행한 것을 함께 알려 주십시오"
    ),
    "{error}; nothing is half-written": "{error}. 반쯤 쓰인 것은 없습니다",
    "mend each place that the error lists, {again}": "오류에 적힌 곳을 모두 고치십시오. {again}",
    "mend the source (`jeongsan doctor` asks every one), {again}": (
        "원천을 바로잡으십시오(`jeongsan doctor` 가 모두 물어봅니다). {again}"
    ),
    "mend what gave the rows that the error names, {again}": (
        "오류에 적힌 행을 낸 것을 바로잡으십시오. {again}"
    ),
    "run this again: somebody else was first": "다른 실행이 먼저였습니다. 다시 실행하십시오",
    "mend what the error and the findings name, {again}": (
        "오류와 확인할 사항에 적힌 것을 바로잡으십시오. {again}"
    ),
    "do what the error says; `jeongsan status` names the next step": (
        "오류에 적힌 대로 하십시오. 다음 단계는 `jeongsan status` 에 있습니다"
    ),
    "do what the error says, {again}": "오류에 적힌 대로 하십시오. {again}",
    "free the place or give the access (`jeongsan doctor`), {again}": (
        "공간이나 권한을 마련하십시오(`jeongsan doctor`). {again}"
    ),
    "the database does not answer: {error}": "데이터베이스가 응답하지 않습니다: {error}",
    "{day} has not come: today is {now}": "{day}: 아직 오지 않았습니다. 오늘은 {now} 입니다",
    "{reached} has not come (it is {now}): nothing is complete to there": (
        "{reached}: 아직 오지 않았습니다(지금 {now}). 거기까지 다 모인 것은 없습니다"
    ),
    "goes with --copy": "--copy 와 함께 씁니다",
    "there is no site here; name where to copy": (
        "여기에는 사이트가 없습니다. 복사할 곳을 지정하십시오"
    ),
}
