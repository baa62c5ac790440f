"""The sections of the documentation: where each is, what it is called, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dash_app import addresses
from dash_app.i18n import mark, translated


@dataclass(frozen=True, slots=True)
class Section:
    """A section; its name and what it holds are msgids, translated where they are shown.

    Attributes:
        key: last part of its address; empty for the overview.
        text: the Markdown text that it shows, such as `user-guide`; empty where it shows something else as well.
    """

    key: str
    name: str
    holds: str
    icon: str
    text: str = ""

    @property
    def path(self) -> str:
        """Its address."""
        return addresses.of_section(self.key) if self.key else addresses.documentation

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return translated(self.name)

    @property
    def lead(self) -> str:
        """What it holds, in the reader's language."""
        return translated(self.holds)


overview: Final = Section("", mark("Overview"), mark("Everything that there is to know, by question."), "book")
guide: Final = Section(
    "guide", mark("User guide"), mark("Each task, step by step, with pictures."), "book", "user-guide"
)
model: Final = Section(
    "model",
    mark("Model card"),
    mark("What the model was made for, how good it is, for whom it is less good, and what the law asks of it."),
    "cpu",
    "model-notes",
)
glossary: Final = Section(
    "glossary",
    mark("Glossary"),
    mark("Every column and every computed figure: what it means, how it is spread, what the model makes of it."),
    "list",
)
threshold: Final = Section(
    "threshold",
    mark("Threshold and cost"),
    mark("Why an application is refused from a certain risk on, and what that costs."),
    "sliders",
)
api: Final = Section(
    "api",
    mark("API"),
    mark("How a program asks for a decision: calls to copy, in a terminal or in Python."),
    "hdd-network",
)
accessibility: Final = Section(
    "accessibility",
    mark("Accessibility"),
    mark("Which criteria are met, how that was checked, and what is not there yet."),
    "people",
    "accessibility",
)
changelog: Final = Section(
    "changelog", mark("Changelog"), mark("What has changed, version by version."), "clock-history"
)

sections: Final = (guide, model, glossary, threshold, api, accessibility, changelog)
