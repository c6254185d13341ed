"""Whose rows an input has: Slurm's accounting answers for every cluster of its database at once."""

from collections.abc import Sequence
from dataclasses import replace

from metering.settings.sections import Cluster
from metering.settings.source_options.slurm import SlurmOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.reading.batch import Batch, Note
from metering.sources.slurm.runs import NoRowError, RefusedRunError

CUT_OFF = "+"  # what Slurm writes behind a name that its column has no room for


class ClusterNames:
    """The names of clusters that the inputs of a source have, and which rows are taken of them.

    `name` is what our cluster is called there; '' where nobody says it.
    """

    def __init__(self, name: str = "") -> None:
        self._name = name
        self._seen: dict[str, None] = {}  # the names that rows had, in their order
        self._own = 0  # rows of the name that is ours

    def admit(self, name: str | None) -> None:
        """Take note of the cluster that a row names (None: it has no such column).

        NoRowError for a row of another cluster; RefusedRunError for one that does not say whose
        it is, where site.toml says how ours is called.
        """
        name = (name or "").strip()
        if name:
            self._seen[name] = None
        if not self._name:
            return
        if name.lower() == self._name.lower():  # Slurm writes small letters, whatever it was given
            self._own += 1
            return
        if not name:
            raise RefusedRunError(
                f"names no cluster, and slurm_cluster is {self._name!r}: take the column Cluster"
            )
        if name.endswith(CUT_OFF) and self._name.startswith(name.removesuffix(CUT_OFF)):
            raise RefusedRunError(f"its cluster {name!r} is cut off: take --parsable2")
        raise NoRowError("other_cluster")

    def settled(self, batches: Sequence[Batch], cluster: Cluster, source: str) -> list[Batch]:
        """The batches of a source; all without rows, and told, where they are of several clusters
        and nobody says which is ours (METERING 34). That none is of ours is told too, save of
        events, of which there may be none."""
        names = ", ".join(self._seen)
        if self._name:
            if self._own or not self._seen or batches[0].record == "node_state":
                return list(batches)
            note = Note("fail", "cluster_not_seen", source, self._not_seen(cluster, source, names))
            return [replace(batch, notes=(*batch.notes, note)) for batch in batches]
        if len(self._seen) < 2:
            return [replace(batch, clusters=frozenset(self._seen)) for batch in batches]
        note = Note(
            "fail",
            "several_clusters",
            source,
            f"{cluster.title}: {source}의 자료에 클러스터가 여럿({names}) 들어 있는데 어느 것이"
            " 이 클러스터인지 적혀 있지 않아 아무 행도 들이지 않았습니다. site.toml의 이 원천에"
            f' slurm_cluster = "{next(iter(self._seen))}"처럼 적고 다시 수집하세요.',
        )
        return [_emptied(batch, note) for batch in batches]

    def _not_seen(self, cluster: Cluster, source: str, names: str) -> str:
        return (
            f"{cluster.title}: {source}의 자료에 slurm_cluster {self._name!r}의 행이 하나도 없고"
            f" 다른 클러스터({names})의 행만 있습니다. 이름이 맞는지 확인하세요."
        )


def _emptied(batch: Batch, note: Note) -> Batch:
    skipped = dict(batch.skipped)
    if batch.taken:
        skipped["several_clusters"] = batch.taken
    nothing = batch.table.slice(0, 0)
    return replace(
        batch, table=nothing, places=(), corrections=None, skipped=skipped, notes=(note,), taken=0
    )


def name_of(source: SourceConfig, cluster: Cluster) -> str:
    """How our cluster is called in a source: as the source says, else as all others of it do."""
    own = _stated(source)
    others = {name for other in cluster.sources if (name := _stated(other))}
    return own or (others.pop() if len(others) == 1 else "")


def _stated(source: SourceConfig) -> str:
    return source.options.slurm_cluster if isinstance(source.options, SlurmOptions) else ""
