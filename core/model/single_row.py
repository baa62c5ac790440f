"""Single rows: what LightGBM says of one, by its own call for one row, which is prepared once.

`Booster.predict` reads its parameters and makes a predictor anew each time: of one row that takes as long again as the
trees do. The numbers are the same, to the last bit.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model import booster as lightgbm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.booster import Booster

# Of LightGBM's C API (c_api.h).
_normal: Final = 0
_raw_score: Final = 1
_float64: Final = 1
_parameters: Final = b"num_threads=1"

# The lock of the interpreter stays held, unlike in calls through the library itself: LightGBM works in the one buffer
# of a prepared call, and to let others run and wait for them would take longer than the call.
_call = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class SingleRow:
    """The prediction of one row at a time, of a booster that does not change any more."""

    def __init__(self, booster: Booster, *, raw_score: bool = False) -> None:
        """Prepares the call.

        Args:
            raw_score: log-odds, and not what the objective makes of them.

        Raises:
            LightGBMError: where LightGBM cannot prepare it.
        """
        library = lightgbm.library
        # The booster is held: the call reads its trees.
        self._booster = booster
        self._n_features = booster.num_feature()
        self._n_outputs = booster.num_model_per_iteration()
        self._prepared = ctypes.c_void_p()
        self._written = ctypes.c_int64()
        self._call = _call(("LGBM_BoosterPredictForMatSingleRowFast", library))
        lightgbm.checked(
            library.LGBM_BoosterPredictForMatSingleRowFastInit(
                lightgbm.handle(booster),
                ctypes.c_int(_raw_score if raw_score else _normal),
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
            float64 (n_outputs,): 1, or the number of models that the booster joins.

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
