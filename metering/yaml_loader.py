"""The loader of every YAML file: libyaml's, which reads the same ten times faster."""

from collections.abc import Hashable
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as PlainLoader
except ImportError:  # a PyYAML that was built without libyaml; its wheels have it
    from yaml import SafeLoader as PlainLoader  # type: ignore[assignment]

__all__ = ["PlainLoader", "read_strictly"]


class _Strict(PlainLoader):
    """YAML whose keys are text as written (`null` too) and cannot be written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping, by its keys' own text."""
        names = [str(key.value) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                line = node.start_mark.line + 1
                raise yaml.YAMLError(f"line {line}: {name!r} is written twice")
        return {str(key.value): self.construct_object(body, deep=True) for key, body in node.value}


def read_strictly(text: str) -> Any:
    """A document whose keys are each written once; YAMLError where it is none."""
    return yaml.load(text, Loader=_Strict)  # noqa: S506
