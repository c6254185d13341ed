"""`site.toml`: the site, its sections, sources, database, bank and alarms."""

from typing import Final

MESSAGES: Final = {
    "needs {name}, as the bank calls it": "은행이 부르는 {name} 의 이름이 필요합니다",
    "must be {port_max} at most, not {port}": "{port_max} 이하여야 합니다(지금 {port})",
    'needs whom to write to, like ["manager@example.or.kr"]': (
        '받을 사람이 필요합니다. 예: ["manager@example.or.kr"]'
    ),
    "needs `user` and `password_env` together, or neither": (
        "`user` 와 `password_env` 는 함께 적거나 모두 비우십시오"
    ),
    "must not be none where a password is sent": "비밀번호를 보내는 곳에서는 none일 수 없습니다",
    "must be an address like name@example.or.kr, not {text}": (
        "{text}: name@example.or.kr 같은 주소로 쓰십시오"
    ),
    "needs `url`, or `url_env` where the address is a secret, and not both": (
        "`url` 이 필요합니다. 주소가 비밀이면 `url_env` 를 쓰고, 둘 다 쓰지는 마십시오"
    ),
    "{name} is no cluster: it has readings only": "{name}: 검침만 있어 클러스터가 아닙니다",
    "its name may have letters, digits, - and _ only": "이름에는 영문자, 숫자, - 와 _ 만 쓰십시오",
    "must be 5min at most": "5min 이하여야 합니다",
    "must be half of hold ({hold_ms} ms) at most, is {scrape_ms} ms": (
        "hold({hold_ms} ms)의 절반 이하여야 합니다(지금 {scrape_ms} ms)"
    ),
    "needs at least one source, written as [[....source]]": (
        "원천이 하나 이상 필요합니다. [[....source]] 로 적으십시오"
    ),
    "a {kind} source has {records} records only": "{kind} 원천에는 {records} 기록만 있습니다",
    'has samples, so it needs `scrape`, the time between two, like "30s"': (
        '표본이 있으니 표본 사이의 시간 `scrape` 가 필요합니다. 예: "30s"'
    ),
    "may have letters, digits, - and _ only": "영문자, 숫자, - 와 _ 만 쓰십시오",
    "{name} is the name of another source of this section": (
        "{name}: 이 구역의 다른 원천이 쓰는 이름입니다"
    ),
    "a store has {records} sources only": "저장소에는 {records} 원천만 둘 수 있습니다",
    (
        "{sku} is {figure} of {other} and {figure2} of {name}; a SKU has one figure, copies "
        "counted or not"
    ): (
        "{sku}: {other} 에서는 {figure}, {name} 에서는 {figure2} 입니다. SKU 하나의 수치는 "
        "하나여야 합니다(복사본을 세거나 세지 않거나)"
    ),
    "site.toml has no cluster or store {name}; it has: {known}": (
        "site.toml 에 클러스터나 저장소 {name} 이(가) 없습니다. 있는 것: {known}"
    ),
    "needs the table [site]": "표 [site] 가 필요합니다",
    "needs at least one [cluster.NAME] or [store.NAME]": (
        "[cluster.NAME] 이나 [store.NAME] 이 하나 이상 필요합니다"
    ),
    "{name} is a cluster and a store; each needs its own name": (
        "{name}: 클러스터와 저장소가 같은 이름입니다. 이름을 다르게 하십시오"
    ),
    "needs the table [issuer]": "표 [issuer] 가 필요합니다",
    "must be a directory or s3://bucket/prefix, not {lake}": (
        "{lake}: 디렉터리나 s3://bucket/prefix 로 쓰십시오"
    ),
    "stands beside `{ways}`; the database is named in one way": (
        "`{ways}` 와 함께 쓸 수 없습니다. 데이터베이스는 한 가지로만 지정하십시오"
    ),
    "{flaw}; site.toml has no secrets: {instead}": (
        "{flaw}. site.toml에는 비밀을 두지 않습니다: {instead}"
    ),
    "name what holds the whole address in `database_env` or `database_file`": (
        "주소 전체가 든 환경 변수나 파일을 `database_env` 나 `database_file` 에 적으십시오"
    ),
    "put the keys into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment": (
        "키는 환경 변수 AWS_ACCESS_KEY_ID 와 AWS_SECRET_ACCESS_KEY 에 넣으십시오"
    ),
    "name the variable that holds it in `bearer_env`, or in `password_env` beside `user`": (
        "그것이 든 환경 변수를 `bearer_env` 에, 또는 `user` 와 함께 `password_env` 에 적으십시오"
    ),
    "must be the name of an environment variable, and not what it holds": (
        "환경 변수의 이름이어야 하며, 그 안에 든 값이 아닙니다"
    ),
    "what it names {flaw}": "가리키는 값: {flaw}",
    "{named} is not UTF-8; save it as UTF-8": "{named}: UTF-8이 아닙니다. UTF-8로 저장하십시오",
    "{rules} is no directory": "{rules}: 디렉터리가 아닙니다",
    "{day} is declared a holiday as well": "{day}: 휴일로도 적혀 있습니다",
    "the environment has no {named}": "환경 변수 {named} 이(가) 없습니다",
    "{kept} cannot be read: {strerror}": "{kept}: 읽을 수 없습니다: {strerror}",
    "{name} is under `equipment` as well": "{name}: `equipment` 에도 있습니다",
    "needs [....source.equipment]: each name with its SKU": (
        "[....source.equipment] 가 필요합니다. 이름마다 SKU를 적으십시오"
    ),
    "says nothing of the field {name}": "필드 {name} 에 대해 적힌 것이 없습니다",
    "needs a column `state` and `states`, its words, together, or neither": (
        "열 `state` 와 그 낱말 `states` 는 함께 적거나 모두 비우십시오"
    ),
    "{path} must end in {formats}": "{path}: 파일 이름이 다음으로 끝나야 합니다: {formats}",
    'is for the format "table" only': 'format "table" 에만 씁니다',
    "{name} has no SKU": "{name}: SKU가 없습니다",
    "{word} must be one of {states}, not {state}": (
        "{word}: 다음 가운데 하나여야 합니다: {states} (지금 {state})"
    ),
    "a booking has no field {name}": "예약에 필드 {name} 은(는) 없습니다",
    "needs the key `url`": "키 `url` 이 필요합니다",
    "a cloud is asked at its `url`; it has no files": "클라우드는 `url` 로 물으며 파일이 없습니다",
    "{name} is a counter as well": "{name}: 계량 항목으로도 있습니다",
    "needs at least one counter, written as [[....source.counter]]": (
        "계량 항목이 하나 이상 필요합니다. [[....source.counter]] 로 적으십시오"
    ),
    "a DELTA counts amounts, like {measure}_hour, and no level": (
        "DELTA는 {measure}_hour 같은 양을 세며 수준을 재지 않습니다"
    ),
    "may have letters, digits, '.', '_', '~' and '-' only": (
        "영문자, 숫자, '.', '_', '~', '-' 만 쓰십시오"
    ),
    "{name} is the name of another counter of this source": (
        "{name}: 이 원천의 다른 계량 항목이 쓰는 이름입니다"
    ),
    "must be {signed_timeout_s_max}s at most, as signatures age": (
        "서명의 유효 시간 때문에 {signed_timeout_s_max}s 이하여야 합니다"
    ),
    "stands beside `paths`; a source has one of them": (
        "`paths` 와 함께 쓸 수 없습니다. 원천에는 둘 가운데 하나만 있습니다"
    ),
    "stands beside `url`; pods and nodes have a server, claims have files": (
        "`url` 과 함께 쓸 수 없습니다. 파드와 노드는 서버에서, 클레임은 파일에서 옵니다"
    ),
    "holds resource claims, which are allocations": "리소스 클레임이며 할당(allocations)입니다",
    'needs `drivers`, like {{"gpu.nvidia.com" = "gpu"}}': (
        '`drivers` 가 필요합니다. 예: {{"gpu.nvidia.com" = "gpu"}}'
    ),
    "{name} stands in `drivers` as well": "{name}: `drivers` 에도 있습니다",
    'needs `resources`, like {{nvidia_com_gpu = "gpu", rebellions_ai_ATOM = "npu:atom"}}': (
        '`resources` 가 필요합니다. 예: {{nvidia_com_gpu = "gpu", rebellions_ai_ATOM = "npu:atom"}}'
    ),
    '"namespace", "pod_label:label_<name>" or "namespace_label:label_<name>"': (
        '"namespace", "pod_label:label_<name>" 또는 "namespace_label:label_<name>"'
    ),
    'needs `scrape`, the time between two scrapes, like "30s"': (
        '두 수집 사이의 시간 `scrape` 가 필요합니다. 예: "30s"'
    ),
    "must be {hold_ms_max} ms at most, is {scrape_ms} ms": (
        "{hold_ms_max} ms 이하여야 합니다(지금 {scrape_ms} ms)"
    ),
    '{name}: write "gpu", "npu" or "gpu:<model>"': (
        '{name}: "gpu", "npu" 또는 "gpu:<model>" 로 쓰십시오'
    ),
    "{name}: write it as kube-state-metrics does, with _": (
        "{name}: kube-state-metrics처럼 _ 로 이어 쓰십시오"
    ),
    "{name}: must be a whole number from 1 to 1000, not {text}": (
        "{name}: 1부터 1000까지의 정수여야 합니다(지금 {text})"
    ),
    "needs the key `paths`": "키 `paths` 가 필요합니다",
    "must be like usage-{{account}}.csv, some text between its parts": (
        "usage-{{account}}.csv 처럼, 부분 사이에 글자가 있어야 합니다"
    ),
    "stands beside `url`; a source has one of them": (
        "`url` 과 함께 쓸 수 없습니다. 원천에는 둘 가운데 하나만 있습니다"
    ),
    "must begin with http:// or https:// and a host, not {url}": (
        "{url}: http:// 나 https:// 와 호스트로 시작해야 합니다"
    ),
    "must not hold a user; name it in `user`, with `password_env`": (
        "사용자를 담을 수 없습니다. `user` 에 적고 `password_env` 를 함께 적으십시오"
    ),
    "stands beside `bearer_env`; a server is signed in to one way": (
        "`bearer_env` 와 함께 쓸 수 없습니다. 서버에는 한 가지 방법으로만 로그인합니다"
    ),
    "needs `certificate` and `key` together, or neither": (
        "`certificate` 와 `key` 는 함께 적거나 모두 비우십시오"
    ),
    "must be 1s at least": "1s 이상이어야 합니다",
    "must not hold a secret; name its variable in `bearer_env`": (
        "비밀을 담을 수 없습니다. 그 환경 변수의 이름을 `bearer_env` 에 적으십시오"
    ),
    "has {{{part}}}, which is none of {known}": "{{{part}}}: 다음 가운데 없습니다: {known}",
    "is not for a server; give its `url`": "서버에는 쓸 수 없습니다. 서버의 `url` 을 적으십시오",
    "must name the tenant: X-Scope-OrgID": "테넌트를 적어야 합니다: X-Scope-OrgID",
    "is for {readable} only": "{readable} 에만 씁니다",
    "must be {at_once_max} or less, not {at_once}": "{at_once_max} 이하여야 합니다(지금 {at_once})",
    'must be the label and our name in it, like {{cluster = "prod"}}': (
        '레이블과 그 안의 우리 이름이어야 합니다. 예: {{cluster = "prod"}}'
    ),
    "must be the name of a label, not {label}": "{label}: 레이블의 이름이어야 합니다",
    'must list expressions, one a page, like ["gpu0.*", "gpu1.*"]': (
        '쪽마다 하나씩 식의 목록이어야 합니다. 예: ["gpu0.*", "gpu1.*"]'
    ),
    'must be like cluster="a",job=~"dcgm.*", not {text}': (
        '{text}: cluster="a",job=~"dcgm.*" 처럼 쓰십시오'
    ),
    "must not choose metrics ({name}); the family does": (
        "메트릭({name})은 고를 수 없습니다. 메트릭은 계열(family)이 고릅니다"
    ),
    '{name}: write "gpu", "npu" or "npu:<model>"': (
        '{name}: "gpu", "npu" 또는 "npu:<model>" 로 쓰십시오'
    ),
    "{name}: {model} may have small letters, digits and . - inside only": (
        "{name}: {model} 에는 영문 소문자와 숫자만 쓰고 . - 은 사이에만 쓰십시오"
    ),
    "{name} has two models": "{name}: 모델이 둘입니다",
    "must be whole seconds, {carry_ms_max}h at most": "{carry_ms_max}h 이하의 초 단위여야 합니다",
    'must be a size with its unit, like "3PiB" or "500TB", not {text}': (
        '{text}: "3PiB" 나 "500TB" 처럼 단위가 있는 크기여야 합니다'
    ),
    "must be 1024PiB at most": "1024PiB 이하여야 합니다",
    "says what a column or file name calls it; neither has cluster": (
        "열이나 파일 이름이 부르는 말을 적는 곳입니다. 둘 다 cluster가 없습니다"
    ),
    "says nothing of the field {name}; map it in `columns` or `constants`": (
        "필드 {name} 에 대해 적힌 것이 없습니다. `columns` 나 `constants` 에서 대응시키십시오"
    ),
    "a sample needs one of {measured}": "표본에는 다음 가운데 하나가 필요합니다: {measured}",
    'counts from a moment, so time_unit must be "s" or "ms"': (
        '어느 때부터 센 수이므로 time_unit은 "s" 나 "ms" 여야 합니다'
    ),
    'is for texts, so time_unit must be "iso"': (
        '텍스트에 쓰는 것이므로 time_unit은 "iso" 여야 합니다'
    ),
    "must list the two or more columns that are multiplied": "곱할 열을 둘 이상 적어야 합니다",
    "has `ended_ms` beside `duration`; a row has one of them": (
        "`duration` 과 `ended_ms` 가 함께 있습니다. 행에는 둘 가운데 하나만 있습니다"
    ),
    "is of `duration`, which no column is": "`duration` 의 것인데 그런 열이 없습니다",
    "a {record} has no field {part}": "{record} 에는 필드 {part} 이(가) 없습니다",
    "{name} must be a number that comes from a column": "{name}: 열에서 오는 수여야 합니다",
    "{name} is no number": "{name}: 수가 아닙니다",
    "{name} is given more than once": "{name}: 두 번 이상 적혀 있습니다",
    "is [notices.{moved}] now, which is told of approvals and failed runs too": (
        "이제 [notices.{moved}] 입니다. 승인과 실패한 실행도 여기로 알립니다"
    ),
    'needs the logins of who may approve, like ["kim"], or goes away': (
        '승인할 수 있는 사람의 로그인 이름이 필요합니다(예: ["kim"]). 없으면 지우십시오'
    ),
}
