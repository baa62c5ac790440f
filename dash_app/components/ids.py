"""The ids of the shell, which every page may refer to."""

from __future__ import annotations

from typing import Final

location: Final = "shell-location"
tick: Final = "shell-tick"
theme: Final = "shell-theme"
source: Final = "shell-source"
seen: Final = "shell-seen"
recent: Final = "shell-recent"
toasts: Final = "shell-toasts"
announcer: Final = "shell-announcer"

navigation: Final = "shell-navigation"
crumb: Final = "shell-crumb"
languages: Final = "shell-languages"
states: Final = "shell-states"
standing: Final = "shell-standing"
model: Final = "shell-model"
dataset: Final = "shell-dataset"
service_links: Final = "shell-service-links"
mlflow_url: Final = "shell-mlflow-url"

finder_input: Final = "shell-finder-input"
finder_options: Final = "shell-finder-options"
