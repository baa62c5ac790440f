"""A model text is looked at whole before LightGBM reads it: what leads elsewhere than to a leaf is refused.

Nothing here is given to LightGBM but what passed.
"""

import re
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import model_text
from core.model.booster import Booster, Dataset, LightGBMError, train
from core.model.model_text import UnsoundModel

names = ("A", "B", "C")


def grown(rounds: int = 2, **parameters: object) -> str:
    """A small model with numbers, categories and missing values."""
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(600, 3))
    rows[:, 2] = rng.integers(0, 40, 600)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    chance = 0.1 + 0.2 * (rows[:, 0] > 0) + 0.6 * (rows[:, 2] % 3 == 1)
    dataset = Dataset(
        rows, label=(rng.random(600) < chance).astype(int), feature_name=list(names), categorical_feature=["C"]
    )
    usual: dict[str, object] = {
        "objective": "binary",
        "num_leaves": 6,
        "verbosity": -1,
        "min_data_per_group": 5,
        "cat_smooth": 1,
    }
    return train(usual | parameters, dataset, num_boost_round=rounds).model_to_string()


sound = grown()


def test_what_lightgbm_writes_is_sound_and_the_same_when_it_is_read() -> None:
    assert "\ncat_threshold=" in sound
    texts = [sound, grown(min_data_in_leaf=500), grown(num_leaves=31, monotone_constraints=[1, 0, 0])]
    assert "num_leaves=1\n" in texts[1]
    for text in texts:
        model_text.check(text, names)
        again = Booster(model_str=text).model_to_string(num_iteration=-1)
        model_text.check(again, names)
        assert again.partition("\nparameters:")[0] == text.partition("\nparameters:")[0]


def replaced(key: str, change: Callable[[str], str]) -> str:
    """The first line of that key changed, and the sizes of the trees made to fit."""
    text = re.sub(rf"^{key}=(.*)$", lambda line: f"{key}={change(line[1])}", sound, count=1, flags=re.MULTILINE)
    starts = [place.start() for place in re.finditer(r"^Tree=", text, re.MULTILINE)] + [text.index("end of trees")]
    sizes = " ".join(str(end - start) for start, end in pairwise(starts))
    return text if key == "tree_sizes" else re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", text, flags=re.MULTILINE)


def first(number: object) -> Callable[[str], str]:
    return lambda line: " ".join([str(number), *line.split()[1:]])


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("tree_sizes", first(10**9)),
        ("tree_sizes", first(5)),
        ("feature_infos", lambda line: line + "0" * 1_000_000),
        ("leaf_weight", lambda line: line + " 1" * 250_000),
        ("tree_sizes", lambda _: ""),
        ("tree_sizes", lambda line: f"{line} 400"),
        ("version", lambda _: "v5"),
        ("objective", lambda _: "regression"),
        ("num_class", lambda _: "2"),
        ("num_tree_per_iteration", lambda _: "7"),
        ("max_feature_idx", lambda _: "200"),
        ("feature_names", lambda _: "A B D"),
        ("feature_infos", lambda line: line + " none"),
        ("num_leaves", lambda _: "1000000000"),
        ("num_leaves", lambda _: "5"),
        ("num_cat", lambda _: "900"),
        ("split_feature", first(3)),
        ("split_feature", first(-1)),
        ("threshold", first("nan")),
        ("decision_type", first(64)),
        ("left_child", first(0)),
        ("left_child", first(99)),
        ("left_child", first(-99)),
        ("right_child", lambda line: " ".join(line.split()[:-1])),
        ("leaf_value", first("nan")),
        ("leaf_value", first("1e999")),
        ("leaf_value", first("0x1p3")),
        ("leaf_value", first("1_0")),
        ("cat_boundaries", first(1)),
        ("cat_boundaries", lambda line: " ".join([*line.split()[:-1], "100000"])),
        ("cat_threshold", first(2**32)),
        ("is_linear", lambda _: "1"),
        ("shrinkage", lambda _: "0.1\rnum_leaves=9"),
        ("shrinkage", lambda _: "0.1\nshrinkage=0.1"),
        ("leaf_count", first("99999999999999999999")),
        ("feature_infos", lambda line: line + "\rTree=0"),
        ("feature_infos", lambda line: line + "\0"),
    ],
)
def test_a_number_that_leads_elsewhere_is_refused(key: str, change: Callable[[str], str]) -> None:
    text = replaced(key, change)
    assert text != sound
    with pytest.raises(UnsoundModel):
        model_text.check(text, names)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tree",
        "\x80\x04K\x01.",
        sound.replace("end of trees", "end"),
        sound + "pandas_categorical:[[1]]",
        sound.replace("pandas_categorical:null", "pandas_categorical:[[[[1]]]]"),
        sound.replace("[boosting: gbdt]", "[boosting: :]"),
        sound[: len(sound) // 2],
    ],
)
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(UnsoundModel):
        model_text.check(text, names)


def test_a_way_that_leads_back_is_refused() -> None:
    """Two splits that are each other's children, and that no way from the first reaches."""
    text = replaced("left_child", lambda line: swapped(line, 2, 1))
    with pytest.raises(UnsoundModel, match="left_child"):
        model_text.check(text, names)


def swapped(line: str, place: int, number: int) -> str:
    words = line.split()
    words[place] = str(number)
    return " ".join(words)


def test_a_tree_that_is_too_deep_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_text, "_max_depth", 2)
    # As if it had not been looked at before.
    monkeypatch.setattr(model_text, "_sound", {})
    with pytest.raises(UnsoundModel, match="depth"):
        model_text.check(sound, names)


@given(st.integers(0, len(sound) - 1), st.characters(max_codepoint=300))
def test_whatever_passes_has_a_leaf_for_everybody(place: int, character: str) -> None:
    """One character of a sound model replaced: what still passes is read, and answers with a probability."""
    text = sound[:place] + character + sound[place + 1 :]
    try:
        model_text.check(text, names)
    except UnsoundModel:
        return
    try:
        booster = Booster(model_str=text)
    except (LightGBMError, ValueError):
        # Its own parameters, which are JSON to LightGBM, and nothing to us.
        return
    found = np.asarray(booster.predict(np.full((1, 3), np.nan)))
    assert ((found >= 0) & (found <= 1)).all()


def test_what_was_found_sound_is_so_for_the_same_features_alone() -> None:
    model_text.check(sound, names)
    model_text.check(sound, names)
    with pytest.raises(UnsoundModel, match="feature_names"):
        model_text.check(sound, (*names[:-1], "OTHER"))
    with pytest.raises(UnsoundModel):
        model_text.check_folds(sound, names)
    unsound = sound.replace("num_leaves=", "num_leaves=-", 1)
    for _ in range(2):
        with pytest.raises(UnsoundModel):
            model_text.check(unsound, names)
