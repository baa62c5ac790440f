"""Single rows: what LightGBM says of one, by its own call for one row, which is prepared once.

`Booster.predict` reads its parameters and makes a predictor anew each time: of one row that takes as long again as the
trees do. The numbers are the same, to the last bit.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from core.model import booster as lightgbm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.booster import Booster

Kind = Literal["prediction", "log_odds", "contributions"]
"""What is asked of a row: what the objective makes of its log-odds, these, or what each feature adds to them."""

# Of LightGBM's C API (c_api.h).
_kinds: Final[Mapping[Kind, int]] = {"prediction": 0, "log_odds": 1, "contributions": 3}
_float64: Final = 1
_parameters: Final = b"num_threads=1"

# The lock of the interpreter stays held, unlike in calls through the library itself: LightGBM works in the one buffer
# of a prepared call, and to let others run and wait for them would take longer than the call.
_call = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class SingleRow:
    """What a booster that does not change any more says of one row at a time."""

    def __init__(self, booster: Booster, kind: Kind = "prediction") -> None:
        """Prepares the call.

        Raises:
            LightGBMError: where LightGBM cannot prepare it.
        """
        library = lightgbm.library
        # The booster is held: the call reads its trees.
        self._booster = booster
        self._n_features = booster.num_feature()
        of_a_model = self._n_features + 1 if kind == "contributions" else 1
        self._n_outputs = booster.num_model_per_iteration() * of_a_model
        self._prepared = ctypes.c_void_p()
        self._written = ctypes.c_int64()
        self._call = _call(("LGBM_BoosterPredictForMatSingleRowFast", library))
        lightgbm.checked(
            library.LGBM_BoosterPredictForMatSingleRowFastInit(
                lightgbm.handle(booster),
                ctypes.c_int(_kinds[kind]),
                ctypes.c_int(0),
                ctypes.c_int(-1),
                ctypes.c_int(_float64),
                ctypes.c_int32(self._n_features),
                _parameters,
                ctypes.byref(self._prepared),
            )
        )

    def __del__(self) -> None:
        if self._prepared.value:
            lightgbm.library.LGBM_FastConfigFree(self._prepared)

    def predict(self, row: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the booster says of a row.

        Args:
            row: float64 (1, n_features).

        Returns:
            float64 (n_outputs,): one for each model that the booster joins; of contributions, one a feature and the
            base value.

        Raises:
            ValueError: `row` is of another shape; LightGBM would read beyond it.
            LightGBMError: where LightGBM cannot.
        """
        if row.shape != (1, self._n_features):
            raise ValueError(f"row: expected (1, {self._n_features})")
        numbers, outputs = np.ascontiguousarray(row, dtype=np.float64), np.empty(self._n_outputs)
        written = ctypes.addressof(self._written)
        lightgbm.checked(self._call(self._prepared, numbers.ctypes.data, written, outputs.ctypes.data))
        return outputs
