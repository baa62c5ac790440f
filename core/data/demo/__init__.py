"""The synthetic demo: tables drawn from statistics of the real ones, with keys that join and risk that is real."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.data.demo.applications import draw_applications
from core.data.demo.fitted.profile import Profile, load, save
from core.data.demo.tables import DemoTables, write_tables, write_test_tables

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DemoTables", "Profile", "draw_applications", "fit", "load", "save", "write_tables", "write_test_tables"]


def fit(folder: Path) -> Profile:
    """Measures the profile on a folder of real tables and writes it beside this module.

    Needs scikit-learn (the `train` extra).

    Args:
        folder: holds `application_train.csv.gz` (or `.csv`, `.parquet`) and the other tables of the real sample.

    Raises:
        FileNotFoundError: a table is not in the folder.
    """
    from core.data.demo.fitted.sample import fit_folder  # scikit-learn is only installed where models are trained

    return fit_folder(folder)
