"""The part of the model card that says what a recalibration did, from the stored evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from core import catalogue
from core.model.evidence.intervals import Interval
from core.text.markdown_table import markdown_table

if TYPE_CHECKING:
    from collections.abc import Mapping

_rows: Final = {"demo": "synthetic clients", "real": "real clients"}


def recalibrated_on(report: Mapping[str, Any]) -> str:
    """The line of the card's first table, with its line break; nothing where the model was not recalibrated."""
    stored = report.get("recalibration")
    if stored is None:
        return ""
    return (
        f"\n| recalibrated | on {stored['n_rows']:,} applications of {_rows[stored['origin']]}, of whom "
        f"{stored['n_defaults']:,} defaulted |"
    )


def recalibration_section(report: Mapping[str, Any]) -> list[str]:
    """The section, as Markdown; none where the model was not recalibrated."""
    stored = report.get("recalibration")
    if stored is None:
        return []
    before, after = stored["before"], stored["after"]
    figures = [
        ("slope", Interval(**before["slope"]).text(3), Interval(**after["slope"]).text(3)),
        ("mean predicted", f"{before['mean_predicted']:.2%}", f"{after['mean_predicted']:.2%}"),
        ("expected calibration error", f"{before['calibration_error']:.4f}", f"{after['calibration_error']:.4f}"),
        ("log loss", f"{before['log_loss']:.4f}", f"{after['log_loss']:.4f}"),
        ("AUC", f"{before['auc']:.4f}", f"{after['auc']:.4f}"),
    ]
    segments = [
        (
            f"{catalogue.entry(segment['feature']).label_en}: {segment['label']}",
            f"{segment['n_rows']:,}",
            f"{segment['n_defaults']:,}",
            f"{segment['offset']:+.3f}",
            Interval(**segment["before"]).text(3) if segment["before"] else "",
            Interval(**segment["after"]).text(3) if segment["after"] else "",
        )
        for segment in stored["segments"]
    ]
    gain, rate = stored["log_loss_gain"], stored["n_defaults"] / stored["n_rows"]
    return [
        f"""## Recalibration

The log-odds became {stored["slope"]:.3f} times what they were, {stored["intercept"]:+.3f}, and an offset of each
segment that is shrunk towards 0. *After* is cross-fitted: each application is judged by an adjustment that was fitted
without it. Observed defaults were {rate:.2%}. Of a model without fault, {stored["p_value"]:.1%} of samples would ask
for as much. The log loss is lower by {gain["estimate"]:.5f} ({gain["low"]:+.5f} to {gain["high"]:+.5f}). Intervals are
of 95 %.

{markdown_table(("", "before", "after"), figures)}

Observed defaults over predicted ones, 1 where predictions hold:

{markdown_table(("segment", "clients", "defaults", "offset", "before", "after"), segments)}

What the trees do (missing values, small changes, stability, simpler and freer models) was measured when they were
grown, before the recalibration."""
    ]
