"""The `performance` command: how good decisions were, once their outcomes are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from commands.of_outcomes.on_record import on_record
from commands.of_outcomes.overrides import alarm, override_lines
from core import outputs
from core.model.errors import ArtefactError
from core.model.stored_evaluation import evaluation_at_hand
from core.outcomes.backtesting import performance
from core.settings import settings
from runtime.console import counted, failed, note, table
from runtime.model_source import model_source, note_stand_in

if TYPE_CHECKING:
    from argparse import Namespace

    from core.audit.engine import Database
    from core.contract.record.challenger import ChallengerComparison
    from core.contract.record.estimate import PerformanceEstimate
    from core.contract.record.performance import GroupPerformance, PerformanceAnswer

_widths: Final = (9, 9, 9, 21, 22, 8, 8, 10)
_no_estimate: Final = {
    "not_recalibrated": "the model in use was not recalibrated on outcomes of real clients",
    "no_evaluation": "the model in use came without its evaluation",
}
_heading: Final = ("known", "defaults", "rate", "95 % interval", "AUC", "cost", "cheapest", "p honest")


def run(namespace: Namespace) -> int:
    """Shows the performance by month, version, decider and segment; returns the exit code."""
    source = model_source(settings())
    try:
        model = source.load().model
        evaluation = evaluation_at_hand(source.folder())
    except (ArtefactError, OSError) as error:
        return failed(str(error))
    note_stand_in(source)

    def show(database: Database) -> int:
        answer = performance(database, model, evaluation=evaluation)
        if namespace.json is not None:
            try:
                outputs.write(namespace.json, answer.model_dump_json(indent=2).encode())
            except OSError as error:
                return failed(f"{namespace.json} cannot be written: {error.strerror or error}")
        if answer.whole is None:
            waiting = counted(answer.waiting, "decision waits for its own", "decisions wait for theirs")
            note(f"No outcome is known yet; {waiting}.")
            # Whether officers do more than confirm is known before any outcome.
            lines = estimate_lines(answer.estimate) + override_lines(answer)
            _show(lines + challenger_lines(answer.challenger), answer)
            return 0
        lines = [("Decisions", _columns(_heading))]
        lines += [
            (f"{group.value or 'all'}{' *' if group.is_early else ''}", _columns(_figures(group)))
            for group in answer.groups
        ]
        lines.append(("Waiting", f"{answer.waiting:,} accepted without an outcome"))
        for bounds in answer.hidden[:1]:
            area = "" if bounds.auc_low is None else f", an AUC of {bounds.auc_low:.3f} to {bounds.auc_high:.3f}"
            said = (
                f"{bounds.refused:,} whose outcome stays unknown: with them a rate of {bounds.default_rate_low:.2%} "
                f"to {bounds.default_rate_high:.2%}, a cost of {bounds.cost_low:.3f} to {bounds.cost_high:.3f}"
            )
            lines.append(("Refused", said + area))
        lines += estimate_lines(answer.estimate)
        lines += override_lines(answer) + challenger_lines(answer.challenger)
        _show(lines, answer)
        if answer.early:
            note("* more than a tenth of the month still waits: defaults are known first, so that rates are too high.")
        return 0

    return on_record(show)


def _show(lines: list[tuple[str, str]], answer: PerformanceAnswer) -> None:
    """The lines as a table, and what is conspicuous of the officers."""
    if lines:
        table(lines)
    checks = answer.override_checks
    for found in checks.alarms if checks else ():
        note(alarm(found))
    if checks and checks.alarms and checks.since:
        note(f"Officers and groups stand out in their decisions since {checks.since}.")


def estimate_lines(estimated: PerformanceEstimate | None) -> list[tuple[str, str]]:
    """What is to be expected of the decisions that wait, and how far such estimates were off; or why nothing is."""
    if estimated is None or estimated.state == "nothing_waits":
        return []
    if estimated.state != "estimated":
        return [("Estimated", f"nothing: {_no_estimate[estimated.state]}")]
    whole, off = estimated.figures[0], estimated.error
    area = "too few for an AUC" if whole.auc is None else f"an AUC of {whole.auc:.3f}"
    figures = f"a rate of {whole.default_rate:.2%}, {area}, a cost of {whole.cost:.3f}"
    said = f"of {whole.rows:,} that wait, {figures}, were the probabilities of {estimated.model_version} true"
    if off is None:
        return [("Estimated", said), ("Its error", "not known: no month of this model has enough outcomes yet")]
    months = counted(off.months, "past month")
    error = (
        f"in {months}: rate {off.default_rate:+.2%} (spread {off.default_rate_spread:.2%}), AUC "
        f"{off.auc:+.3f} ({off.auc_spread:.3f}), cost {off.cost:+.3f} ({off.cost_spread:.3f})"
    )
    return [("Estimated", said), ("Its error", error)]


def challenger_lines(compared: ChallengerComparison | None) -> list[tuple[str, str]]:
    """The challenger in shadow beside the model in use; nothing where none was asked."""
    if compared is None:
        return []
    agreement = f"{compared.agreement:.1%} [{compared.agreement_low:.1%}, {compared.agreement_high:.1%}]"
    applications = counted(compared.applications, "application")
    asked = (
        f"{compared.challenger_version} beside {compared.champion_version} on {applications}, "
        f"{compared.since:%Y-%m-%d} to {compared.until:%Y-%m-%d}"
        f"{'; it has ended: decisions went on without it' if compared.ended else ''}"
    )
    flips = (
        f"it would refuse {compared.would_refuse:,} accepted ones, and accept {compared.would_accept:,} refused ones"
    )
    expected = f"{compared.challenger_expected_cost:.4f} beside {compared.champion_expected_cost:.4f}"
    lines = [
        ("Challenger", asked),
        ("Agreement", f"{agreement}; {flips}"),
        ("Expected cost", f"{expected}, by the probabilities of each"),
    ]
    known = compared.outcomes
    if known is None:
        return lines
    costs = f"{known.challenger_cost:.4f} beside {known.champion_cost:.4f} on {counted(known.rows, 'known outcome')}"
    lines.append(("Realised cost", costs))
    if known.auc_difference is None:
        return [*lines, ("AUC difference", "too few outcomes")]
    low, high = known.auc_difference_low or 0.0, known.auc_difference_high or 0.0
    difference = (
        f"{_signed(known.auc_difference)} [{_signed(low)}, {_signed(high)}] "
        f"({known.challenger_auc:.4f} beside {known.champion_auc:.4f})"
    )
    if not compared.tells_apart and known.needed is not None and known.needed > known.rows:
        difference += f"; to tell as much from 0 takes about {known.needed:,} outcomes"
    selected = f"nearly all of what {compared.champion_version} accepted"
    return [*lines, ("AUC difference", difference), ("Outcomes known", selected)]


def _signed(value: float) -> str:
    return f"{value:+.4f}" if value else "0.0000"


def _figures(group: GroupPerformance) -> tuple[str, ...]:
    area = "too few" if group.auc is None else f"{group.auc:.3f} [{group.auc_low:.3f}, {group.auc_high:.3f}]"
    return (
        f"{group.rows:,}",
        f"{group.defaults:,}",
        f"{group.default_rate:.2%}",
        f"[{group.default_rate_low:.2%}, {group.default_rate_high:.2%}]",
        area,
        f"{group.cost:.3f}",
        "too few" if group.best_cost is None else f"{group.best_cost:.3f}",
        "too few" if group.calibration_p_value is None else f"{group.calibration_p_value:.2g}",
    )


def _columns(cells: tuple[str, ...]) -> str:
    return " ".join(f"{cell:>{width}}" for cell, width in zip(cells, _widths, strict=True))
