"""The model of accelerators that a scheduler counts without a type."""

import re
from collections.abc import Iterator, Mapping

from metering.settings.sections import Cluster

BRACKET = re.compile(r"([^\[\]]*)\[([0-9,\-]+)\](.*)", re.ASCII)
NODES_MAX = 20_000  # of one list; a longer one is no list of hosts


class Models:
    """Models by node, by partition and of the whole cluster, as site.toml names them."""

    def __init__(self, cluster: Cluster) -> None:
        self._by_node: Mapping[str, str] = cluster.node_models
        self._by_partition: Mapping[str, str] = cluster.partition_models
        self._of_all = cluster.model
        self._known: dict[tuple[str, str], str] = {}

    def of(self, partition: str, nodes: str) -> str:
        """The model of the nodes if they agree on one, else of the partition, else the cluster's
        own; '' where site.toml names none of them."""
        key = (partition, nodes)
        if key not in self._known:
            known = self._of_nodes(nodes) or self._by_partition.get(partition, "")
            self._known[key] = known or self._of_all
        return self._known[key]

    def _of_nodes(self, nodes: str) -> str:
        if not self._by_node or not nodes:
            return ""
        models = {self._by_node.get(node, "") for node in expanded(nodes)}
        return models.pop() if len(models) == 1 else ""


def expanded(nodes: str) -> Iterator[str]:
    """The hosts of a Slurm host list: gpu[01-03,07] is gpu01, gpu02, gpu03 and gpu07."""
    count = 0
    for part in _split(nodes):
        for node in _hosts(part):
            count += 1
            if count > NODES_MAX:
                return
            yield node


def _split(nodes: str) -> Iterator[str]:
    """The parts between commas that stand outside brackets."""
    depth, start = 0, 0
    for position, character in enumerate(nodes):
        if character in "[]":
            depth += 1 if character == "[" else -1
        elif character == "," and depth == 0:
            yield nodes[start:position]
            start = position + 1
    yield nodes[start:]


def _hosts(part: str) -> Iterator[str]:
    bracket = BRACKET.fullmatch(part)
    if bracket is None:
        if part:
            yield part
        return
    before, ranges, after = bracket.groups()
    for part_range in ranges.split(","):
        first, _, last = part_range.partition("-")
        if not first or (last and not last.isdigit()):
            continue
        for value in range(int(first), int(last or first) + 1):
            for rest in _hosts(after) if after else [""]:
                yield f"{before}{value:0{len(first)}d}{rest}"
