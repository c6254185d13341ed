"""HAMi: which part of a board a pod holds, by the names that each version has.

Up to 2.6 `vGPUPodsDeviceAllocated` is memory in bytes; 2.8 renames it and 2.9 again, where a core
"ratio" is still of a hundred. Labels changed as well (project-hami.io, metrics of the scheduler).
"""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from metering.sources.kubernetes.kube_state_metrics import KubeMetric, Said
from metering.sources.kubernetes.refusals import HoldError

Meaning = Literal["core", "bytes", "memory", "board"]
MEANINGS: dict[str, Meaning] = {
    "vGPUCorePercentage": "core",  # of a hundred
    "vGPUCoreAllocated": "core",
    "hami_vgpu_core_allocated_ratio": "core",
    "vGPUPodsDeviceAllocated": "bytes",
    "vGPUMemoryAllocated": "bytes",
    "hami_vgpu_memory_allocated_bytes": "bytes",
    "vGPUMemoryPercentage": "memory",  # of one
    "GPUDeviceMemoryLimit": "board",
    "hami_gpu_memory_limit_bytes": "board",
}
HAMI = KubeMetric(next(iter(MEANINGS)), others=tuple(MEANINGS)[1:])
# What a pod asks of HAMi beside the number of boards: it holds parts of them.
PARTS = frozenset(
    {"nvidia_com_gpumem", "nvidia_com_gpumem_percentage", "nvidia_com_gpucores"}
)  # fmt: skip
NO_DEVICES = frozenset({"nvidia_com_priority"})  # asked beside them, and nothing of a board
Place = tuple[str, str]  # a device, and the container that holds a part of it


class _Span(NamedTuple):
    first_ms: int
    last_ms: int
    value: Decimal | None


class HamiShares:
    """What HAMi said of pods, by their names, and of boards, by their uuid."""

    def __init__(self) -> None:
        self._boards: dict[str, Decimal] = {}
        self._pods: dict[tuple[str, str], dict[Place, dict[Meaning, list[_Span]]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(list))
        )

    def take(self, said: Said) -> None:
        """Take in a series; one of another name says nothing of shares."""
        meaning = MEANINGS.get(said.metric)
        if meaning is None:
            return
        device = _label(said, "deviceuuid", "device_uuid")
        at_ms, value = said.at_ms, said.last
        if meaning == "board":
            self._boards[device] = Decimal(0) if value is None else value
            return
        pod = _label(said, "podnamespace", "namespace"), _label(said, "podname", "pod")
        place = device, _label(said, "containeridx", "container_index")
        self._pods[pod][place][meaning].append(_Span(int(at_ms[0]), int(at_ms[-1]), value))

    def of(self, namespace: str, name: str, first_ms: int, last_ms: int) -> Fraction | None:
        """The boards that a pod of the name held in a time, None where HAMi knows none of it.

        Of every board the larger of its share of cores and of memory: cores may be 0 where memory
        is held. HoldError where it cannot be known.
        """
        places = self._pods.get((namespace, name))
        if places is None:
            return None
        shares = []
        for (device, _), by_meaning in places.items():
            values = {
                meaning: [span.value for span in several if _meet(span, first_ms, last_ms)]
                for meaning, several in by_meaning.items()
            }
            if any(values.values()):
                shares.append(self._share(device, {k: v[-1] for k, v in values.items() if v}))
        return sum(shares, Fraction(0)) if shares else None

    def _share(self, device: str, values: dict[Meaning, Decimal | None]) -> Fraction:
        parts = []
        core, held, memory = values.get("core"), values.get("bytes"), values.get("memory")
        board = self._boards.get(device)
        if core is not None:
            parts.append(Fraction(core) / 100)
        if held is not None and board:
            parts.append(Fraction(held) / Fraction(board))
        elif memory is not None:
            parts.append(Fraction(memory))
        elif held is not None:
            raise HoldError(
                f"holds memory of {device}, whose size HAMi does not tell",
                "unknown_share",
                device,
                "HAMi의 GPU 메모리 지표(hami_gpu_memory_limit_bytes)를 함께 모으고 다시 "
                "수집하세요.",
            )
        if not parts or min(parts) < 0 or max(parts) > 1:
            raise HoldError(f"holds a share of {device} that is not from 0 to 1")
        return max(parts)


def _label(said: Said, old: str, new: str) -> str:
    return said.labels.get(old) or said.label(new)


def _meet(span: _Span, first_ms: int, last_ms: int) -> bool:
    return span.first_ms <= last_ms and span.last_ms >= first_ms
