"""The glossary: complete, searchable in either language, with what the model leans on first."""

import pytest

from core import catalogue
from core.catalogue import glossary
from core.scoring import Scorer


def test_every_column_and_feature_is_a_term(scorer: Scorer) -> None:
    found = glossary.terms(scorer.model)
    expected = [("features", feature.name) for feature in catalogue.features()]
    expected += [(table, column.name) for table in catalogue.tables() for column in catalogue.columns(table)]
    assert sorted((each.table, each.entry.name) for each in found) == sorted(expected)
    assert {each.table for each in found} == set(glossary.tables())


def test_what_the_model_leans_on_comes_first(scorer: Scorer) -> None:
    found = glossary.terms(scorer.model)
    ranked = [each for each in found if each.rank is not None]
    assert [each.rank for each in ranked] == list(range(1, len(scorer.model.feature_names) + 1))
    assert found[: len(ranked)] == tuple(ranked)
    weights = [each.importance or 0.0 for each in ranked]
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) == pytest.approx(1)
    assert all(term.rank is None for term in glossary.terms(None))


@pytest.mark.parametrize(
    ("words", "lang", "name"),
    [
        ("mensualite revenu", "fr", "ANNUITY_INCOME_RATIO"),
        ("Mensualité REVENU", "fr", "ANNUITY_INCOME_RATIO"),
        ("annuity income", "en", "ANNUITY_INCOME_RATIO"),
        ("ext_source_2", "en", "EXT_SOURCE_2"),
        ("", "fr", "EXT_SOURCE_2"),
    ],
)
def test_words_find_terms_whatever_case_and_accents(words: str, lang: catalogue.Language, name: str) -> None:
    assert name in {each.entry.name for each in glossary.search(glossary.terms(None), words, lang)}


def test_every_word_has_to_be_there_and_tables_narrow_down() -> None:
    found = glossary.terms(None)
    assert glossary.search(found, "annuity zebra", "en") == ()
    bureau = glossary.search(found, "", "en", "bureau")
    assert {each.entry.name for each in bureau} == {column.name for column in catalogue.columns("bureau")}


def test_one_term(scorer: Scorer) -> None:
    found = glossary.term("application", "NAME_INCOME_TYPE", scorer.model)
    assert [code.code for code in found.codes] == [code.code for code in catalogue.column("NAME_INCOME_TYPE").codes]
    with pytest.raises(catalogue.UnknownEntry):
        glossary.term("bureau", "NAME_INCOME_TYPE", scorer.model)
