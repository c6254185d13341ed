"""What the checks of usage (sql/*/fail_*.sql, warn_*.sql) find."""

from typing import Final

MESSAGES: Final = {
    (
        "계정의 소속 과제가 없습니다: {whole}.{hundredths} {unit}. 과제에 연결하거나 사유와 "
        "함께 청구 제외로 등록하세요."
    ): (
        "The account belongs to no project: {whole}.{hundredths} {unit}. Assign it to a "
        "project, or set it aside with a reason."
    ),
    "청구 제외: {whole}.{hundredths} {unit} (사유: {reason})": (
        "Set aside: {whole}.{hundredths} {unit} (reason: {reason})"
    ),
    (
        "이 날 끝난 작업 {works}건 가운데 {equals}건({percent}.{hundredths} %)이 번호만 다르고 "
        "계정, 사용자, 크기, 제출·시작·종료 시각이 모두 같습니다({listed}{more}). 같은 작업이 "
        "거듭 적힌 것이면 {copies}건, {hours}.{rest} 장비시간이 더 세어졌습니다. 여러 번 받은 "
        "기록을 합치며 번호를 새로 매기지 않았는지 확인하세요."
    ): (
        "Of {works} jobs that ended this day, {equals} ({percent}.{hundredths} %) differ in "
        "nothing but their number: account, user, size, submission, start and end are the same "
        "({listed}{more}). If the same work was written several times, {copies} jobs, "
        "{hours}.{rest} device hours, were counted too many. See whether records that were "
        "merged got new numbers."
    ),
    (
        "실행 중이던 작업 {count}건이 이후 자료에 없습니다. 마지막으로 실행이 확인된 시각까지 "
        "{hours}.{hundredths} 장비시간을 추정으로 셌습니다. 스케줄러에서 종료 시각을 확인해 "
        "다시 수집하세요. 예: {listed}{more}"
    ): (
        "{count} jobs that were running are not in later input. {hours}.{hundredths} device "
        "hours up to when each was last seen running were counted as an estimate. Find out "
        "from the scheduler when they ended and collect again. For example: {listed}{more}"
    ),
    (
        "{count}개 시간대에서 설치 + 초과 = 할당 + 중단 + 여유가 성립하지 않습니다(설치 "
        "{installed}, 초과 {excess}, 할당 {allocated}, 중단 {down}, 여유 {idle} milli-장비·ms)."
    ): (
        "In {count} hours installed + excess is not allocated + down + idle (installed "
        "{installed}, excess {excess}, allocated {allocated}, down {down}, idle {idle} "
        "milli-device ms)."
    ),
    (
        "등록 장비보다 최대 {whole}.{thousandths}대 많이 할당되었거나 중단되었습니다(처음 "
        "{hour}:{minute}:{second}, 합계 {total} 장비초). 장비 등록과 작업 기록을 확인하세요."
    ): (
        "Up to {whole}.{thousandths} devices more were allocated or down than are registered "
        "(first at {hour}:{minute}:{second}, {total} device seconds in all). Check the "
        "registered devices and the job records."
    ),
    "등록된 장비가 없어 설치 용량과 할당을 대조하지 않았습니다.": (
        "No devices are registered, so allocations were not compared with installed capacity."
    ),
    (
        "등록된 장비가 없는 노드 {count}개({listed}{more})를 중단 시간에 세지 않았습니다. "
        "가속기가 있는 노드라면 노드 이름과 장비 등록을 확인하세요."
    ): (
        "{count} nodes without registered devices ({listed}{more}) were not counted as down. "
        "If they have accelerators, check their names and the registered devices."
    ),
    (
        "Slurm이 보고한 점유는 {reported} 장비초, 작업 기록의 점유는 {counted} 장비초로 "
        "{difference} 장비초 다릅니다(보고 단위 {unit}초). 빠진 작업이 없는지 확인하세요. "
        "예약으로 비워 둔 시간은 Slurm의 점유에만 듭니다."
    ): (
        "Slurm reports {reported} device seconds allocated, the job records make {counted}: "
        "{difference} device seconds apart (it reports in units of {unit} s). Check that no "
        "job is missing. Time that a reservation keeps idle counts in Slurm's figure only."
    ),
    (
        "장비 {count}대가 이름 붙은 작업 없이 전력 한도의 절반 넘게 "
        "썼습니다({hours}.{hundredths} 장비시간, {energy_kj} kJ). 할당 없이 쓰는지, 이름표가 "
        "빠졌는지 확인하세요."
    ): (
        "{count} devices drew more than half of their power limit without a named workload "
        "({hours}.{hundredths} device hours, {energy_kj} kJ). See whether they are used "
        "without an allocation, or their labels are missing."
    ),
    (
        "장비 {count}대({device} 등)가 바쁜데 전력량이 늘지 않았습니다({hours}.{hundredths} "
        "장비시간). 전력량 계수가 멈췄는지 확인하세요."
    ): (
        "{count} devices ({device} and others) were busy while their energy did not grow "
        "({hours}.{hundredths} device hours). See whether the energy counter has stopped."
    ),
    (
        "장비 {count}대에서 {hours}.{hundredths} 장비시간의 작업이 어느 할당에도 연결되지 "
        "않았습니다({energy_kj} kJ)."
    ): (
        "On {count} devices {hours}.{hundredths} device hours of work belong to no allocation "
        "({energy_kj} kJ)."
    ),
    (
        "장비에 붙은 이름으로 보아 장비 {count}대가 Slurm 작업과 파드에 함께 "
        "할당되었습니다(처음 {hour}:{minute} {device}의 작업 {job}과 파드 {pod}, 합계 {total} "
        "장비초). 한쪽이 다른 쪽을 담고 있으면 그 계정이나 네임스페이스를 site.toml의 "
        "carrier_accounts에 적으세요."
    ): (
        "By the names on devices, {count} devices were allocated to a Slurm job and a pod at "
        "once (first at {hour}:{minute}, {device}: job {job} and pod {pod}; {total} device "
        "seconds in all). If one contains the other, write its account or namespace into "
        "carrier_accounts of site.toml."
    ),
    (
        "{count}개 시간대에서 설치 시간과 관측 시간이 맞지 않습니다(설치 {installed} ms, 작업 "
        "있음 {loaded} ms, 작업 없음 {unloaded} ms, 미관측 {dark} ms). 장비 등록 기간과 수집 "
        "자료를 확인하세요."
    ): (
        "In {count} hours the installed time is not the observed time (installed {installed} "
        "ms, with work {loaded} ms, without work {unloaded} ms, unobserved {dark} ms). Check "
        "the registered times of devices and the collected input."
    ),
    (
        "장비 {count}대에서 {hours}.{hundredths} 장비시간이 관측되지 "
        "않았습니다({first}시대부터 {last}시대까지)."
    ): (
        "On {count} devices {hours}.{hundredths} device hours were not observed (from hour "
        "{first} to hour {last})."
    ),
    "관측 수집원(exporter)이 없어 사용 증거를 점검하지 않았습니다.": (
        "No exporter observes the devices, so evidence of use was not checked."
    ),
    "등록된 장비가 없어 사용 증거를 점검하지 않았습니다.": (
        "No devices are registered, so evidence of use was not checked."
    ),
    "노드 상태 수집원이 없어 중단된 장비를 알 수 없습니다.": (
        "No source tells the state of nodes, so it is unknown which devices were down."
    ),
    (
        "등록된 장비가 하나도 없는 모델이 {hours}.{hundredths} 장비시간 할당되었습니다. "
        "스케줄러가 부르는 이름이면 원천의 gres_models에 대응을 적고, 장비가 빠졌으면 "
        "등록하세요."
    ): (
        "A model of which no device is registered was allocated for {hours}.{hundredths} "
        "device hours. If the scheduler calls it so, map the name in the source's gres_models; "
        "if devices are missing, register them."
    ),
    (
        "등록된 장비가 있었던 적 없는 노드 {count}개({listed}{more})에 할당된 "
        "{hours}.{hundredths} 장비시간이 사용량에 들어 있습니다. 다른 클러스터의 기록이면 그 "
        "원천에 우리 이름(slurm_cluster, cluster_label, cluster_name)을 적고 다시 수집하세요. "
        "우리 노드면 등록부 devices에 장비를 더하세요."
    ): (
        "The usage has {hours}.{hundredths} device hours on {count} nodes that never had a "
        "registered device ({listed}{more}). If they are another cluster's, write our name "
        "(slurm_cluster, cluster_label, cluster_name) at that source and collect again. If "
        "they are ours, add their devices to devices of the registry."
    ),
    (
        "노드별로 보아 노드 {count}개에서 Slurm 작업과 파드가 노드의 장비보다 최대 "
        "{whole}.{thousandths}대 많이 할당받았습니다(처음 {hour}:{minute} {node}, 합계 {total} "
        "장비초). 한쪽이 다른 쪽을 담고 있으면 그 계정이나 네임스페이스를 site.toml의 "
        "carrier_accounts에 적으세요."
    ): (
        "By nodes, Slurm jobs and pods were allocated up to {whole}.{thousandths} devices more "
        "than {count} nodes have (first at {hour}:{minute}, {node}; {total} device seconds in "
        "all). If one contains the other, write its account or namespace into carrier_accounts "
        "of site.toml."
    ),
    (
        "이 날 시작한 작업 {count}건 가운데 {shifted}건이 수집기가 본 것보다 {hours}{side} "
        "적혀 있습니다(예: {example}). 스케줄러 기록의 시각이 UTC인지(TZ=UTC), 원천의 naive가 "
        "맞는지 확인하고 다시 수집하세요."
    ): (
        "{shifted} of {count} jobs that started this day are written {hours} {side} than the "
        "exporter saw them (for example {example}). Check that the scheduler's times are UTC "
        "(TZ=UTC) and that `naive` of the source is right, and collect again."
    ),
    "시간 늦게": "hours later",
    "시간 일찍": "hours earlier",
    "이 날의 사용 기록이 아직 수집되지 않았습니다.": (
        "The records of use of this day are not collected yet."
    ),
    "사용 기록이 {hour}:{minute}까지만 수집되어 이 날의 사용량은 잠정치입니다.": (
        "Records of use are collected up to {hour}:{minute} only, so this day's usage is "
        "provisional."
    ),
}
