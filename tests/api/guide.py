"""The calls that docs/api.md shows; as a script it writes their answers anew, from the model and portfolio on disk."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from flask.testing import FlaskClient

from api import create_app
from core.settings import root

path: Final = root / "docs" / "api.md"
base: Final = "http://localhost:8000"
left_out: Final = "…"

_pair = re.compile(r"```sh\n(curl .*?)```\n\n```json\n(.*?)```", re.DOTALL)
# How much of an answer is shown.
_max_items: Final = 2
_max_keys: Final = 24


@dataclass(frozen=True)
class Call:
    """One `curl` of the guide with the answer shown below it."""

    command: str
    shown: str

    def answer(self, client: FlaskClient) -> object:
        """What the service answers to the call."""
        words = shlex.split(self.command.replace("\\\n", " "))
        assert words[:2] == ["curl", "-s"], self.command
        (address,) = (word for word in words if word.startswith(base))
        headers = [word.split(": ", 1) for flag, word in pairwise(words) if flag == "-H"]
        data = next((word for flag, word in pairwise(words) if flag == "-d"), None)
        answer = client.open(
            address.removeprefix(base),
            method="GET" if data is None else "POST",
            headers=dict(headers),
            data=None if data is None else data.encode(),
        )
        return json.loads(answer.data)


def calls() -> list[Call]:
    """All calls of the guide, in its order."""
    return [Call(command, shown) for command, shown in _pair.findall(path.read_text(encoding="utf-8"))]


def shortened(answer: object) -> object:
    """An answer as the guide shows it, `left_out` in place of what is too much to read."""
    if isinstance(answer, list):
        kept = [shortened(each) for each in answer[:_max_items]]
        return [*kept, left_out] if len(answer) > _max_items else kept
    if isinstance(answer, dict) and "detail" in answer and "type" in answer:
        # An error is short, and shown to the letter.
        return answer
    if isinstance(answer, dict):
        many = len(answer) > _max_keys
        kept_keys = {key: shortened(value) for key, value in list(answer.items())[: _max_items if many else None]}
        return kept_keys | ({left_out: left_out} if many else {})
    return answer


def main() -> None:
    """Writes the answers anew."""
    client = create_app().test_client()

    def anew(found: re.Match[str]) -> str:
        answer = shortened(Call(found[1], found[2]).answer(client))
        return f"```sh\n{found[1]}```\n\n```json\n{json.dumps(answer, indent=2, ensure_ascii=False)}\n```"

    path.write_text(_pair.sub(anew, path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
