"""The glossary: every column and feature in words, with what the model makes of it."""

from __future__ import annotations

from flask import Response

from api.http.language import language
from api.http.parameters import parameters
from api.http.problems import UnknownTerm
from api.http.responses import json_answer
from api.openapi.framework import Resource, answers
from api.schemas.base import LanguageQuery
from api.schemas.glossary import GlossaryQuery, TermPath
from api.services import services
from core.catalogue import UnknownEntry, glossary
from core.contract.glossary import CodeLine, TermDetail, TermLine, TermList, distribution, line
from core.model.errors import ArtefactError
from core.reference.reference_profile import UnknownColumn

blueprint = Resource(
    "glossary",
    __name__,
    url_prefix="/data/glossary",
    title="Glossary",
    description="Every column and feature in words.",
)


@blueprint.get("", summary="Terms, searched page by page", responses=answers(TermList, 400, 503))
@parameters
def terms(query: GlossaryQuery) -> Response:
    """By importance for the model; what it does not see comes after."""
    lang = language()
    matches = glossary.search(glossary.terms(services().scorer.get().model), query.search, lang, query.table)
    page = matches[query.offset : query.offset + query.limit]
    return json_answer(
        TermList(
            terms=[TermLine(**line(entry, lang)) for entry in page],
            total=len(matches),
            limit=query.limit,
            offset=query.offset,
        )
    )


@blueprint.get("/<table>/<name>", summary="One term", responses=answers(TermDetail, 400, 404, 503))
@parameters
def term(path: TermPath, query: LanguageQuery) -> Response:  # noqa: ARG001 (`language` reads it)
    """What it means, its values, and how they were spread in the rows that the model was trained on."""
    lang, scorer = language(), services().scorer.get()
    try:
        glossary_term = glossary.term(path.table, path.name, scorer.model)
    except UnknownEntry:
        raise UnknownTerm from None
    profiled = None
    if glossary_term.table in (glossary.features_table, "application"):
        try:
            profiled = distribution(scorer.artefacts.reference.column(glossary_term.entry.name))
        except (ArtefactError, UnknownColumn):
            profiled = None
    return json_answer(
        TermDetail(
            **line(glossary_term, lang),
            codes=[CodeLine(code=code.code, label=code.label(lang)) for code in glossary_term.codes],
            distribution=profiled,
        )
    )
