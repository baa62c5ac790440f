"""Sentences of recourse: what could be changed of an application, and what that does, in either language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import catalogue
from core.text.formats import format_amount, format_points, format_probability, format_score, format_share, format_value
from core.text.messages import message

if TYPE_CHECKING:
    from core.catalogue import Language
    from core.explain.what_if import Effect
    from core.recourse.plans import Change, Move, Option, Recourse


def option_text(option: Option, lang: Language) -> str:
    """What has to be done, and the decision that follows, as a sentence or two."""
    risk = format_probability(option.decision.probability, lang, option.decision.threshold)
    if option.narrow:
        points = format_points(option.buffer, lang)
        return f"{actions(option, lang)}{message('then_just_accepted', lang, probability=risk, points=points)}"
    accepted = "then_accepted" if option.decision.prediction == 0 else "then_still_refused"
    return f"{actions(option, lang)}{message(accepted, lang, probability=risk)}"


def margin_text(option: Option, lang: Language) -> str:
    """How far an accepted application could go."""
    (move,) = option.moves
    risk = format_probability(option.decision.probability, lang, option.decision.threshold)
    return f"{_capital(_action(move, lang))}{message('margin', lang, probability=risk)}"


def actions(option: Option, lang: Language) -> str:
    """What has to be done, without the decision: the moves of an option one after the other."""
    return _capital(message("then", lang).join(_action(move, lang) for move in option.moves))


def verdict(recourse: Recourse, lang: Language) -> str:
    """What the search came to, in one sentence or two; it ends with a colon where `different` is to follow."""
    if recourse.already_accepted:
        accepted = "recourse_never_refused" if recourse.never_refused else "recourse_no_margin"
        return message("recourse_accepted" if recourse.margins else accepted, lang)
    if recourse.options:
        return message("recourse_found", lang)
    if recourse.different is None:
        return _not_reached(recourse, lang)
    different = "recourse_different" if recourse.different else "recourse_no_difference"
    return f"{_not_reached(recourse, lang)} {message(different, lang)}"


def _not_reached(recourse: Recourse, lang: Language) -> str:
    if recourse.nearest is None:
        return message("recourse_nothing", lang)
    nearest, threshold = recourse.nearest.decision.probability, recourse.decision.threshold
    parts = {
        "probability": format_probability(nearest, lang, threshold),
        "threshold": format_probability(threshold, lang, nearest),
    }
    return message("recourse_not_reached", lang, **parts)


def effect_text(effect: Effect, lang: Language) -> str:
    """What one change of a simulation does to the risk."""
    entry = catalogue.entry(effect.field)
    parts = {
        "label": entry.label(lang),
        "before": format_value(entry, effect.before, lang),
        "after": format_value(entry, effect.after, lang),
    }
    points = format_points(effect.probability, lang)
    if effect.before == effect.after:
        return message("effect_same", lang, **parts)
    if points == format_points(0.0, lang):
        return message("effect_none", lang, **parts)
    return message("effect_up" if effect.probability > 0 else "effect_down", lang, points=points, **parts)


def _action(move: Move, lang: Language) -> str:
    amounts = {change.field: change for change in move.changes}
    if move.action == "documents":
        names = ", ".join(change.field.removeprefix("FLAG_DOCUMENT_") for change in move.changes)
        return message("give_document" if len(move.changes) == 1 else "give_documents", lang, names=names)
    if move.action == "external_score":
        (score,) = move.changes
        value = format_score(float(score.after or 0), lang)
        if score.before is not None:
            return message("raise_score", lang, value=value, before=format_score(float(score.before), lang))
        return message("give_score", lang, value=value, share=format_share(1 - move.effort, lang))
    key = f"{move.action}_{move.direction}"
    main = move.changes[0]
    parts = {"before": _amount(main.before, lang), "after": _amount(main.after, lang)}
    if move.action in ("down_payment", "goods_price"):
        parts["difference"] = _amount(_difference(main), lang)
        parts["with"] = "".join(
            message(f"with_{name}", lang, after=_amount(amounts[name].after, lang))
            for name in ("AMT_CREDIT", "AMT_ANNUITY")
            if name in amounts and amounts[name] is not main
        )
    return message(key, lang, **parts)


def _difference(change: Change) -> float:
    return abs(float(change.after or 0) - float(change.before or 0))


def _amount(value: object, lang: Language) -> str:
    return format_amount(float(value), lang) if isinstance(value, int | float) else message("not_stated", lang)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
