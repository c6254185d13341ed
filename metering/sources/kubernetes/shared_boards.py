"""Parts of a board: slots of time-slicing and MPS, HAMi's vGPUs and the fractions of KAI.

Of a whole board a slot is one of as many as the node's labels say (GPU feature discovery), or the
site where they say nothing. KAI's pods request no device: annotations tell their fraction, and a
pod of KAI's own holds the board for them, which is never anybody's.
"""

import math
from decimal import Decimal
from fractions import Fraction

from metering.settings.source_options.kubernetes import Kubernetes
from metering.sources.kubernetes import hami
from metering.sources.kubernetes.pod_state import FRACTION, MEMORY, Pod, PodState
from metering.sources.kubernetes.refusals import HoldError
from metering.sources.prometheus.decoded_series import Labels
from metering.sources.reading import exact_numbers

BOARD = "nvidia_com_gpu"
SHARED = "_shared"  # of a resource whose slots have a name of their own
SHARED_PRODUCT = "-SHARED"  # of a board whose slots have not
SHARING = ("time-slicing", "mps")
DEVICES = "annotation_gpu_fraction_num_devices"
KAI_NAMESPACES = frozenset({"kai-resource-reservation", "runai-reservation"})
KAI_POD = "gpu-reservation-"
SLOTS_MAX = 1000  # of a board: what is below a thousandth of a device cannot be counted
KAI_STEP_MIB = 100  # KAI takes a board's memory in these steps, and fractions in hundredths


def is_reservation(pod: Pod) -> bool:
    """Whether a pod holds a board for the fractions of others."""
    return pod.namespace in KAI_NAMESPACES and pod.name.startswith(KAI_POD)


def is_fraction(pod: Pod) -> bool:
    """Whether a pod holds a fraction that annotations tell."""
    return bool(pod.annotations.get(FRACTION) or pod.annotations.get(MEMORY))


def milli_of_slots(pod: Pod, resource: str, many: int, state: PodState) -> int:
    """Devices held, in thousandths rounded down, of so many that a pod requests.

    HoldError where a slot is no whole board and nobody says how many a board has.
    """
    if resource == BOARD:
        share = _of_hami(pod, state)
        if share is not None:
            return _milli(share)
    return _milli(Fraction(many, slots(pod.node, resource, state)))


def slots(node: str, resource: str, state: PodState) -> int:
    """How many of a resource a device of the node is; HoldError where that is not known."""
    options, labels = state.options, state.nodes.get(node, {})
    whole = resource.removesuffix(SHARED)
    product = labels.get(f"label_{whole}_product", "").endswith(SHARED_PRODUCT)
    strategy = labels.get(f"label_{whole}_sharing_strategy", "") in SHARING
    shared = resource != whole or product or strategy
    replicas = labels.get(f"label_{whole}_replicas", "")
    if shared and replicas.isascii() and replicas.isdigit() and 0 < int(replicas) <= SLOTS_MAX:
        return int(replicas)
    if resource in options.slots:
        return options.slots[resource]
    if shared:
        raise HoldError(
            f"requests {resource}, a part of a device, and nobody says how many parts one has",
            "unknown_share",
            resource,
            "장치 하나가 몇 몫인지 모릅니다. kube-state-metrics가 노드 레이블"
            " nvidia.com/gpu.replicas를 내보내게 하거나(--metric-labels-allowlist) site.toml의"
            f" `slots = {{{resource} = 몫 수}}`에 적고 다시 수집하세요.",
        )
    return 1


def _of_hami(pod: Pod, state: PodState) -> Fraction | None:
    """The boards that HAMi says a pod holds; None where the pod is none of HAMi's."""
    first_ms = pod.first_ms if pod.first_ms is not None else 0
    last_ms = pod.alive_ms if pod.alive_ms is not None else first_ms
    share = state.shares.of(pod.namespace, pod.name, first_ms, last_ms)
    parts = {resource for _, resource in [*pod.requests, *pod.init]} & hami.PARTS
    if share is None and parts:
        raise HoldError(
            f"requests {', '.join(sorted(parts))}, and HAMi does not tell its share",
            "unknown_share",
            BOARD,
            "GPU 일부를 요청한 파드의 몫을 모릅니다. HAMi 스케줄러의 지표를 같은"
            " 프로메테우스로 모으고 다시 수집하세요.",
        )
    return share


def milli_of_fraction(pod: Pod, state: PodState) -> int:
    """Devices held, in thousandths, by a pod whose annotations tell a fraction or memory of KAI."""
    devices = _number(pod, DEVICES) if pod.annotations.get(DEVICES) else Decimal(1)
    if devices < 1 or devices != devices.to_integral_value():
        raise HoldError(f"has no whole number of devices in {DEVICES}")
    if pod.annotations.get(FRACTION):
        fraction = Fraction(_number(pod, FRACTION))
    else:
        board = _board_mib(state.nodes.get(pod.node, {}), state.options)
        hundredths = math.ceil(Fraction(_number(pod, MEMORY)) * 100 / board)  # as KAI rounds
        fraction = Fraction(hundredths, 100)
    if not 0 < fraction <= 1:
        raise HoldError("has a fraction that is not above 0 and 1 at most")
    return _milli(fraction * int(devices))


def _number(pod: Pod, annotation: str) -> Decimal:
    number = exact_numbers.number(pod.annotations[annotation])
    if number is None:
        raise HoldError(f"has {pod.annotations[annotation]!r} in {annotation}, which is no number")
    return number


def _board_mib(labels: Labels, options: Kubernetes) -> int:
    """The memory of a board as KAI takes it, in MiB."""
    said = labels.get(f"label_{BOARD}_memory", "")
    mib = int(said) if said.isascii() and said.isdigit() else options.board_mib
    mib -= mib % KAI_STEP_MIB
    if mib <= 0:
        raise HoldError(
            "holds memory of a board of which nobody says how much it has",
            "unknown_share",
            BOARD,
            "메모리로 나눈 GPU의 몫을 모릅니다. kube-state-metrics가 노드 레이블"
            " nvidia.com/gpu.memory를 내보내게 하거나 site.toml의 `board_mib`에 적고 다시"
            " 수집하세요.",
        )
    return mib


def _milli(devices: Fraction) -> int:
    milli = int(devices * 1000)
    if milli == 0:
        raise HoldError("holds less than a thousandth of a device")
    return milli
