"""What Slurm's records and Kubernetes' metrics and lists give to find."""

from typing import Final

MESSAGES: Final = {
    (
        "{name}: 목록과 목록 사이에 끝난 클레임이 {count}건 있습니다. 마지막으로 보인 뒤의 "
        "최대 {hours}.{hundredths} 장치시간은 세지 않았습니다. 목록을 더 자주 받으세요."
    ): (
        "{name}: {count} claims ended between two lists. Up to {hours}.{hundredths} device "
        "hours after they were last seen are not counted. Take the lists more often."
    ),
    (
        "리소스 클레임(DRA)이 쓰는 드라이버 {driver}의 장치가 가속기인지 모릅니다. site.toml의 "
        "`drivers`나 `ignored`에 적고 다시 수집하세요."
    ): (
        "It is unknown whether devices of driver {driver}, which resource claims (DRA) use, "
        "are accelerators. Write it into `drivers` or `ignored` of site.toml and collect again."
    ),
    (
        "나눠 쓰는 장치의 몫을 알 수 없습니다(consumedCapacity). 드라이버의 나눔 정책과 "
        "ResourceSlice의 capacity를 확인하고 다시 수집하세요."
    ): (
        "The share of a shared device is not known (consumedCapacity). Check the driver's "
        "sharing policy and the capacity of its ResourceSlice, and collect again."
    ),
    "HAMi의 GPU 메모리 지표(hami_gpu_memory_limit_bytes)를 함께 모으고 다시 수집하세요.": (
        "Collect HAMi's metric of GPU memory (hami_gpu_memory_limit_bytes) too, and collect again."
    ),
    (
        "{title}: 노드 {node}의 GPU를 KAI가 나눠 쓰도록 잡고 있는데 누가 얼마를 쓰는지 "
        "모릅니다. kube-state-metrics에 "
        "--metric-annotations-allowlist=pods=[gpu-fraction,gpu-memory,gpu-fraction-num-devices]를 "
        "주고 다시 수집하세요."
    ): (
        "{title}: KAI keeps GPUs of node {node} for sharing, and nobody says who uses how "
        "much. Give kube-state-metrics "
        "--metric-annotations-allowlist=pods=[gpu-fraction,gpu-memory,gpu-fraction-num-devices] "
        "and collect again."
    ),
    (
        "{title}: KAI 그룹 {group}이(가) 장치 하나를 넘게 나눠 썼습니다({most}/1,000). 파드의 "
        "gpu-fraction 기록을 확인하세요."
    ): (
        "{title}: KAI group {group} shared more than one device ({most}/1,000). Check "
        "gpu-fraction of its pods."
    ),
    (
        "파드가 언제 실행되기 시작했는지 프로메테우스에 남아 있지 않습니다. 보관 기간을 "
        "늘리거나 `pods_count_from`을 빼세요."
    ): (
        "Prometheus no longer has when the pod began to run. Keep its data longer, or take "
        "`pods_count_from` out."
    ),
    (
        "파드 {namespace}/{name}의 {resource}은(는) 초기화 컨테이너의 순서에 따라 "
        "{fewest}개에서 {many}개까지입니다. 순서를 알 수 없어 {many}개로 셌습니다. "
        "kube-scheduler의 kube_pod_resource_request를 함께 모으면 정확합니다."
    ): (
        "{resource} of pod {namespace}/{name} is {fewest} to {many}, by the order of its init "
        "containers. The order is not known, so {many} were counted. With "
        "kube_pod_resource_request of kube-scheduler it is exact."
    ),
    (
        "네임스페이스 {namespace}의 파드가 리소스 클레임(DRA)으로 장치를 쓰는데 "
        "kube-state-metrics는 그 장치를 알려 주지 않습니다. ResourceClaim과 ResourceSlice의 "
        '목록을 파일로 받는 source(kind = "kubernetes", paths)를 추가하고 다시 수집하세요.'
    ): (
        "Pods of namespace {namespace} use devices by resource claims (DRA), and "
        'kube-state-metrics does not tell which. Add a source (kind = "kubernetes", paths) '
        "with lists of ResourceClaim and ResourceSlice as files and collect again."
    ),
    (
        "{name}: {before}부터 {after}까지 kube-state-metrics의 기록이 없습니다. 그 사이에 "
        "사라진 파드는 마지막으로 실행이 보인 때까지만 셉니다."
    ): (
        "{name}: kube-state-metrics has no record from {before} to {after}. Pods that vanished "
        "in between count only up to when they were last seen running."
    ),
    (
        "파드가 요청한 자원 {resource}이(가) 가속기인지 모릅니다. site.toml의 `resources`나 "
        "`ignored`에 적고 다시 수집하세요."
    ): (
        "It is unknown whether {resource}, which a pod requests, is an accelerator. Write it "
        "into `resources` or `ignored` of site.toml and collect again."
    ),
    (
        "리소스 클레임(DRA)이 잡은 장치를 ResourceSlice 목록에서 찾지 못합니다. `kubectl get "
        "resourceslices -o json`의 전체를 함께 두고 다시 수집하세요."
    ): (
        "Devices that a resource claim (DRA) holds are not in the lists of ResourceSlice. Put "
        "the whole of `kubectl get resourceslices -o json` beside it and collect again."
    ),
    (
        "{name}: kube-state-metrics의 조각 {total}개 중 {ordinal}번이 한 번도 들리지 "
        "않았습니다. 그 조각이 맡은 파드를 알 수 없습니다. 모든 조각을 모으고 다시 수집하세요."
    ): (
        "{name}: of {total} shards of kube-state-metrics, number {ordinal} was never heard. "
        "Its pods are not known. Collect all shards, and collect again."
    ),
    (
        "{name}: {before}부터 {after}까지 kube-state-metrics의 조각 {ordinal}번의 기록이 "
        "없습니다. 그 사이에 사라진 파드는 마지막으로 보인 때까지만 셉니다."
    ): (
        "{name}: shard {ordinal} of kube-state-metrics has no record from {before} to {after}. "
        "Pods that vanished in between count only up to when they were last seen."
    ),
    (
        "장치 하나가 몇 몫인지 모릅니다. kube-state-metrics가 노드 레이블 "
        "nvidia.com/gpu.replicas를 내보내게 하거나(--metric-labels-allowlist) site.toml의 "
        "`slots = {{{resource} = 몫 수}}`에 적고 다시 수집하세요."
    ): (
        "It is unknown into how many shares a device is split. Let kube-state-metrics export "
        "the node label nvidia.com/gpu.replicas (--metric-labels-allowlist), or write `slots = "
        "{{{resource} = number of shares}}` into site.toml, and collect again."
    ),
    (
        "GPU 일부를 요청한 파드의 몫을 모릅니다. HAMi 스케줄러의 지표를 같은 프로메테우스로 "
        "모으고 다시 수집하세요."
    ): (
        "The share of a pod that requests part of a GPU is not known. Collect the metrics of "
        "HAMi's scheduler into the same Prometheus and collect again."
    ),
    (
        "메모리로 나눈 GPU의 몫을 모릅니다. kube-state-metrics가 노드 레이블 "
        "nvidia.com/gpu.memory를 내보내게 하거나 site.toml의 `board_mib`에 적고 다시 "
        "수집하세요."
    ): (
        "The share of a GPU that is split by memory is not known. Let kube-state-metrics "
        "export the node label nvidia.com/gpu.memory, or write `board_mib` into site.toml, and "
        "collect again."
    ),
    (
        "{title}: {source}의 자료에 slurm_cluster {name}의 행이 하나도 없고 다른 "
        "클러스터({names})의 행만 있습니다. 이름이 맞는지 확인하세요."
    ): (
        "{title}: {source} has no row of slurm_cluster {name}, only of other clusters "
        "({names}). Check the name."
    ),
    (
        "{title}: {source}의 자료에 클러스터가 여럿({names}) 들어 있는데 어느 것이 이 "
        "클러스터인지 적혀 있지 않아 아무 행도 들이지 않았습니다. site.toml의 이 원천에 "
        'slurm_cluster = "{seen}"처럼 적고 다시 수집하세요.'
    ): (
        "{title}: {source} has records of several clusters ({names}) and nothing says which is "
        'this one, so no row was taken. Write slurm_cluster = "{seen}" or the like at this '
        "source of site.toml and collect again."
    ),
    (
        '가속기이면 site.toml의 이 원천에 gres_devices = {{ {name} = "npu:모델" }}처럼, '
        '아니면 ignored_gres = ["{name}"]처럼 적고 다시 수집하세요.'
    ): (
        'If it is an accelerator, write gres_devices = {{ {name} = "npu:model" }} or the '
        'like at this source of site.toml, else ignored_gres = ["{name}"], and collect again.'
    ),
    (
        '요금표의 모델을 site.toml의 이 원천에 gres_models = {{ "{kind}" = "h100" }}처럼 '
        "적고 다시 수집하세요."
    ): (
        "Write the model of the price list at this source of site.toml, like gres_models = {{ "
        '"{kind}" = "h100" }}, and collect again.'
    ),
    (
        "장비 하나가 몇 조각인지 모든 노드에서 알 수 있게 site.toml의 이 원천에 {key} = {many} "
        '또는 {key} = {{ "gpu[01-04]" = {many} }}처럼 적고 다시 수집하세요.'
    ): (
        "Write into how many parts a device is split on every node at this source of "
        'site.toml, like {key} = {many} or {key} = {{ "gpu[01-04]" = {many} }}, and collect '
        "again."
    ),
    "작업 {count}건({names}{more})": "{count} jobs ({names}{more})",
    "{title}: {text}이 쓴 {gres}을(를) 청구하지 않았습니다({origin}).": (
        "{title}: {gres} used by {text} is not billed ({origin})."
    ),
    (
        "{title}: GPU 파티션 {partition}의 작업 {count}건에 GPU 수가 없어 청구하지 "
        "않았습니다({origin}). slurm.conf의 AccountingStorageTRES에 gres/gpu가 있는지 "
        "확인하고, GPU를 쓰지 않는 작업이면 사유와 함께 확인으로 처리하세요."
    ): (
        "{title}: {count} jobs of the GPU partition {partition} have no number of GPUs and are "
        "not billed ({origin}). Check that AccountingStorageTRES of slurm.conf has gres/gpu; "
        "if these jobs use no GPU, acknowledge this with the reason."
    ),
    (
        "{title}: Slurm이 실행 중으로 적었으나 제어기가 모르는 {text}을 청구하지 "
        "않았습니다({origin}). 언제 끝났는지 확인해 `sacctmgr show runaway`로 바로잡고 다시 "
        "수집하세요."
    ): (
        "{title}: {text}, which Slurm has as running and the controller does not know, are not "
        "billed ({origin}). Find out when they ended, mend it with `sacctmgr show runaway` and "
        "collect again."
    ),
    (
        "{title}: {text}의 {gres} 몫이 장비의 1/1000로 나누어떨어지지 않아 버린 나머지가 "
        "{parts}.{parts2} 장비시간입니다({origin})."
    ): (
        "{title}: the share of {gres} of {text} is no whole thousandth of a device; what was "
        "dropped is {parts}.{parts2} device hours ({origin})."
    ),
}
