"""Measures reasons on demo clients and on real rows: `python -m benchmarks.reasons [--clients N] [--sample DIR]`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.measured import Figure, report
from benchmarks.reasons.measures import Slots, members
from core.application import Application
from core.catalogue.concepts import concepts
from core.explain.concepts import concept_totals, reasons
from core.portfolio.drawn_clients import draw_tables, read_clients
from core.scoring import Scorer
from core.settings import root, settings
from core.tables.sources import read_table
from runtime.console import note

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from numpy.typing import NDArray

_seed: Final = 1818
_others: Final = 4000
_first: Final = 3
_default_sample: Final = root.parent / "shared" / "data" / "real_sample"


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark and returns 0; whether a goal is met is for the reader to judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reasons", description=__doc__)
    parser.add_argument("--clients", type=int, default=1000, help="how many of each kind")
    parser.add_argument(
        "--sample", type=Path, default=_default_sample, help="folder of the real sample, if there is one"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    namespace = parser.parse_args(arguments)
    scorer = Scorer.load(settings().models_dir)
    with tempfile.TemporaryDirectory() as folder:
        draw_tables(Path(folder), namespace.clients + _others, _seed)
        drawn = read_clients(Path(folder))
    others = scorer.artefacts.preprocessor.transform(drawn[namespace.clients :])
    figures = list(_figures("demo clients", drawn[: namespace.clients], others, scorer))
    if namespace.sample.is_dir():
        rows = read_table(namespace.sample, "application_train")
        sampled = rows.sample(min(namespace.clients, rows.height), seed=_seed)
        figures += _figures("real rows, application columns only", sampled, others, scorer)
    else:
        note(f"no real rows: there is no folder {namespace.sample}")
    report("Reasons that a client is told", figures, namespace.json)
    return 0


def _figures(kind: str, rows: pl.DataFrame, others: NDArray[np.float64], scorer: Scorer) -> Iterator[Figure]:
    matrix = scorer.artefacts.preprocessor.transform(rows)
    refused = scorer.probabilities(rows) >= scorer.model.optimal_threshold
    slots, against = Slots(), []
    for row, values in zip(matrix, rows.drop("SK_ID_CURR", "TARGET", strict=False).iter_rows(named=True), strict=True):
        known = {name: value for name, value in values.items() if value is not None}
        totals = concept_totals(scorer.explain(Application(known)).contributions, "en")
        slots.add([total for total in totals if total.text is not None], known, row, others)
        against.append([total.concept for total in reasons(totals, "against")])
    for example in slots.examples[:5]:
        note(f"{kind}: {example}")
    yield Figure(f"{kind}: clients, reasons said", f"{slots.clients:,}, {slots.reasons:,}")
    yield Figure(f"{kind}: sentences on their contrary side", str(slots.contrary), "0")
    yield Figure(f"{kind}: concepts said twice, on both sides", f"{slots.twice}, {slots.both_sides}", "0, 0")
    yield Figure(f"{kind}: sentences about a concept as a whole", f"{slots.neutral_share:.2%}", "< 2 %")
    yield Figure(f"{kind}: sentences about a value that is not known", str(slots.missing), "0")
    chosen = [keys[:_first] for keys, is_refused in zip(against, refused, strict=True) if is_refused]
    accepted = matrix[~refused]
    at_random = np.random.default_rng(_seed).integers(0, len(accepted), len(chosen))
    typical = typical_donors(accepted, scorer)
    for whose, donors, goal in (
        ("that of an accepted client who is typical in it", [typical] * len(chosen), ">= 97 %"),
        ("that of any accepted client", [dict.fromkeys(typical, donor) for donor in at_random.tolist()], ""),
    ):
        share = accepted_with(chosen, donors, matrix[refused], accepted, scorer)
        name = f"{kind}: of {len(chosen)} refused, accepted with each of the first {_first} concepts against as {whose}"
        yield Figure(name, f"{share:.1%}", goal)


def typical_donors(accepted: NDArray[np.float64], scorer: Scorer) -> dict[str, int]:
    """By concept, the accepted client to whom it contributes what it does to the middle one of them.

    Args:
        accepted: float64 (n_clients, n_features).
    """
    contributions = np.asarray(scorer.artefacts.booster.predict(accepted, pred_contrib=True))
    return {
        key: int(np.argsort(contributions[:, members([key])].sum(axis=1), kind="stable")[len(accepted) // 2])
        for key in concepts()
    }


def accepted_with(
    chosen: list[list[str]],
    donors: list[dict[str, int]],
    refused: NDArray[np.float64],
    accepted: NDArray[np.float64],
    scorer: Scorer,
) -> float:
    """Share of the refused who are accepted once those concepts are as those of accepted clients.

    Args:
        chosen: of each refused one, the concepts that are set.
        donors: of each refused one, by concept, the row of `accepted` whose values are taken.
        refused, accepted: float64 (n, n_features).
    """
    changed = refused.copy()
    for place, keys in enumerate(chosen):
        for key in keys:
            own = members([key])
            changed[place, own] = accepted[donors[place][key], own]
    probabilities = np.asarray(scorer.artefacts.booster.predict(changed)) if len(changed) else np.empty(0)
    return float((probabilities < scorer.model.optimal_threshold).mean()) if len(changed) else 1.0


if __name__ == "__main__":
    raise SystemExit(main())
