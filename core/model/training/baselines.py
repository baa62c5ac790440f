"""Baselines that a model has to beat: knowing nothing, a logistic regression and a scorecard, both done properly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

from core.model.training.scorecard import PointsScorecard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.preprocessor import Preprocessor


def dummy() -> Pipeline:
    """The default rate for everybody."""
    return make_pipeline(DummyClassifier(strategy="prior"))


def logistic_regression(preprocessor: Preprocessor, seed: int = 0) -> Pipeline:
    """A logistic regression on the same matrix: missing as medians and flags, ranks made normal, codes one-hot."""
    categorical = [preprocessor.feature_names.index(name) for name in preprocessor.categorical_features]
    numeric = [index for index in range(len(preprocessor.feature_names)) if index not in set(categorical)]
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        QuantileTransformer(output_distribution="normal", n_quantiles=200, subsample=20_000, random_state=seed),
    )
    codes = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=-1),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=50, sparse_output=False),
    )
    columns = ColumnTransformer([("numbers", numbers, numeric), ("codes", codes, categorical)])
    return make_pipeline(columns, LogisticRegression(C=0.05, solver="newton-cholesky", max_iter=100))


def points_scorecard(preprocessor: Preprocessor) -> Pipeline:
    """A scorecard of 18 variables on the same matrix."""
    categorical = tuple(preprocessor.feature_names.index(name) for name in preprocessor.categorical_features)
    return make_pipeline(PointsScorecard(categorical))


def out_of_fold(
    model: Pipeline, matrix: NDArray[np.float64], target: NDArray[np.int8], folds: int, seed: int
) -> NDArray[np.float64]:
    """The probability of each row by the model fitted on the other folds: float64 (n_rows,)."""
    splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
    predicted = cross_val_predict(model, matrix, target, cv=splitter, method="predict_proba")
    return np.asarray(predicted[:, 1], dtype=np.float64)
