"""The model of accelerators that a scheduler counts without a type."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice, product, zip_longest
from math import prod

from metering.settings.sections import Cluster

BRACKETS = re.compile(r"\[([^\[\]]*)\]")
NUMBERS = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)
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
    """The hosts of a Slurm host list: gpu[01-03,07] is gpu01, gpu02, gpu03 and gpu07. What is
    written otherwise, or would be more hosts than there are, is one host of that whole name."""
    count = 0
    for part in _split(nodes):
        hosts = list(islice(_hosts(part), NODES_MAX - count + 1))
        count += len(hosts)
        if count > NODES_MAX:
            hosts, count = [part], count - len(hosts) + 1
        yield from hosts


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
    """The hosts of one part; itself where its brackets hold no numbers."""
    texts = BRACKETS.split(part)  # every other one stood in brackets
    numbers = [_numbers(text) for text in texts[1::2]]
    if not part:
        return
    if any(own is None for own in numbers) or any(set(text) & {"[", "]"} for text in texts[::2]):
        yield part
        return
    sizes = [sum(len(values) for values, _ in own or ()) for own in numbers]
    if prod(sizes) > NODES_MAX:
        yield part
        return
    written = [[f"{n:0{width}d}" for values, width in own or () for n in values] for own in numbers]
    for chosen in product(*written):
        yield "".join(chain.from_iterable(zip_longest(texts[::2], chosen, fillvalue="")))


def _numbers(text: str) -> list[tuple[range, int]] | None:
    """The numbers of a bracket with their least width; None where it holds anything else."""
    numbers = []
    for piece in text.split(","):
        ends = NUMBERS.fullmatch(piece)
        if ends is None or int(ends[2] or ends[1]) < int(ends[1]):
            return None
        numbers.append((range(int(ends[1]), int(ends[2] or ends[1]) + 1), len(ends[1])))
    return numbers
