"""The loader of every YAML file: libyaml's, which reads the same ten times faster."""

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as PlainLoader
except ImportError:  # a PyYAML that was built without libyaml; its wheels have it
    from yaml import SafeLoader as PlainLoader  # type: ignore[assignment]

__all__ = ["DEEP", "PlainLoader", "read_strictly", "too_deep"]
DEPTH_MAX = 32
DEEP = f"lists and mappings stand within one another more than {DEPTH_MAX} deep"


class _Strict(PlainLoader):
    """YAML whose keys are text as written (`null` too) and cannot be written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping, by its keys' own text."""
        names = [str(key.value) for key, _ in node.value]
        for name, count in Counter(names).items():
            if count > 1:
                line = node.start_mark.line + 1
                raise yaml.YAMLError(f"line {line}: {name!r} is written twice")
        return {str(key.value): self.construct_object(body, deep=True) for key, body in node.value}


def read_strictly(text: str) -> Any:
    """A document whose keys are each written once; YAMLError where it is none."""
    if (line := too_deep(yaml.parse(text, Loader=PlainLoader))) is not None:
        raise yaml.YAMLError(f"line {line}: {DEEP}")
    return yaml.load(text, Loader=_Strict)  # noqa: S506


def too_deep(events: Iterable[yaml.Event]) -> int | None:
    """The line at which lists and mappings stand within one another too deep for a reader, which
    would end the whole program; None where they do not."""
    depth = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_MAX:
                return 1 + (event.start_mark.line if event.start_mark else 0)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None
