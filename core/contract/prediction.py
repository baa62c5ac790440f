"""Decisions on applications with their reasons, and whose history they rest on."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field
from pydantic_core import to_json

from core.columnar.sequences import Repeated, column_of, mapped
from core.contract.answer import Answer, WarningDetails, Warnings, warned
from core.contract.json_rows import json_rows, said_of
from core.contract.recourse_found import RecourseFound
from core.decision import Certainty, Decision, ReferralCode, RiskCategory, thin_below
from core.explain.concepts import concept_totals, not_known
from core.explain.reason_codes import group_totals, reason
from core.explain.referral import certainty_sentence, referral_sentences
from core.portfolio.provenance import HistorySource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.application import Application
    from core.catalogue import Language
    from core.catalogue.concepts import Side
    from core.contract.field_warnings import FieldWarning
    from core.decision import Contribution, Explanation
    from core.explain.concepts import ConceptTotal
    from core.portfolio.provenance import Provenance
    from core.recourse.plans import Recourse

# Which clients are on hand, as `core.portfolio.provenance.Provenance` is written.
Portfolio = Annotated[str, Field(pattern="^(synthetic|imported):[0-9a-f]{16}$", max_length=26)]

# The two fields of an answer that rests on an application.
HistoryUsed = Annotated[
    HistorySource,
    Field(
        description="Where the history comes from: `sent` with the application, the `portfolio` (the client on hand),"
        " or `none`."
    ),
]
PortfolioUsed = Annotated[
    Portfolio | None,
    Field(description="The clients on hand that stored values were taken from; null where nothing stored went in."),
]


class ReferralReason(Answer):
    """Why a person is to look at an application."""

    code: ReferralCode
    message: str = Field(description="The same as a sentence.")


class Prediction(Answer):
    """The decision on one application. `decision` is what the model says, however sure that is."""

    client_id: int | None = Field(description="`SK_ID_CURR` where given.")
    probability: float = Field(
        ge=0, le=1, description="Probability of payment difficulties on the first instalments (`TARGET`)."
    )
    prediction: Literal[0, 1] = Field(description="1 where the probability reaches the threshold.")
    decision: Literal["ACCEPTÉ", "REFUSÉ"]
    risk_category: RiskCategory
    threshold: float = Field(ge=0, le=1)
    warnings: Warnings
    warning_details: WarningDetails
    missing_essentials: list[str] = Field(
        description="Columns that no application should be decided without, and that were missing; each has a warning."
    )
    information: float | None = Field(
        ge=0,
        le=1,
        description="Share of the model's gain that rests on features with a value. null of a row of a file that an"
        " earlier version scored.",
    )
    model_version: str
    history: HistoryUsed
    portfolio: PortfolioUsed
    prediction_id: str | None = Field(
        default=None,
        description="Under which it is recorded, for `/decisions`; null where it is not: what-ifs, or with a warning.",
    )
    certainty: Certainty | None = Field(
        default=None,
        description="`sure` where all fold models decide alike: those that were trained on other parts of the same"
        " rows; `close_call` where one does not. null: the model came without them, or an earlier version decided.",
    )
    certainty_text: str | None = Field(
        default=None, description="How sure it is and whether the file is thin, as a sentence; null: neither is known."
    )
    fold_agreement: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of the fold models that decide as the model does. They are asked where one of them may"
        " decide otherwise: nearer to the threshold, in log-odds, than where one in a thousand rows of training was"
        " decided otherwise from further away; beyond, it is 1.",
    )
    thin_file: bool | None = Field(
        default=None, description="Whether `information` is less than a half; null where it is."
    )
    referral: bool = Field(
        default=False, description="Whether a person is to look at the application, and not only be told the decision."
    )
    referral_reasons: list[ReferralReason] = Field(default_factory=list, description="Why; empty where it is not.")

    @classmethod
    def of(
        cls,
        decision: Decision,
        application: Application,
        warnings: Sequence[FieldWarning],
        model_version: str,
        lang: Language,
        prediction_id: str | None = None,
    ) -> Prediction:
        """The answer that says the decision on an application."""
        return cls(**cls.content_of(decision, application, warnings, model_version, lang, prediction_id))

    @staticmethod
    def content_of(
        decision: Decision,
        application: Application,
        warnings: Sequence[FieldWarning],
        model_version: str,
        lang: Language,
        prediction_id: str | None = None,
    ) -> dict[str, Any]:
        """What that answer says: the fields, in their order. To check them takes as long again."""
        return {
            "client_id": decision.client_id,
            "probability": decision.probability,
            "prediction": decision.prediction,
            "decision": decision.decision,
            "risk_category": decision.risk_category,
            "threshold": decision.threshold,
            **warned(warnings),
            "missing_essentials": list(decision.missing_essentials),
            "information": decision.information,
            "model_version": model_version,
            **provenance_of(application),
            "prediction_id": prediction_id,
            **certainty_of(decision, lang),
        }


class BatchPrediction(Answer):
    """The decisions on several applications, in their order."""

    predictions: list[Prediction]
    total_clients: int
    accepted_count: int
    refused_count: int
    warnings: Warnings
    warning_details: WarningDetails

    @staticmethod
    def json_of(
        applications: Sequence[Application],
        decisions: Sequence[Decision],
        ids: Sequence[str | None],
        warnings: Sequence[FieldWarning],
        model_version: str,
        lang: Language,
    ) -> bytes:
        """The answer that says the decision on each application, recorded under `ids`, as JSON.

        To make and check a thousand models of what was just put together took a quarter of the whole answer, and to put
        it together row by row a tenth.
        """
        count, refused = len(decisions), sum(column_of(decisions, "prediction"))
        of_decisions = {
            name: column_of(decisions, name)
            for name in ("client_id", "probability", "prediction", "decision", "risk_category", "threshold")
        }
        missing, information = column_of(decisions, "missing_essentials"), column_of(decisions, "information")
        sure = _sure_of(missing, information, column_of(decisions, "agreement"))
        predictions = json_rows(
            {
                **of_decisions,
                **said_of(column_of(applications, "warnings"), warned),
                "missing_essentials": missing,
                "information": information,
                "model_version": Repeated(model_version, count),
                "history": column_of(applications, "history"),
                "portfolio": mapped(_text_of, column_of(applications, "portfolio")),
                "prediction_id": ids,
                **said_of(sure, lambda of_row: _certainty_of(*of_row, lang)),
            },
            count,
        )
        rest = {"total_clients": count, "accepted_count": count - refused, "refused_count": refused}
        return b'{"predictions":%b,%b' % (predictions, to_json(rest | warned(warnings))[1:])


class FeatureContribution(Answer):
    """What one feature adds to the risk of one application."""

    feature: str
    value: float | int | str | None = Field(description="The value as given or computed; null where missing.")
    contribution: float = Field(description="In log-odds of default.")
    direction: Literal["augmente le risque", "diminue le risque"]
    label: str
    value_text: str = Field(description="The value with its unit.")
    text: str = Field(description="A sentence that a client understands.")
    group: str


class GroupContribution(Answer):
    """What a group of features adds to the risk of one application."""

    group: str
    label: str
    contribution: float = Field(description="In log-odds of default; positive where the group raises the risk.")
    share: float = Field(ge=0, le=1, description="Its size among the sizes of all groups.")


class ConceptContribution(Answer):
    """What all features of one concept, such as late payments, add to the risk of one application."""

    concept: str
    label: str
    contribution: float = Field(description="In log-odds of default, the exact sum of those of its features.")
    direction: Literal["augmente le risque", "diminue le risque"]
    known: bool = Field(
        description="Whether it rests on what is known of the client. Where not, it is no reason: `not_known` names it."
    )
    feature: str | None = Field(description="What `text` speaks of; null where that is the concept as a whole.")
    text: str | None = Field(
        description="A sentence that can be said to the client, of the strongest five of each direction; null of the"
        " others. A value is never said on the side to which it does not belong."
    )


class Reasons(Answer):
    """What a decision is made of: `base_value`, `top_features` and `other_contributions` sum to the log-odds; so do
    `base_value` and `groups`, and `base_value` and `concepts`.
    """

    base_value: float = Field(
        description="Mean of the log-odds of default over the training rows; its logistic is no rate of default."
        " Contributions compare with it: with all clients the model learned from, not with accepted applications."
    )
    top_features: list[FeatureContribution]
    other_contributions: float = Field(description="Sum of the contributions that are not in `top_features`.")
    groups: list[GroupContribution] = Field(description="All features by group, strongest first.")
    concepts: list[ConceptContribution] = Field(
        default_factory=list, description="All features by concept, strongest first: the reasons for a client."
    )
    not_known: str | None = Field(
        default=None, description="One line that names the concepts that weigh because they are not known; null: none."
    )

    def reasons(self, side: Side) -> list[ConceptContribution]:
        """The concepts that are said for the client, or against, the strongest first."""
        return [reason for reason in self.concepts if reason.text and (reason.contribution > 0) == (side == "against")]

    @classmethod
    def of_contributions(cls, explanation: Explanation, top_n: int, lang: Language) -> Reasons:
        """The `top_n` strongest contributions of an explanation in words of `lang`, and the sum of the others."""
        return cls(**_reasons(explanation, top_n, lang))


class Explained(Reasons, Prediction):
    """A decision with its reasons."""

    recourse: RecourseFound | None = Field(description="What could change it; null where it was not asked for.")

    @classmethod
    def of_explanation(
        cls,
        explanation: Explanation,
        top_n: int,
        application: Application,
        warnings: Sequence[FieldWarning],
        model_version: str,
        lang: Language,
        prediction_id: str | None = None,
        recourse: Recourse | None = None,
    ) -> Self:
        """The answer that says an explanation, its `top_n` strongest contributions in words of `lang`."""
        arguments = (explanation, top_n, application, warnings, model_version, lang, prediction_id, recourse)
        return cls(**cls.content_of_explanation(*arguments))

    @staticmethod
    def content_of_explanation(
        explanation: Explanation,
        top_n: int,
        application: Application,
        warnings: Sequence[FieldWarning],
        model_version: str,
        lang: Language,
        prediction_id: str | None = None,
        recourse: Recourse | None = None,
    ) -> dict[str, Any]:
        """What that answer says: the fields, in their order."""
        return {
            **Prediction.content_of(explanation.decision, application, warnings, model_version, lang, prediction_id),
            **_reasons(explanation, top_n, lang),
            "recourse": None if recourse is None else RecourseFound.of_search(recourse, lang),
        }


def _reasons(explanation: Explanation, top_n: int, lang: Language) -> dict[str, Any]:
    top, totals = explanation.top(top_n), concept_totals(explanation.contributions, lang)
    others = explanation.contributions[len(top) :]
    return {
        "base_value": explanation.base_value,
        "top_features": [_contribution(contribution, lang) for contribution in top],
        "other_contributions": sum([contribution.contribution for contribution in others]),
        "groups": [
            {"group": total.group, "label": total.label, "contribution": total.contribution, "share": total.share}
            for total in group_totals(explanation.contributions, lang)
        ],
        "concepts": [_concept(total) for total in totals],
        "not_known": not_known(totals, lang),
    }


def certainty_of(decision: Decision, lang: Language) -> dict[str, Any]:
    """What an answer says in these fields; not to be changed, as other answers say the same."""
    return _certainty_of(decision.missing_essentials, _share_said(decision.information), decision.agreement, lang)


def _sure_of(
    missing: Sequence[tuple[str, ...]], information: Sequence[float | None], agreements: Sequence[float | None]
) -> Sequence[tuple[tuple[str, ...], float | None, float | None]]:
    """What `_certainty_of` hangs on, of each decision."""
    return list(zip(missing, map(_share_said, information), agreements, strict=True))


def _share_said(information: float | None) -> float | None:
    """Of a file that is not thin no share is said: one for all of them."""
    return information if information is None or information < thin_below else 1.0


# Kept: nearly all rows of a batch say the same.
@lru_cache(maxsize=256)
def _certainty_of(
    missing: tuple[str, ...], information: float | None, agreement: float | None, lang: Language
) -> dict[str, Any]:
    """The same, which hangs on neither client nor probability."""
    decision = Decision(None, 0.0, 1.0, missing, information, agreement)
    reasons = referral_sentences(decision, lang)
    return {
        "certainty": decision.certainty,
        "certainty_text": certainty_sentence(decision, lang),
        "fold_agreement": decision.agreement,
        "thin_file": decision.is_thin_file,
        "referral": bool(reasons),
        "referral_reasons": [{"code": code, "message": sentence} for code, sentence in reasons],
    }


def provenance_of(application: Application) -> dict[str, Any]:
    """What an answer on an application has in these fields."""
    return {
        "history": application.history,
        "portfolio": _text_of(application.portfolio),
    }


def _text_of(portfolio: Provenance | None) -> str | None:
    return str(portfolio) if portfolio else None


def _contribution(contribution: Contribution, lang: Language) -> dict[str, Any]:
    words = reason(contribution, lang)
    return {
        "feature": contribution.feature,
        "value": contribution.value,
        "contribution": contribution.contribution,
        "direction": contribution.direction,
        "label": words.label,
        "value_text": words.value_text,
        "text": words.text,
        "group": words.group,
    }


def _concept(total: ConceptTotal) -> dict[str, Any]:
    return {
        "concept": total.concept,
        "label": total.label,
        "contribution": total.contribution,
        "direction": total.direction,
        "known": total.known,
        "feature": total.feature,
        "text": total.text,
    }
