"""The model as one C99 file without dependencies: tables of the nodes, a loop that walks them, doubles throughout."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from core.model.export.forest import NotExportable
from core.model.export.proof.stated_decisions import with_decisions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from core.model.export.forest import Forest, Split
    from core.model.export.proof.certificate import Scoring

source_file: Final = "model.c"
_compilers: Final = ("cc", "gcc", "clang")
_flags: Final = ("-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic", "-shared", "-fPIC")
_number_of_codes: Final = 32
_seconds: Final = 300

_head: Final = """\
/*
 * {title}
 *
 * int    credit_model_features(void);                       how many doubles a row has
 * const char *credit_model_feature(int place);              the name of one; 0 beyond the last
 * double credit_model_threshold(void);                      a probability from which on an application is refused
 * double credit_model_log_odds(const double *row);
 * double credit_model_probability(const double *row);       of default
 * int    credit_model_refused(const double *row);           1 or 0
 *
 * A row has the features in the order of features.csv; NaN is a missing value. No memory is allocated, nothing is
 * written: any number of threads may call these. C99, double precision (IEEE 754); link with -lm.
 */
#include <math.h>
#include <stdint.h>

#ifdef __FAST_MATH__
#error "-ffast-math takes every value for known: a missing one would be misread"
#endif

"""

_walk: Final = """
static int goes_left(int node, double value)
{
    if (value != value)
        return missing_left[node];
    if (code_start[node] < 0)
        return value <= threshold[node];
    /* A code is cut to a whole number; what is beyond the words is in no set. */
    if (!(value > -1.0 && value < 32.0 * code_words[node]))
        return 0;
    return (int)(codes[code_start[node] + (int)value / 32] >> ((int)value % 32) & 1u);
}

int credit_model_features(void) { return N_FEATURES; }

const char *credit_model_feature(int place)
{
    return place < 0 || place >= N_FEATURES ? 0 : names[place];
}

double credit_model_threshold(void) { return DECISION_THRESHOLD; }

double credit_model_log_odds(const double *row)
{
    double sum = 0.0;
    int tree;
    for (tree = 0; tree < N_TREES; tree++) {
        int node = roots[tree];
        /* A child below 0 is a leaf. */
        while (node >= 0)
            node = goes_left(node, row[feature[node]]) ? left[node] : right[node];
        sum += leaves[-1 - node];
    }
    return sum;
}

double credit_model_probability(const double *row)
{
    return 1.0 / (1.0 + exp(-SLOPE * credit_model_log_odds(row)));
}

int credit_model_refused(const double *row)
{
    return credit_model_probability(row) >= DECISION_THRESHOLD;
}
"""


def source(forest: Forest, threshold: float, title: str) -> str:
    """The C99 source of a model.

    Args:
        threshold: a probability of default from which an application is refused.
        title: says in a line which model it is.
    """
    nodes, roots, leaves = _numbered(forest)
    starts, counts, words = _code_words(nodes)
    tables = [
        f"enum {{ N_FEATURES = {len(forest.feature_names)}, N_TREES = {len(forest.trees)} }};",
        f"static const double DECISION_THRESHOLD = {_number(threshold)};",
        f"static const double SLOPE = {_number(forest.slope)};",
        _table("char *const names", [f'"{name}"' for name in forest.feature_names], 4),
        _table("int roots", map(str, roots)),
        _table("int16_t feature", (str(split.feature) for split in nodes)),
        _table("double threshold", (_number(split.threshold) if split.codes is None else "0.0" for split in nodes), 4),
        _table("unsigned char missing_left", (str(int(split.missing_left)) for split in nodes), 40),
        _table("int left", (str(split.left) for split in nodes)),
        _table("int right", (str(split.right) for split in nodes)),
        _table("int code_start", map(str, starts)),
        _table("int code_words", map(str, counts)),
        _table("uint32_t codes", (f"{word:#x}u" for word in words), 8),
        _table("double leaves", map(_number, leaves), 4),
    ]
    return _head.format(title=title.replace("*/", "")) + "\n".join(tables) + _walk


def scoring(folder: Path, threshold: float | None) -> Scoring:
    """Compiles the file in a folder; what it returns scores rows (n, n_features): float64 (n,).

    Args:
        threshold: that `credit_model_refused` is held against, on every row; None where nothing is proved.

    Raises:
        NotExportable: where there is no C compiler, or it does not take the file; and on scoring, where
            `credit_model_refused` is not the probability against the threshold.
    """
    with tempfile.TemporaryDirectory() as scratch:
        # Once it is loaded, the file is not needed any more.
        library = ctypes.CDLL(str(_compiled(folder / source_file, Path(scratch))))
    one = library.credit_model_probability
    one.restype, one.argtypes = ctypes.c_double, [ctypes.c_void_p]
    refused = library.credit_model_refused
    refused.restype, refused.argtypes = ctypes.c_int, [ctypes.c_void_p]

    def probabilities(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = np.ascontiguousarray(matrix, dtype=np.float64)
        start, step = rows.ctypes.data, rows.strides[0]
        scored = np.array([one(start + place * step) for place in range(len(rows))], dtype=np.float64)
        if threshold is None:
            return scored
        return with_decisions(scored, [refused(start + place * step) for place in range(len(rows))], threshold)

    return probabilities


def compiler() -> str:
    """The C compiler of this machine and its version. Raises `NotExportable` where there is none."""
    command = _compiler()
    first = subprocess.run([command, "--version"], capture_output=True, text=True, check=False, timeout=_seconds)  # noqa: S603
    return first.stdout.partition("\n")[0] or command


def _compiler() -> str:
    for name in _compilers:
        if path := shutil.which(name):
            return path
    raise NotExportable("there is no C compiler on this machine (cc, gcc, clang) to prove it with")


def _compiled(path: Path, scratch: Path) -> Path:
    library = scratch / "model.so"
    command = [_compiler(), *_flags, "-o", str(library), str(path), "-lm"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_seconds)  # noqa: S603
    if run.returncode:
        raise NotExportable(f"the C compiler refuses the file: {run.stderr.strip().partition(chr(10))[0]}")
    return library


def _numbered(forest: Forest) -> tuple[list[Split], list[int], list[float]]:
    """All splits and leaves, the trees one after the other, children by their places among all; and each root."""
    nodes: list[Split] = []
    roots: list[int] = []
    leaves: list[float] = []
    for tree in forest.trees:
        first, first_leaf = len(nodes), len(leaves)
        roots.append(first if tree.splits else -1 - first_leaf)
        for split in tree.splits:
            left, right = (child + first if child >= 0 else child - first_leaf for child in (split.left, split.right))
            nodes.append(replace(split, left=left, right=right))
        leaves.extend(tree.leaves)
    return nodes, roots, leaves


def _code_words(nodes: Sequence[Split]) -> tuple[list[int], list[int], list[int]]:
    """Where the set of each split begins among the words, -1 where it has none; its length; the words."""
    starts: list[int] = []
    counts: list[int] = []
    words: list[int] = []
    for split in nodes:
        starts.append(-1 if split.codes is None else len(words))
        own = [0] * (max(split.codes, default=-1) // _number_of_codes + 1) if split.codes is not None else []
        for code in split.codes or ():
            own[code // _number_of_codes] |= 1 << code % _number_of_codes
        counts.append(len(own))
        words.extend(own)
    return starts, counts, words


def _number(value: float) -> str:
    """A number in hexadecimal, so that every compiler reads the very same; a threshold may be beyond all others."""
    if math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    return value.hex()


def _table(name: str, values: Iterable[str], across: int = 16) -> str:
    # A forest of leaves alone has no nodes, and C no empty tables.
    items = list(values) or ["0"]
    lines = [", ".join(items[start : start + across]) for start in range(0, len(items), across)]
    return f"static const {name}[] = {{\n    " + ",\n    ".join(lines) + "\n};"
