"""Scraped texts, Prometheus and Kubernetes."""

from typing import Final

MESSAGES: Final = {
    "is OpenMetrics without its `# EOF`: it was cut short": (
        "OpenMetrics인데 끝줄 `# EOF` 가 없습니다. 중간에 끊겼습니다"
    ),
    "has the timestamp {text}": "시각 표시 {text} 이(가) 있습니다",
    "is no line of Prometheus text": "Prometheus 텍스트의 줄이 아닙니다",
    "is {metric} by its spelling, as {before} is": "{before} 처럼 이것도 철자로는 {metric} 입니다",
    "has no value, or more than a value and a timestamp": (
        "값이 없거나, 값과 시각 말고도 더 있습니다"
    ),
    "has no instant, neither of its own nor in the file's name": (
        "시각이 없습니다. 줄에도 파일 이름에도 없습니다"
    ),
    "has the impossible instant {at} ms": "있을 수 없는 시각 {at} ms 입니다",
    "has the value {text}, which is no number": "값 {text}: 수가 아닙니다",
    "{name} {text} is out of range ({range_text})": (
        "{name} {text}: 범위({range_text})를 벗어났습니다"
    ),
    "is no UTF-8": "UTF-8이 아닙니다",
    "no family {name} under metering/sources/families": (
        "계열(family) {name}: metering/sources/families 에 없습니다"
    ),
    "{where}: field {field} is none of {fields}": (
        "{where}: 필드 {field} 은(는) 다음 가운데 없습니다: {fields}"
    ),
    "{where}: ranges or sum of no model of the family: {strangers}": (
        "{where}: 계열에 없는 모델의 ranges나 sum입니다: {strangers}"
    ),
    "{where}: sum: write each model's cores, whose sum 64 bits can hold": (
        "{where}: sum: 모델마다 코어 수를 적으십시오. 합이 64비트 안이어야 합니다"
    ),
    "{where}: the range from {low} to {high} is empty": (
        "{where}: {low}부터 {high}까지의 범위가 비어 있습니다"
    ),
    "{where}: factor {value} is not above 0": "{where}: factor {value} 이(가) 0보다 크지 않습니다",
    "{where}: write a list of texts, not {values}": (
        "{where}: 텍스트의 목록으로 쓰십시오(지금 {values})"
    ),
    '{where}: write {value} as "{value}", so that it stays exact': (
        '{where}: {value} 은(는) 정확히 남도록 "{value}" 로 쓰십시오'
    ),
    "{where}: needs {missing}": "{where}: 필요한 것: {missing}",
    "{where}: does not know {unknown}": "{where}: 모르는 것: {unknown}",
    "{where}: labels: {meaning}": "{where}: labels: {meaning}",
    "{where}: namespace, pod and container are lists of equal length": (
        "{where}: namespace, pod, container는 길이가 같은 목록입니다"
    ),
    "{where}: a mean or sum needs labels: part": (
        "{where}: mean이나 sum에는 labels: part가 필요합니다"
    ),
    "{where}: is not written as it should be: {error}": (
        "{where}: 올바르게 적히지 않았습니다: {error}"
    ),
    "{where}: {key} is true or false": "{where}: {key} 은(는) true나 false입니다",
    "{where}: power_limit_w of {model}: write whole watts": (
        "{where}: {model} 의 power_limit_w: 와트를 정수로 쓰십시오"
    ),
    "names no device": "장비의 이름이 없습니다",
    "has labels that cannot be read": "읽을 수 없는 레이블이 있습니다",
    "names no slice": "조각의 이름이 없습니다",
    "has the label {known} twice, as {by} and as {name}": (
        "레이블 {known} 이(가) {by} 와 {name} 로 두 번 있습니다"
    ),
    "has the label {name} twice": "레이블 {name} 이(가) 두 번 있습니다",
    "{name} and {known} have one old spelling": "{name}, {known}: 옛 철자가 같습니다",
    "is not written as a list of claims or slices: {name} {error}": (
        "클레임이나 슬라이스의 목록으로 적히지 않았습니다: {name} {error}"
    ),
    "has no instant in the file's name (<epoch_ms>)": "파일 이름에 시각(<epoch_ms>)이 없습니다",
    "says itself that it is a part of a list (continue)": (
        "목록의 일부라고 스스로 말합니다(continue)"
    ),
    "is not written as a claim: {name} {error}": "클레임으로 적히지 않았습니다: {name} {error}",
    "lists {own}, neither claims nor slices": "{own} 의 목록이며 클레임도 슬라이스도 아닙니다",
    "source {name}: no file lists resource claims{first}": (
        "원천 {name}: 리소스 클레임의 목록인 파일이 없습니다{first}"
    ),
    "holds less than a thousandth of a device": "장치의 1/1000보다 적게 씁니다",
    "holds devices of {driver}, which site.toml has neither in `drivers` nor in `ignored`": (
        "드라이버 {driver} 의 장치를 쓰는데 site.toml의 `drivers` 에도 `ignored` 에도 없습니다"
    ),
    "shares {device} and does not say how much of it": (
        "{device} 을(를) 나눠 쓰는데 얼마인지 없습니다"
    ),
    "holds a share of {device} that is not from 0 to 1": "{device} 의 몫이 0부터 1 사이가 아닙니다",
    "holds memory of {device}, whose size HAMi does not tell": (
        "{device} 의 메모리를 쓰는데 그 크기를 HAMi가 알려 주지 않습니다"
    ),
    "{url} has no {metric}{ours} in this time: is kube-state-metrics running and scraped?": (
        "{url}: 이 기간에 {metric}{ours} 이(가) 없습니다. kube-state-metrics가 돌고 수집되는지 "
        "확인하십시오"
    ),
    "was first seen running before what the server still has": (
        "서버에 남은 기록보다 먼저 실행되고 있었습니다"
    ),
    "has neither {scheduled} nor {started}": "{scheduled} 도 {started} 도 없습니다",
    "ends before it is scheduled": "배정되기 전에 끝납니다",
    "names no uid": "uid가 없습니다",
    "requests {resource}, which site.toml has neither in `resources` nor in `ignored`": (
        "{resource} 을(를) 요청했는데 site.toml의 `resources` 에도 `ignored` 에도 없습니다"
    ),
    "requests no whole number of devices": "요청한 장치의 수가 정수가 아닙니다",
    "{text} is no quantity": "{text}: 수량이 아닙니다",
    "holds {name} of {driver}/{pool}, whose slices are not all known": (
        "{driver}/{pool} 의 {name} 을(를) 쓰는데 그 슬라이스를 모두 알지 못합니다"
    ),
    "holds {name} of {driver}/{pool}, which has no such device": (
        "{driver}/{pool} 의 {name} 을(를) 쓰는데 그런 장치가 없습니다"
    ),
    "requests {resource}, a part of a device, and nobody says how many parts one has": (
        "장치의 일부인 {resource} 을(를) 요청했는데 장치 하나가 몇 몫인지 알 수 없습니다"
    ),
    "requests {parts}, and HAMi does not tell its share": (
        "{parts} 을(를) 요청했는데 HAMi가 그 몫을 알려 주지 않습니다"
    ),
    "has no whole number of devices in {devices}": "{devices} 의 장치 수가 정수가 아닙니다",
    "has a fraction that is not above 0 and 1 at most": "몫이 0보다 크고 1 이하인 수가 아닙니다",
    "has {annotations} in {annotation}, which is no number": (
        "{annotation} 의 {annotations}: 수가 아닙니다"
    ),
    "holds memory of a board of which nobody says how much it has": (
        "보드의 메모리를 쓰는데 보드의 메모리가 얼마인지 알 수 없습니다"
    ),
    "source {name} has no server": "원천 {name}: 서버가 없습니다",
    "a kubernetes source has no {other} records": "kubernetes 원천에는 {other} 기록이 없습니다",
    (
        "{url} has series of several clusters, {label} is {shown}: say which is this one, with "
        'its name in `cluster_label = {{{label} = "..."}}`'
    ): (
        "{url}: 여러 클러스터의 계열이 있고 {label} 은(는) {shown} 입니다. 어느 것이 이 "
        '클러스터인지 `cluster_label = {{{label} = "..."}}` 에 이름으로 적으십시오'
    ),
    "it has lists of values outside its series": "계열 밖에 값의 목록이 있습니다",
    "{origin} answers {status}: {document}": "{origin}: 답이 {status} 입니다: {document}",
    "{origin} warns, its answer may be partial: {warnings}": (
        "{origin}: 답이 일부일 수 있다는 경고입니다: {warnings}"
    ),
    "it is a {resulttype}": "{resulttype} 입니다",
    "it has lists outside its series": "계열 밖에 목록이 있습니다",
    "{instant} is no instant": "{instant}: 시각이 아닙니다",
    "line {line} is no series": "{line}행: 계열이 아닙니다",
    "line {line} has more values than instants, or fewer": (
        "{line}행: 값의 수와 시각의 수가 다릅니다"
    ),
    "a line has more values than instants, or fewer": "값의 수와 시각의 수가 다른 행이 있습니다",
    "{origin} gives no answer of Prometheus: {error}": (
        "{origin}: Prometheus의 답이 아닙니다: {error}"
    ),
    "{origin} gives no export of series: {error}": "{origin}: 계열을 내보낸 것이 아닙니다: {error}",
    "{origin} gives an answer of remote read that is not whole": (
        "{origin}: remote read의 답이 온전하지 않습니다"
    ),
    "{origin} gives no answer of remote read: {error}": (
        "{origin}: remote read의 답이 아닙니다: {error}"
    ),
    "{origin} gives labels that cannot be read: {error}": (
        "{origin}: 읽을 수 없는 레이블이 있습니다: {error}"
    ),
    "more than {refused_max} samples of an hour are bad; the first is {place}: {reason}": (
        "한 시간의 표본 가운데 {refused_max}개 넘게 잘못되었습니다. 처음은 {place}: {reason}"
    ),
}
