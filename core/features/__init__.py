"""Features: what the model sees, computed from the raw tables by the same expressions for one row and for a million."""

from core.features.application import application_features, raw_features
from core.features.assembly import build, feature_names, history_names, input_schema, matrix
from core.features.history import build_history

__all__ = [
    "application_features",
    "build",
    "build_history",
    "feature_names",
    "history_names",
    "input_schema",
    "matrix",
    "raw_features",
]
