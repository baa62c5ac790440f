"""`python -m commands key`: a key is shown once, and its entry lets its bearer in."""

import pytest

from api.access.roles import parse_keys
from commands.__main__ import main
from core.access.keys import digest


def test_the_command_prints_a_key_and_its_entry(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key", "till-3", "--role", "review"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    secret, entry = first.split()[-1], second.split()[-1]
    (key,) = parse_keys("API_KEYS", entry)
    assert (key.name, key.role, key.digest) == ("till-3", "review", digest(secret))
    assert secret not in second


def test_no_two_keys_are_alike(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        main(["key", "till"])
    keys = [line.split()[-1] for line in capsys.readouterr().out.splitlines()]
    assert len(set(keys)) == 4
    assert keys[1].startswith("till:score:")


@pytest.mark.parametrize("arguments", [["key"], ["key", "two words"], ["key", "a:b"], ["key", "a", "--role", "boss"]])
def test_wrong_usage_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "error:" in capsys.readouterr().err
