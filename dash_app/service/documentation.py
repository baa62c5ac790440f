"""The documentation service: the model's evaluation, its card, what it leans on, how columns are spread."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar, get_args

from core.catalogue import Language, UnknownEntry
from core.catalogue.glossary import features_table, terms
from core.contract.glossary import CategoryDistribution, NumberDistribution, TermDetail, distribution
from core.contract.model import ModelDescription, ModelEvaluation
from core.model.artefacts import read_report
from core.model.errors import ArtefactError
from core.model.evidence.card import model_card
from core.model.source import described
from core.reference.reference_profile import UnknownColumn
from dash_app.service.client import understood
from dash_app.service.errors import ServiceUnavailable
from dash_app.service.held import Held

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.model.artefacts import ModelInfo
    from core.model.source import ModelSource
    from core.reference.reference_profile import ReferenceProfile
    from dash_app.service.answers import Source
    from dash_app.service.client import ApiClient

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
_page_size: Final = 500
_languages: Final[tuple[Language, ...]] = get_args(Language)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the model is, as `source` says; `feature_names` are in the order of the matrix."""

    model: ModelDescription
    feature_names: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Weight:
    """What the model makes of a feature: its share of the gain of all splits, 0 to 1, and its place among all."""

    share: float
    rank: int


Shape = NumberDistribution | CategoryDistribution


class DocumentationService:
    """Everything that the page can ask. Each call may raise `ServiceUnavailable`."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._evaluation: Held[ModelEvaluation] = Held()

    def facts(self, lang: Language) -> ModelFacts:
        """The model in use, with what a reader should know of it in words of `lang`."""
        model = self._api.read(ModelDescription, "/model/info", lang=lang)
        names = self._api.get("/model/feature-names")
        with understood():
            return ModelFacts(model, tuple(names["features"]), "api")

    def report(self, version: str | None = None) -> ModelEvaluation:
        """What was measured of it, asked for once a minute of a version that is named; several parts of a page need it.

        Args:
            version: of the model in use; None where it is not known.
        """
        return self._evaluation.get(version, lambda: self._api.read(ModelEvaluation, "/model/evaluation"))

    def card(self) -> str:
        """The model card, Markdown in English, made of both."""
        return self._api.fetch("/model/card").decode()

    def weights(self) -> Mapping[tuple[str, str], Weight]:
        """What the model makes of the terms of the glossary that it sees, by table and name."""
        weights: dict[tuple[str, str], Weight] = {}
        offset = 0
        while True:
            answer = self._api.get("/data/glossary", limit=_page_size, offset=offset)
            with understood():
                seen = [term for term in answer["terms"] if term["rank"] is not None]
                weights |= {(term["table"], term["name"]): Weight(term["importance"], term["rank"]) for term in seen}
                offset += len(answer["terms"])
                # By rank: after the first term without one there is no other with one.
                if len(seen) < len(answer["terms"]) or not seen or offset >= answer["total"]:
                    return weights

    def shape(self, table: str, name: str) -> Shape | None:
        """How a term was spread among the training rows; None where that was not kept."""
        return self._api.read(TermDetail, f"/data/glossary/{table}/{name}").distribution


@dataclass(frozen=True, slots=True)
class _HeldModel:
    info: ModelInfo
    descriptions: Mapping[Language, ModelDescription]
    reference: ReferenceProfile | None


class LocalDocumentation(DocumentationService):
    """From the model in the dashboard's own image, of which only what is said here is held."""

    def __init__(self, model: ModelSource) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._held: tuple[object, _HeldModel] | None = None

    def facts(self, lang: Language) -> ModelFacts:
        held = self._loaded()
        return ModelFacts(held.descriptions[lang], held.info.feature_names, "local")

    def report(self, version: str | None = None) -> ModelEvaluation:  # noqa: ARG002 (it lies beside the model)
        return _stored(lambda: ModelEvaluation.model_validate_json(read_report(self._model.folder())))

    def card(self) -> str:
        return _stored(lambda: model_card(self._model.folder()))

    def weights(self) -> Mapping[tuple[str, str], Weight]:
        info = self._loaded().info
        return {
            (term.table, term.entry.name): Weight(term.importance, term.rank)
            for term in terms(info)
            if term.importance is not None and term.rank is not None
        }

    def shape(self, table: str, name: str) -> Shape | None:
        reference = self._loaded().reference
        if reference is None or table not in (features_table, "application"):
            return None
        try:
            return distribution(reference.column(name))
        except UnknownColumn:
            return None

    def _loaded(self) -> _HeldModel:
        with self._lock:
            now = self._model.fingerprint()
            if self._held is None or self._held[0] != now:
                scorer = _stored(self._model.load)
                try:
                    reference = scorer.artefacts.reference
                except ArtefactError as error:
                    _log.warning("No distributions in the glossary: %s", error)
                    reference = None
                descriptions = {lang: described(self._model, scorer, lang) for lang in _languages}
                self._held = now, _HeldModel(scorer.model, descriptions, reference)
            return self._held[1]


def _stored(read: Callable[[], _Answer]) -> _Answer:
    """What stands beside the model. Raises `ServiceUnavailable` where it is missing or not what training writes."""
    try:
        return read()
    except (ArtefactError, OSError, ValueError, KeyError, RecursionError, UnknownEntry) as error:
        raise ServiceUnavailable("no_model") from error
