"""What is hidden is missing to whoever imports it meanwhile, and to nobody else."""

import importlib
import sys

import pytest

from core.model.companions import hidden


def test_what_is_hidden_is_not_installed_for_the_time_being(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    with hidden("wave"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("wave")
    assert importlib.import_module("wave") is sys.modules["wave"]


def test_what_is_loaded_stays() -> None:
    with hidden("sys", "pytest"):
        assert importlib.import_module("pytest") is pytest
    assert sys.modules["pytest"] is pytest


def test_it_is_back_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), hidden("nobody_has_this"):
        raise ZeroDivisionError
    assert "nobody_has_this" not in sys.modules
