"""The loader of every YAML file: libyaml's, which reads the same ten times faster."""

try:
    from yaml import CSafeLoader as PlainLoader
except ImportError:  # a PyYAML that was built without libyaml; its wheels have it
    from yaml import SafeLoader as PlainLoader  # type: ignore[assignment]

__all__ = ["PlainLoader"]
