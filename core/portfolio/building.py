"""The building of a portfolio: applications scored, and stored with the numbers that sum them up."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from core import catalogue, outputs
from core.catalogue.ages import days_per_year
from core.contract.clients.lists import Dataset, Spread
from core.features import history_names
from core.features.assembly import with_all_columns
from core.portfolio.clients import (
    DataDescription,
    clients_file,
    history_file,
    profile_file,
    summary_file,
)
from core.portfolio.drawn_clients import draw_tables, is_synthetic, read_clients
from core.portfolio.fingerprint import fingerprint
from core.portfolio.history_tables import history_files, store_history
from core.reference.profiling import profile

if TYPE_CHECKING:
    from core.model.artefacts import ModelInfo
    from core.scoring import Scorer

# Raised when what is stored changes, so that an older portfolio is built anew.
_layout_version: Final = 6
# Small enough that reading one client decodes few others, large enough that 300,000 have few groups to look through:
# read in 4 ms among 10,000 clients, in 10 ms among 307,511 (1,000 rows a group: 3 and 17 ms).
_row_group_size: Final = 2000
_seed: Final = 0


def build(folder: Path, applications: pl.DataFrame, scorer: Scorer, *, synthetic: bool, made_of: str = "") -> None:
    """Scores applications and stores them as the portfolio.

    Args:
        folder: where to write; what was there is replaced once the whole is written.
        applications: typed application columns, with or without `TARGET`, and history features; `SK_ID_CURR` unique.
        synthetic: whether the rows were drawn rather than observed; every reader is told.
        made_of: where the rows come from, for `is_current`.
    """
    with outputs.replacing_folder(folder, last=summary_file) as stage:
        _store(stage, applications, scorer, synthetic=synthetic, made_of=made_of)


def _store(folder: Path, applications: pl.DataFrame, scorer: Scorer, *, synthetic: bool, made_of: str) -> None:
    ordered = applications.sort("SK_ID_CURR")
    raw = [column.name for column in catalogue.columns() if column.name in ordered.columns]
    scored = ordered.with_columns(probability=pl.Series(scorer.probabilities(ordered)))
    scored.write_parquet(folder / clients_file, row_group_size=_row_group_size, compression="zstd")
    np.save(folder / history_file, with_all_columns(ordered).select(history_names()).to_numpy().astype(np.float64))
    summed_up = profile(
        ordered,
        scored["probability"].to_numpy(),
        scorer.model.optimal_threshold,
        origin="demo" if synthetic else "real",
        cost_fn=scorer.model.cost_fn,
        cost_fp=scorer.model.cost_fp,
    )
    (folder / profile_file).write_bytes(summed_up.to_json())
    stored = {
        "layout": _layout_version,
        "made_for": _made_for(scorer.model.data_fingerprint, made_of),
        "fingerprint": fingerprint(ordered),
        "threshold": scorer.model.optimal_threshold,
        "summary": _summarise(ordered.select(raw), synthetic=synthetic).model_dump(),
        "describe": asdict(_describe(ordered.select(raw))),
    }
    (folder / summary_file).write_text(json.dumps(stored, ensure_ascii=False) + "\n", encoding="utf-8")


def build_from(tables_dir: Path, folder: Path, scorer: Scorer, clients: int, made_of: str = "") -> int:
    """Stores clients of a folder of tables, with their history, as the portfolio.

    Args:
        tables_dir: holds `application_train` and, as Parquet, side tables (see
            `core.portfolio.drawn_clients.read_clients`).
        folder: where to write; what was there is replaced once the whole is written.
        clients: how many to take at most, drawn evenly and always the same.
        made_of: says where they come from, for `is_current`.

    Returns:
        How many clients there are.

    Raises:
        core.tables.sources.TableError: where the application table cannot be used.
    """
    applications = read_clients(tables_dir)
    if applications.height > clients:
        applications = applications.sample(clients, seed=_seed)
    with outputs.replacing_folder(folder, last=summary_file, owned=history_files()) as stage:
        store_history(tables_dir, stage, applications["SK_ID_CURR"])
        _store(stage, applications, scorer, synthetic=is_synthetic(tables_dir), made_of=made_of)
    return applications.height


def build_demo(folder: Path, scorer: Scorer, clients: int, seed: int = 0) -> None:
    """Draws synthetic clients with their history and stores them as the portfolio."""
    with tempfile.TemporaryDirectory() as drawn:
        draw_tables(Path(drawn), clients, seed)
        build_from(Path(drawn), folder, scorer, clients, demo_origin(clients))


def demo_origin(clients: int) -> str:
    """What `is_current` is to be asked for: that many demo clients."""
    return f"demo/{clients}"


def tables_origin(tables_dir: Path, clients: int) -> str:
    """What `is_current` is to be asked for: that many clients of the tables in a folder, as they are now.

    Raises:
        OSError: where there are no applications.
    """
    stat = (tables_dir / "application_train.parquet").stat()
    return f"tables/{stat.st_size}/{stat.st_mtime_ns}/{clients}"


def is_current(folder: Path, model: ModelInfo, made_of: str) -> bool:
    """Whether the folder holds the portfolio that `made_of` means, scored by that model."""
    try:
        stored = json.loads((folder / summary_file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (
        stored.get("layout") == _layout_version
        and stored.get("made_for") == _made_for(model.data_fingerprint, made_of)
        and all((folder / name).is_file() for name in (clients_file, history_file, profile_file))
    )


def _made_for(model: str, made_of: str) -> str:
    return f"{model}/{made_of}"


def _summarise(applications: pl.DataFrame, *, synthetic: bool) -> Dataset:
    def spread(values: pl.Series) -> Spread:
        known = values.drop_nulls().to_numpy()
        low, median, high = np.quantile(known, [0.05, 0.5, 0.95])
        return Spread(
            mean=float(known.mean()),
            median=float(median),
            p5=float(low),
            p95=float(high),
            minimum=float(known.min()),
            maximum=float(known.max()),
            missing=values.null_count() / len(values),
        )

    gender = applications["CODE_GENDER"].value_counts(normalize=True, sort=True)
    return Dataset(
        n_clients=applications.height,
        n_columns=applications.width,
        default_rate=_mean(applications, "TARGET"),
        income=spread(applications["AMT_INCOME_TOTAL"]),
        credit=spread(applications["AMT_CREDIT"]),
        age=spread(-applications["DAYS_BIRTH"] / days_per_year),
        children=spread(applications["CNT_CHILDREN"]),
        ext_source_1=spread(applications["EXT_SOURCE_1"]),
        ext_source_2=spread(applications["EXT_SOURCE_2"]),
        ext_source_3=spread(applications["EXT_SOURCE_3"]),
        gender=dict(gender.iter_rows()),
        synthetic=synthetic,
    )


def _mean(applications: pl.DataFrame, name: str) -> float | None:
    return float(applications[name].mean()) if name in applications.columns else None  # type: ignore[arg-type]


def _describe(applications: pl.DataFrame) -> DataDescription:
    known = {column.name for column in catalogue.columns()}
    numbers = [name for name in applications.columns if name in known and applications[name].dtype.is_numeric()]
    labels = {"null_count": None, "count": "count", "mean": "mean", "std": "std", "min": "min", "max": "max"}
    table = applications.select(numbers).describe(interpolation="linear")
    describe: dict[str, dict[str, float | None]] = {}
    for name in numbers:
        by_statistic = dict(zip(table["statistic"], table[name], strict=True))
        describe[name] = {
            labels.get(key, key) or key: value for key, value in by_statistic.items() if key != "null_count"
        }
    return DataDescription(
        n_rows=applications.height,
        n_columns=applications.width,
        describe=describe,
        missing={name: applications[name].null_count() for name in applications.columns},
        target_distribution=(
            {str(key): count for key, count in applications["TARGET"].value_counts().sort("TARGET").iter_rows()}
            if "TARGET" in applications.columns
            else {}
        ),
    )
