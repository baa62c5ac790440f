"""The sentences that `core` says to a reader, in both languages: errors of fields, warnings, words around values."""

from __future__ import annotations

from typing import Final

from core.catalogue import Language

_messages: Final[dict[str, dict[Language, str]]] = {
    "not_a_number": {"fr": "n'est pas un nombre", "en": "is not a number"},
    "not_finite": {"fr": "n'est pas un nombre fini", "en": "is not a finite number"},
    "not_whole": {"fr": "n'est pas un nombre entier", "en": "is not a whole number"},
    "not_a_choice": {"fr": "n'est pas une valeur connue", "en": "is not a known value"},
    "out_of_bounds": {"fr": "est hors des bornes", "en": "is out of bounds"},
    "missing": {"fr": "manque", "en": "is missing"},
    "unknown_field": {
        "fr": "{field} : champ inconnu, ignoré",
        "en": "{field}: unknown field, ignored",
    },
    "recomputed": {
        "fr": "{field} : recalculé à partir des colonnes d'origine",
        "en": "{field}: recomputed from the raw columns",
    },
    "broken_row": {"fr": "ligne mal formée ({why})", "en": "is not a well-formed row ({why})"},
    "expected_row": {"fr": "autant de valeurs que de colonnes", "en": "as many values as there are columns"},
    "row": {"fr": "ligne {number}", "en": "row {number}"},
    "expected": {"fr": "attendu :", "en": "expected:"},
    "expected_choice": {"fr": "une valeur parmi : {choices}", "en": "one of: {choices}"},
    "expected_number": {"fr": "un nombre", "en": "a number"},
    "expected_whole": {"fr": "un nombre entier", "en": "a whole number"},
    "expected_number_between": {
        "fr": "un nombre entre {minimum} et {maximum}",
        "en": "a number from {minimum} to {maximum}",
    },
    "expected_whole_between": {
        "fr": "un nombre entier entre {minimum} et {maximum}",
        "en": "a whole number from {minimum} to {maximum}",
    },
    "not_stated": {"fr": "non renseigné", "en": "not stated"},
    "not_applicable": {"fr": "sans objet", "en": "not applicable"},
    "yes": {"fr": "oui", "en": "yes"},
    "no": {"fr": "non", "en": "no"},
    "more_than": {"fr": "soit plus que chez {share} des clients", "en": "more than {share} of clients"},
    "less_than": {"fr": "soit moins que chez {share} des clients", "en": "less than {share} of clients"},
    "in_the_middle": {"fr": "ce qui est dans la moyenne", "en": "about average"},
    "peers_criteria": {"fr": "{count} clients : {criteria}", "en": "{count} clients: {criteria}"},
    "peers_anyone": {
        "fr": "{count} clients, sans critère commun",
        "en": "{count} clients, with nothing asked in common",
    },
    "peers_nearest": {
        "fr": "les {count} clients les plus proches par les revenus, le crédit, la mensualité, l’âge, l’emploi, les"
        " enfants, les scores externes et le type de contrat",
        "en": "the {count} clients nearest in income, credit, annuity, age, employment, children, external scores and"
        " contract",
    },
    "peers_relaxed": {"fr": "; trop peu avec aussi : {criteria}", "en": "; too few with also: {criteria}"},
    "peer_contract": {"fr": "même type de contrat", "en": "same type of contract"},
    "peer_income_type": {"fr": "même type de revenus", "en": "same type of income"},
    "peer_age": {"fr": "âge à {years} ans près", "en": "age within {years} years"},
    "peer_income": {"fr": "revenus à {share} près", "en": "income within {share}"},
    "peer_credit": {"fr": "crédit à {share} près", "en": "credit within {share}"},
    "peer_family": {"fr": "même situation familiale", "en": "same family status"},
    "expected_or": {"fr": ", ou {other}", "en": ", or {other}"},
}


def message(key: str, lang: Language, **parts: str) -> str:
    """The sentence of that key in `lang`, its parts filled in. Raises `KeyError` for an unknown key or part."""
    return _messages[key][lang].format(**parts)
