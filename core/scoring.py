"""The scorer: raw applications in, decisions and exact explanations out; the one path that every caller takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core import catalogue
from core.columnar.applications import Alike, values_by_column
from core.columnar.sequences import column_of
from core.decision import Contribution, Decision, Decisions, Explanation
from core.explain import information
from core.features import input_schema, rows, variations
from core.model import artefacts
from core.model.artefacts import ModelInfo
from core.model.fold_models import fold_reach, logit, near
from core.model.prediction.predictor import Predictor
from core.model.training.missing_values import without_learnt_meaning
from core.reference.training_ranges import TrainingRanges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.application import Application
    from core.catalogue import Language
    from core.contract.field_warnings import FieldWarning
    from core.decision import Value
    from core.features.variations import Varied
    from core.model.artefacts import Artefacts

# Up to this many, a frame of all columns costs more than it saves (measured: 1.9 ms against 0.03 for one row).
_rows_worth_no_frame = 32


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """What the model says of the rows of a frame, in their order.

    Attributes:
        probabilities: float64 (n,), of default.
        information: float64 (n,), share of the model's gain that rests on features with a value.
        agreement: float64 (n,), share of the fold models that decide as the model does; NaN where it has none.
        usable: bool (n,), whether any feature has a value that comes from the row; what is said of others is said of
            nothing.
    """

    probabilities: NDArray[np.float64]
    information: NDArray[np.float64]
    agreement: NDArray[np.float64]
    usable: NDArray[np.bool_]

    @classmethod
    def joined(cls, pieces: Sequence[ScoredRows]) -> ScoredRows:
        """What is said of pieces, one after the other."""
        return cls(
            np.concatenate([piece.probabilities for piece in pieces] or [np.empty(0)]),
            np.concatenate([piece.information for piece in pieces] or [np.empty(0)]),
            np.concatenate([piece.agreement for piece in pieces] or [np.empty(0)]),
            np.concatenate([piece.usable for piece in pieces] or [np.empty(0, dtype=np.bool_)]),
        )

    def where_usable(self) -> ScoredRows:
        """The same without the rows that are not."""
        kept = self.usable
        return ScoredRows(self.probabilities[kept], self.information[kept], self.agreement[kept], self.usable[kept])


@dataclass(frozen=True)
class Scorer:
    """A loaded model with its preprocessor."""

    artefacts: Artefacts

    @classmethod
    def load(cls, models_dir: Path) -> Scorer:
        """Loads the artefacts of a folder. Raises `core.model.errors.ArtefactError`."""
        return cls(artefacts.load(models_dir))

    @property
    def model(self) -> ModelInfo:
        """What is known of the model."""
        return self.artefacts.info

    @cached_property
    def training_ranges(self) -> TrainingRanges:
        """The values that the model saw in training. Raises `ArtefactError` where its reference was removed."""
        if self.artefacts.reference_source is None:
            return TrainingRanges.anything()
        return TrainingRanges.of(self.artefacts.reference, self.artefacts.preprocessor.feature_names)

    @cached_property
    def missing_not_learnt(self) -> tuple[str, ...]:
        """The features of which the model reads a missing value as 0; none in a sound model."""
        return without_learnt_meaning(self.artefacts.booster)

    @cached_property
    def _gains(self) -> information.Weights:
        return information.weights(self.model.importances)

    def warned(self, application: Application, lang: Language) -> Application:
        """The application with warnings: of values that the model never saw the like of, and of missing essentials."""
        return _warned(application, self.training_ranges.warnings(application.values, lang), lang)

    def warned_many(self, applications: Sequence[Application], lang: Language) -> Sequence[Application]:
        """The same of each of several applications."""
        if isinstance(applications, Alike):
            columns, count = applications.columns, len(applications)
            unlike = self.training_ranges.warnings_by_column(columns, count, lang)
            missing = information.missing_essentials_by_column(columns, count)
            if not any(unlike) and not any(missing):
                return applications
            said = [information.essential_warnings(names, lang) for names in missing]
            return applications.warned([first + then for first, then in zip(unlike, said, strict=True)])
        warnings = self.training_ranges.warnings_many([application.values for application in applications], lang)
        return [_warned(application, of_row, lang) for application, of_row in zip(applications, warnings, strict=True)]

    def decide(self, application: Application, threshold: float | None = None) -> Decision:
        """The decision on one application; `threshold` (0 to 1) replaces the model's own. Raises as `decide_many`.

        >>> from core.application import parse_application
        >>> from core.settings import settings
        >>> scorer = Scorer.load(settings().models_dir)
        >>> application = parse_application({"AMT_CREDIT": 450000, "AMT_ANNUITY": 24300, "EXT_SOURCE_2": 0.35})
        >>> decision = scorer.decide(application)
        >>> decision.threshold == scorer.model.optimal_threshold
        True
        >>> scorer.decide(application, threshold=decision.probability).decision
        'REFUSÉ'
        """
        row = self._matrix([application])
        known = _known(row)
        return self._decision(application, row, known, self.predictor.probabilities(row), self._threshold(threshold))

    def decide_many(self, applications: Sequence[Application], threshold: float | None = None) -> Decisions:
        """The decisions on several applications, in their order.

        Raises:
            core.explain.information.NothingUsable: where some give no feature a value; a decision is made of something.
        """
        matrix = self._matrix(applications)
        known = _known(matrix)
        at = self._threshold(threshold)
        predicted = self.predictor.probabilities(matrix)
        agreements = self._agreement(matrix, predicted, at)
        shares = information.information(known, self._gains).tolist()
        return Decisions(
            column_of(applications, "client_id"),
            predicted.tolist(),
            at,
            information.missing_essentials_of(applications, known),
            shares,
            None if agreements is None else agreements.tolist(),
        )

    def probabilities_of(self, applications: Sequence[Application]) -> list[float]:
        """The probability of default of each application, as `decide_many` has it, and nothing beside."""
        probabilities: list[float] = self.predictor.probabilities(self._matrix(applications)).tolist()
        return probabilities

    def probabilities(self, applications: pl.DataFrame) -> NDArray[np.float64]:
        """The probability of default of each row.

        Args:
            applications: any subset of the application columns, typed by `catalogue.polars_schema("application")`,
                and of the history features.

        Returns:
            float64 (n_applications,), each 0 to 1; a row's value does not depend on the others.
        """
        return self.predictor.probabilities(self.artefacts.preprocessor.transform(applications))

    def score_rows(self, applications: pl.DataFrame, threshold: float | None = None) -> ScoredRows:
        """The probability of default of each row, what it rests on, and how sure the decision on it is.

        Args:
            applications: as for `probabilities`.
            threshold: as for `decide`.
        """
        matrix = self.artefacts.preprocessor.transform(applications)
        known = information.known(matrix)
        probabilities = self.predictor.probabilities(matrix)
        agreement = self._agreement(matrix, probabilities, self._threshold(threshold))
        return ScoredRows(
            probabilities=probabilities,
            information=information.information(known, self._gains),
            agreement=np.full(len(matrix), np.nan) if agreement is None else agreement,
            usable=information.usable(known),
        )

    def log_odds(self, application: Application, varied: Mapping[str, Varied]) -> NDArray[np.float64]:
        """The log-odds of default of one application with some of its columns replaced, row by row.

        Args:
            varied: by name, what stands in place of a column in each row; None, and NaN in an array, is missing; all
                of one length.

        Returns:
            float64 (n_rows,).

        Raises:
            ValueError: where `varied` is empty, or its sequences differ in length.
        """
        matrix = variations.matrix(application.values, varied)
        if not len(matrix):
            return np.empty(0)
        return self.predictor.log_odds(matrix)[:, 0]

    @cached_property
    def predictor(self) -> Predictor:
        """What the model says of rows of features, as `core.features.rows.matrix` makes them."""
        return Predictor(self.artefacts.booster)

    @cached_property
    def read_features(self) -> frozenset[str]:
        """The features that a tree reads."""
        splits = self.artefacts.booster.feature_importance("split")
        names = self.artefacts.preprocessor.feature_names
        return frozenset(name for name, count in zip(names, splits, strict=True) if count)

    def explain(self, application: Application, threshold: float | None = None) -> Explanation:
        """The decision with the exact contribution of every feature, by TreeSHAP.

        Source: Lundberg et al., "From local explanations to global understanding with explainable AI for trees"
        (Nature Machine Intelligence, 2020), path-dependent, as LightGBM's `pred_contrib` is
        (`core.model.prediction.contributions`).

        Raises:
            core.explain.information.NothingUsable: where the application gives no feature a value.

        >>> from core.application import parse_application
        >>> from core.settings import settings
        >>> scorer = Scorer.load(settings().models_dir)
        >>> explanation = scorer.explain(parse_application({"AMT_CREDIT": 450000, "EXT_SOURCE_2": 0.35}))
        >>> log_odds = explanation.base_value + sum(share.contribution for share in explanation.contributions)
        >>> bool(np.isclose(1 / (1 + np.exp(-log_odds)), explanation.decision.probability))
        True
        """
        row = self._matrix([application])
        known = _known(row)
        explained, predicted = self.predictor.explained(row)
        shares = explained[0]
        return Explanation(
            decision=self._decision(application, row, known, predicted, self._threshold(threshold)),
            base_value=float(shares[-1]),
            contributions=self._contributions(application, row[0], shares[:-1]),
        )

    def _decision(
        self,
        application: Application,
        row: NDArray[np.float64],
        known: NDArray[np.bool_],
        predicted: NDArray[np.float64],
        threshold: float,
    ) -> Decision:
        """The decision on one application, of its features and its probability: arrays of one row."""
        return Decision(
            application.client_id,
            float(predicted[0]),
            threshold,
            information.missing_essentials(application.values),
            float(information.information(known, self._gains)[0]),
            self._agreement_on_one(row, predicted, threshold),
        )

    def _contributions(
        self, application: Application, row: NDArray[np.float64], shares: NDArray[np.float64]
    ) -> tuple[Contribution, ...]:
        """What each feature of a row adds, strongest first."""
        preprocessor, numbers = self.artefacts.preprocessor, row.tolist()
        values: list[Value] = [None] * len(numbers)
        for feature in np.flatnonzero(preprocessor.amounts(row) & self._are_computed).tolist():
            values[feature] = numbers[feature]
        for name, value in application.values.items():
            # A column of the application is shown as it was given.
            if name in self._raw_places:
                values[self._raw_places[name]] = value
        # In C: a contribution is no more than the four.
        contributions = list(
            map(
                partial(tuple.__new__, Contribution),
                zip(preprocessor.feature_names, values, shares.tolist(), preprocessor.places(row), strict=True),
            )
        )
        return tuple([contributions[place] for place in np.argsort(-np.abs(shares), kind="stable").tolist()])

    @cached_property
    def _raw_places(self) -> dict[str, int]:
        """The places among the features of those that are columns of the application."""
        columns = {column.name for column in catalogue.columns()}
        names = self.artefacts.preprocessor.feature_names
        return {name: place for place, name in enumerate(names) if name in columns}

    @cached_property
    def _are_computed(self) -> NDArray[np.bool_]:
        """Which features are not: bool (n_features,)."""
        mask = np.ones(len(self.artefacts.preprocessor.feature_names), dtype=np.bool_)
        mask[list(self._raw_places.values())] = False
        return mask

    def _matrix(self, applications: Sequence[Application]) -> NDArray[np.float64]:
        if len(applications) <= _rows_worth_no_frame:
            return rows.matrix([application.values for application in applications])
        return self.artefacts.preprocessor.transform(_frame(applications))

    def _agreement(
        self, matrix: NDArray[np.float64], probabilities: NDArray[np.float64], threshold: float
    ) -> NDArray[np.float64] | None:
        """The share of the fold models that decide each row as the model does: float64 (n,); None where it has none.

        They are asked of the rows that one of them may decide otherwise: those near the threshold
        (`core.model.fold_models.reach`). Of the others the share is 1.
        """
        if self._fold_predictor is None:
            return None
        agreement = np.ones(len(matrix))
        lowest, highest = near(threshold, self._reach)
        # Written so that what is no number is not passed over.
        asked = np.flatnonzero(~((probabilities <= lowest) | (probabilities >= highest)))
        if len(asked):
            of_folds = self._fold_predictor.log_odds(matrix[asked])
            refused = probabilities[asked] >= threshold
            agreement[asked] = ((of_folds >= logit(threshold)) == refused[:, None]).mean(axis=1)
        return agreement

    def _agreement_on_one(
        self, row: NDArray[np.float64], predicted: NDArray[np.float64], threshold: float
    ) -> float | None:
        """The same of one row, where a comparison of numbers takes less than one of arrays."""
        if self._fold_predictor is None:
            return None
        lowest, highest = near(threshold, self._reach)
        if predicted[0] <= lowest or predicted[0] >= highest:
            return 1.0
        agreement = self._agreement(row, predicted, threshold)
        return None if agreement is None else float(agreement[0])

    @cached_property
    def _fold_predictor(self) -> Predictor | None:
        return None if self.artefacts.folds is None else Predictor(self.artefacts.folds)

    @cached_property
    def _reach(self) -> float:
        return self.model.metrics.get(fold_reach, np.inf)

    def _threshold(self, threshold: float | None) -> float:
        return self.model.optimal_threshold if threshold is None else threshold


def _warned(application: Application, warnings: tuple[FieldWarning, ...], lang: Language) -> Application:
    """The application with further warnings, and those of missing essentials."""
    missing = information.missing_essentials(application.values)
    if missing:
        warnings += information.essential_warnings(missing, lang)
    return replace(application, warnings=application.warnings + warnings) if warnings else application


def _known(matrix: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which features have a value. Raises `core.explain.information.NothingUsable` where those of a row have none."""
    known = information.known(matrix)
    usable = information.usable(known)
    if not usable.all():
        raise information.NothingUsable(np.flatnonzero(~usable).tolist())
    return known


def _frame(applications: Sequence[Application]) -> pl.DataFrame:
    # Column by column, and only what is there: row by row, Polars looks for two hundred names in each.
    schema, columns = input_schema(), values_by_column(applications)
    # One column at least, or the frame would not know how many rows it has.
    names = [name for name in schema if name in columns] or [next(iter(schema))]
    nothing = [None] * len(applications)
    return pl.DataFrame([pl.Series(name, columns.get(name, nothing), schema[name]) for name in names])
