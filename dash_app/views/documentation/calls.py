"""The calls that the API guide shows, read from the guide itself, and the same in Python."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from dash_app.i18n import mark, translated
from dash_app.views.documentation.markdown import Chapter, CodeBlock, text

base: Final = "http://localhost:8000"
_widest: Final = 72


@dataclass(frozen=True, slots=True)
class Example:
    """One call of the guide.

    Attributes:
        place: its anchor on the page.
        title, says: msgids of what it is for.
        heading: of the chapter of `docs/api.md` whose first call it is.
    """

    place: str
    title: str
    says: str
    heading: str

    @property
    def name(self) -> str:
        """What it is for, in the reader's language."""
        return translated(self.title)

    @property
    def lead(self) -> str:
        """What there is to know of it, in the reader's language."""
        return translated(self.says)


examples: Final = (
    Example(
        "health",
        mark("Is the service well?"),
        mark("The first call to make: it answers even where the model is missing, and says so."),
        "The service",
    ),
    Example(
        "predict",
        mark("Decide on one application"),
        mark("Any subset of the raw columns; what is left out counts as missing. Names and units are in the glossary."),
        "One application",
    ),
    Example(
        "batch",
        mark("Decide on up to a thousand"),
        mark(
            "One bad field refuses the whole batch, and names each field that is bad. For larger files there are jobs."
        ),
        "Up to a thousand",
    ),
    Example(
        "explain",
        mark("Get the reasons as well"),
        mark("What each figure adds to the risk or takes from it, with a sentence that can be said to the client."),
        "With its reasons",
    ),
    Example(
        "simulate",
        mark("Try a change"),
        mark("The risk before and after, and what each of the changes contributes."),
        "What if",
    ),
    Example(
        "recourse",
        mark("Find what would be accepted"),
        mark("The smallest changes that turn a refusal, each scored as it is said."),
        "What would be accepted",
    ),
    Example(
        "errors",
        mark("When something is wrong"),
        mark("Status 400 names every bad field and what was expected. What was sent is never repeated."),
        "Errors",
    ),
)


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it is typed in a terminal, the answer to it, and the same in Python."""

    curl: str
    answer: str
    python: str


def guide() -> tuple[Chapter, ...]:
    """The guide that the calls are taken from, for readers of either language. Raises `TextMissing`."""
    return text("api", "en")


def call(example: Example) -> Call:
    """The call of an example. Raises `TextMissing` without the guide, LookupError where it has no such call."""
    chapter = next(section for section in guide() if section.title == example.heading)
    return _first_call(chapter, skip=1 if example.place == "health" else 0)


def python(curl: str) -> str:
    """The same call with nothing but Python's standard library.

    Args:
        curl: `curl -s ADDRESS [-H 'NAME: VALUE'] [-d JSON]`.
    """
    asked = ["with urlopen(request) as answer:", "    print(json.load(answer))"]
    return "\n".join(["import json", "from urllib.request import Request, urlopen", "", *_request(curl), *asked])


def refused_python(curl: str) -> str:
    """The same call where it is answered with an error; `curl` as in `python`."""
    imports = ["import json", "from urllib.error import HTTPError", "from urllib.request import Request, urlopen", ""]
    asked = [
        "try:",
        "    urlopen(request)",
        "except HTTPError as error:",
        "    print(error.code, json.load(error))",
    ]
    return "\n".join([*imports, *_request(curl), *asked])


def _request(curl: str) -> list[str]:
    words = shlex.split(curl.replace("\\\n", " "))
    (address,) = (word for word in words if word.startswith(base))
    headers = dict(word.split(": ", 1) for flag, word in pairwise(words) if flag == "-H")
    data = next((word for flag, word in pairwise(words) if flag == "-d"), None)
    if data is None and not headers:
        return [f"request = Request({_literal(address)})"]
    body = [f"body = {_literal(json.loads(data))}"] if data is not None else []
    arguments = [_literal(address), *(["json.dumps(body).encode()"] if data is not None else [])]
    arguments += [f"headers={_literal(headers)}"] if headers else []
    return [*body, "request = Request(", *(f"    {argument}," for argument in arguments), ")"]


def _first_call(chapter: Chapter, skip: int) -> Call:
    code = [block for block in chapter.blocks if isinstance(block, CodeBlock)]
    pairs = [(one, after) for one, after in pairwise(code) if one.text.startswith("curl")]
    if len(pairs) <= skip:
        raise LookupError(f"no call in docs/api.md below {chapter.title}")
    curl, answer = pairs[skip]
    rewritten = refused_python if '"errors"' in answer.text else python
    return Call(curl.text, answer.text, rewritten(curl.text))


def _literal(value: object, indent: int = 0) -> str:
    """A value of JSON as Python has it; what is long over several lines."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    flat = repr(value).replace("'", '"')
    if not isinstance(value, dict | list) or (len(flat) + indent < _widest and "{" not in flat[1:]):
        return flat
    inner = " " * (indent + 4)
    if isinstance(value, dict):
        parts = [f"{inner}{_literal(name)}: {_literal(item, indent + 4)}," for name, item in value.items()]
        return "\n".join(["{", *parts, " " * indent + "}"])
    return "\n".join(["[", *(f"{inner}{_literal(item, indent + 4)}," for item in value), " " * indent + "]"])
