"""Whose a series is: a server may hold several clusters, each under its name."""

from metering.errors import SourceError
from metering.sources.prometheus.decoded_series import Labels

# Labels under which servers that collect for several clusters keep their names.
USUAL = ("cluster", "cluster_name", "k8s_cluster", "k8s_cluster_name", "kubernetes_cluster")
SHOWN = 5


class ClusterLabel:
    """Tells our cluster's series from others', by the label and name that a source states.

    Where it states none, all series are taken for ours as long as they name one cluster.
    """

    def __init__(self, stated: tuple[str, str] | None, url: str) -> None:
        self._stated, self._url = stated, url
        self._names: dict[str, set[str]] = {label: set() for label in USUAL}

    @property
    def text(self) -> str:
        """` of cluster="prod"`, as a message says it; '' where no name was stated."""
        return "" if self._stated is None else f' of {self._stated[0]}="{self._stated[1]}"'

    def ours(self, labels: Labels) -> bool:
        """Whether a series is of our cluster, as far as is known."""
        if self._stated is not None:
            label, name = self._stated
            return labels.get(label, "") == name
        for label, names in self._names.items():
            names.add(labels.get(label, ""))
        return True

    def refuse_several(self) -> None:
        """SourceError where several names were seen, and nobody said which is ours."""
        for label, names in self._names.items():
            if len(names) > 1:
                shown = ", ".join(repr(name) for name in sorted(names)[:SHOWN])
                raise SourceError(
                    f"{self._url} has series of several clusters, {label} is {shown}: say which is"
                    f' this one, with its name in `cluster_label = {{{label} = "..."}}`'
                )
