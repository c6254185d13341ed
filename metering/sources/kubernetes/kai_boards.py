"""Boards that KAI holds for fractions of pods: no board is held twice, none for nobody."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from metering.calendar import Calendar, Period
from metering.sources.kubernetes.lifetime import Life
from metering.sources.kubernetes.pod_state import Pod
from metering.sources.reading.batch import Note

BOARD_MILLI = 1000


class KaiBoards:
    """The reservation pods of nodes, and the fractions of groups, each of which is a board."""

    def __init__(self) -> None:
        self._reserved: dict[str, list[Life]] = defaultdict(list)
        self._by_node: dict[str, list[Life]] = defaultdict(list)
        self._by_group: dict[str, list[tuple[Life, int]]] = defaultdict(list)

    def reserve(self, pod: Pod, life: Life) -> None:
        """A board of the pod's node is held for fractions."""
        self._reserved[pod.node].append(life)

    def share(self, pod: Pod, life: Life, milli: int) -> None:
        """A fraction of a board is held, in thousandths."""
        self._by_node[pod.node].append(life)
        if pod.group and milli <= BOARD_MILLI:
            self._by_group[pod.group].append((life, milli))

    def notes(self, title: str, calendar: Calendar, window: Period) -> Iterator[Note]:
        """A board reserved while no fraction of its node is known; a group of more than a board."""
        for node, reserved in sorted(self._reserved.items()):
            for life in reserved:
                if any(_meet(life, other) for other in self._by_node[node]):
                    continue
                text = (
                    f"{title}: 노드 {node}의 GPU를 KAI가 나눠 쓰도록 잡고 있는데 누가 얼마를"
                    " 쓰는지 모릅니다. kube-state-metrics에"
                    " --metric-annotations-allowlist=pods=[gpu-fraction,gpu-memory,"
                    "gpu-fraction-num-devices]를 주고 다시 수집하세요."
                )
                day = _day(life.start_ms, calendar, window)
                yield Note("fail", "unknown_share", node, text, day)
                break
        for group, shares in sorted(self._by_group.items()):
            most, at_ms = _most(shares)
            if most > BOARD_MILLI:
                text = (
                    f"{title}: KAI 그룹 {group}이(가) 장치 하나를 넘게 나눠 썼습니다"
                    f"({most:,}/1,000). 파드의 gpu-fraction 기록을 확인하세요."
                )
                day = _day(at_ms, calendar, window)
                yield Note("fail", "shares_over_device", group, text, day)


def _meet(life: Life, other: Life) -> bool:
    ends = life.end_ms is None or other.start_ms < life.end_ms
    return ends and (other.end_ms is None or life.start_ms < other.end_ms)


def _most(shares: Sequence[tuple[Life, int]]) -> tuple[int, int]:
    """The most that was held at once, and since when."""
    edges = [(life.start_ms, milli) for life, milli in shares]
    edges += [(life.end_ms, -milli) for life, milli in shares if life.end_ms is not None]
    level, most, since_ms = 0, 0, 0
    for at_ms, change in sorted(edges):
        level += change
        if level > most:
            most, since_ms = level, at_ms
    return most, since_ms


def _day(at_ms: int, calendar: Calendar, window: Period) -> date:
    return calendar.day_of(min(max(at_ms, window.start_ms), window.end_ms - 1))
