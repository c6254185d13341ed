"""The bundle of an adjustment: what stood, what stands after it, and all that was in between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from billing.bundle.bundle import FORMAT, Bundle, inputs_of, path_of, put, read_bundle, result_of
from billing.bundle.bundle import records_of as records
from billing.bundle.versions import versions
from billing.ledger.adjustment_ledger import Adjustment
from billing.ledger.amendments import Amendment, AmountDifference, ClaimRestatement, Key
from billing.records import Claim
from billing.rerating.correction import Correction, Ground, correct, documents_of, truth_of
from billing.rerating.rerate_company import Cause
from billing.rerating.standing_month import RatedOtherwise, Stood, rated_otherwise
from billing.rulebook.amendment_reasons import Kind
from billing.subsidy.balance import Balance
from metering.lake.lake import Lake

BY_PROGRAM = "by_program"  # of an index: what only the program makes otherwise; most have none


@dataclass(frozen=True, slots=True)
class Recomputed:
    """An adjustment out of its bundle: what it was said to change, and the same computed again."""

    differences: tuple[AmountDifference, ...]
    claims: tuple[ClaimRestatement, ...]
    documents: tuple[Amendment, ...]  # without numbers
    correction: Correction


def write_adjustment(
    lake: Lake, correction: Correction, documents: Sequence[Amendment], bundles: Mapping[str, str]
) -> str:
    """Write what an adjustment follows from beside its months' own bundles; gives its digest."""
    ground, comparison = correction.ground, correction.comparison
    parts: dict[str, object] = {
        "before": ground.before,
        "opening": ground.opening.to_document(),
        "chains": documents_of(ground, comparison.stages),
        "differences": comparison.differences,
        "claims": comparison.claims,
        "amendments": documents,
    }
    if correction.by_program:
        parts[BY_PROGRAM] = [rated for month in ground.stood for rated in month.otherwise]
    index = {
        "format": FORMAT,
        "adjustment": ground.sequence,
        "cascade": correction.cascade,
        "kinds": correction.kinds,
        **({"printed": correction.printed} if correction.printed else {}),
        "digest": correction.digest,
        "previous": ground.previous,
        "months": [
            {"month": month, "stood": before, "stands": bundles[month]}
            for month, before in zip(ground.months, ground.bundles, strict=True)
        ],
        "documents": {name: put(lake, part) for name, part in parts.items()},
        "versions": versions(),
    }
    return put(lake, index)


def recompute(lake: Lake, done: Adjustment) -> Recomputed:
    """An adjustment computed again from its bundle and those that it names."""
    bundle = read_bundle(lake, done.bundle)
    where, parts = path_of(done.bundle), bundle.documents
    kinds = cast("Mapping[Cause, Kind]", bundle.index["kinds"])
    printed = tuple(bundle.index.get("printed", ()))
    again = correct(_ground(lake, bundle), bundle.index["cascade"], kinds, printed)
    return Recomputed(
        records(AmountDifference, parts["differences"], f"{where}: differences"),
        records(ClaimRestatement, parts["claims"], f"{where}: claims"),
        records(Amendment, parts["amendments"], f"{where}: amendments"),
        again,
    )


def months_named(bundle: Bundle) -> list[tuple[str, str, str]]:
    """(month, the bundle that stood for it, the one that stands after the adjustment)."""
    return [(month["month"], month["stood"], month["stands"]) for month in bundle.index["months"]]


def stood_as(lake: Lake, digest: str) -> Stood:
    """What a bundle says of its month."""
    bundle = read_bundle(lake, digest)
    inputs = inputs_of(lake, bundle)
    return Stood(truth_of(inputs), result_of(lake, bundle, inputs))


def _ground(lake: Lake, bundle: Bundle) -> Ground:
    where, parts = path_of(bundle.digest), bundle.documents
    chains: dict[Key, list[Amendment]] = {}
    for record in records(Amendment, parts["chains"], f"{where}: chains"):
        chains.setdefault(record.key, []).append(record)
    named = months_named(bundle)
    otherwise = records(RatedOtherwise, parts.get(BY_PROGRAM, []), f"{where}: {BY_PROGRAM}")
    return Ground(
        sequence=bundle.index["adjustment"],
        months=tuple(month for month, _, _ in named),
        bundles=tuple(before for _, before, _ in named),
        stood=tuple(
            replace(stood_as(lake, before), otherwise=rated_otherwise(otherwise, month))
            for month, before, _ in named
        ),
        inputs=tuple(inputs_of(lake, read_bundle(lake, stands)) for _, _, stands in named),
        opening=Balance.from_document(parts["opening"]),
        previous=bundle.index["previous"],
        before=records(Claim, parts["before"], f"{where}: before"),
        chains=chains,
    )
