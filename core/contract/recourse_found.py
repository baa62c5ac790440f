"""Options of recourse: the ways to an acceptance that were found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from core import catalogue
from core.contract.answer import Answer
from core.decision import RiskCategory
from core.recourse.actions import ActionName
from core.recourse.sentences import margin_text, option_text, verdict
from core.text.formats import format_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.catalogue import Language
    from core.recourse.plans import Change, Move, Option, Recourse


class ChangeAnswer(Answer):
    """One column that a move changes."""

    field: str
    label: str
    before: float | int | str | None
    after: float | int | str | None
    before_text: str
    after_text: str


class MoveAnswer(Answer):
    """One lever pulled."""

    lever: ActionName
    direction: Literal["less", "more"] = Field(description="Whether what it moves becomes less or more.")
    effort: float = Field(
        ge=0, description="Relative change of an amount, share of clients with a lower score, or 0.05 a document."
    )
    at_limit: bool = Field(description="Whether it goes as far as the bounds allow.")
    changes: list[ChangeAnswer]


class OptionAnswer(Answer):
    """Levers pulled together, and the decision that follows."""

    text: str = Field(description="What has to be done and what follows, in words.")
    changes: dict[str, float | int | str | None] = Field(description="As `/simulate` takes them.")
    moves: list[MoveAnswer]
    effort: float = Field(ge=0, description="The sum over its moves.")
    probability: float = Field(ge=0, le=1)
    decision: Literal["ACCEPTÉ", "REFUSÉ"]
    risk_category: RiskCategory

    buffer: float | None = Field(
        default=None, description="How far the probability is below the threshold; negative where it is above."
    )
    narrow: bool | None = Field(
        default=None, description="Whether it is accepted with less than the buffer that is aimed at, 0.005."
    )

    @property
    def alone(self) -> bool:
        """Whether a single lever is pulled."""
        return len(self.moves) == 1


class RecourseFound(Answer):
    """What could change the decision on an application."""

    already_accepted: bool
    reachable: bool = Field(description="Whether it is accepted, as it is or by one of the options.")
    text: str = Field(description="What the search came to, in one sentence or two.")
    options: list[OptionAnswer] = Field(
        description="Changes that a client can choose and that make it accepted, with a buffer; the least effort first."
    )
    insufficient: list[OptionAnswer] = Field(description="What does not suffice alone, at its best; the best first.")
    nearest: OptionAnswer | None = Field(description="Where nothing suffices: the lowest risk that was found.")
    margins: list[OptionAnswer] = Field(
        description="Where it is accepted: how far each lever could still go, where a refusal was found beyond."
    )
    different: list[OptionAnswer] = Field(
        default_factory=list,
        description="Where there is no option: what would have to be different that nobody can choose.",
    )

    @classmethod
    def of_search(cls, search: Recourse, lang: Language) -> RecourseFound:
        """The answer that says what was found, in words of `lang`."""
        return cls(
            already_accepted=search.already_accepted,
            reachable=search.reachable,
            text=verdict(search, lang),
            options=_options(search.options, option_text, lang),
            insufficient=_options(search.insufficient, option_text, lang),
            nearest=_option(search.nearest, option_text, lang) if search.nearest else None,
            different=_options(search.different or (), option_text, lang),
            margins=_options(search.margins, margin_text, lang),
        )


def _options(
    options: Iterable[Option], sentence: Callable[[Option, Language], str], lang: Language
) -> list[OptionAnswer]:
    return [_option(option, sentence, lang) for option in options]


def _option(option: Option, sentence: Callable[[Option, Language], str], lang: Language) -> OptionAnswer:
    return OptionAnswer(
        text=sentence(option, lang),
        changes={change.field: change.after for change in option.changes},
        moves=[_move(move, lang) for move in option.moves],
        effort=option.effort,
        probability=option.decision.probability,
        decision=option.decision.decision,
        risk_category=option.decision.risk_category,
        buffer=option.buffer,
        narrow=option.narrow,
    )


def _move(move: Move, lang: Language) -> MoveAnswer:
    return MoveAnswer(
        lever=move.action,
        direction=move.direction,
        effort=move.effort,
        at_limit=move.at_limit,
        changes=[_change(change, lang) for change in move.changes],
    )


def _change(change: Change, lang: Language) -> ChangeAnswer:
    entry = catalogue.entry(change.field)
    return ChangeAnswer(
        field=change.field,
        label=entry.label(lang),
        before=change.before,
        after=change.after,
        before_text=format_value(entry, change.before, lang),
        after_text=format_value(entry, change.after, lang),
    )
