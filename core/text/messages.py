"""The sentences that `core` says to a reader, in both languages: errors of fields, warnings, words around values."""

from __future__ import annotations

from typing import Final

from core.catalogue import Language

_messages: Final[dict[str, dict[Language, str]]] = {
    "not_a_number": {"fr": "n’est pas un nombre", "en": "is not a number"},
    "not_finite": {"fr": "n’est pas un nombre fini", "en": "is not a finite number"},
    "not_whole": {"fr": "n’est pas un nombre entier", "en": "is not a whole number"},
    "not_a_choice": {"fr": "n’est pas une valeur connue", "en": "is not a known value"},
    "out_of_bounds": {"fr": "est hors des bornes", "en": "is out of bounds"},
    "missing": {"fr": "manque", "en": "is missing"},
    "of_field": {"fr": "{field}\u00a0: {message}", "en": "{field}: {message}"},
    "unknown_field": {"fr": "champ inconnu, ignoré", "en": "unknown field, ignored"},
    "more_fields": {
        "fr": "champs non utilisés qui ne sont pas nommés ici\u00a0: {count}",
        "en": "fields that were not used and are not named here: {count}",
    },
    "recomputed": {"fr": "recalculé à partir des colonnes d’origine", "en": "recomputed from the raw columns"},
    "outside_training": {
        "fr": "hors de ce que le modèle a vu à l’entraînement",
        "en": "outside of what the model saw in training",
    },
    "missing_essential": {
        "fr": "absent, alors qu’aucune demande ne devrait être décidée sans cette donnée",
        "en": "missing, though no application should be decided without it",
    },
    "in_rows": {"fr": "{text} ({rows} lignes sur {total})", "en": "{text} ({rows} of {total} rows)"},
    "missing_not_learnt": {
        "fr": "une valeur absente est lue comme 0 par {count} variables du modèle\u00a0: {fields}",
        "en": "a missing value is read as 0 by {count} features of the model: {fields}",
    },
    "model_stand_in_kept": {
        "fr": "le modèle demandé au registre est inutilisable\u00a0: la dernière version en service le remplace",
        "en": "the model asked of the registry cannot be used: the version that was last in use stands in",
    },
    "model_stand_in_shipped": {
        "fr": "le modèle demandé au registre est inutilisable\u00a0: le modèle livré avec le service le remplace",
        "en": "the model asked of the registry cannot be used: the model shipped with the service stands in",
    },
    "nothing_usable": {
        "fr": "ne contient rien que le modèle puisse utiliser",
        "en": "holds nothing that the model can use",
    },
    "expected_usable": {
        "fr": "au moins une colonne de la demande, telle que {field}",
        "en": "at least one column of the application, such as {field}",
    },
    "named_twice": {"fr": "est nommé deux fois, sous deux graphies", "en": "is named twice, in two spellings"},
    "expected_once": {"fr": "un seul nom pour chaque colonne", "en": "each column under one name"},
    "broken_rows": {"fr": "lignes mal formées", "en": "are not well-formed rows"},
    "broken_row": {"fr": "ligne mal formée ({why})", "en": "is not a well-formed row ({why})"},
    "expected_row": {"fr": "autant de valeurs que de colonnes", "en": "as many values as there are columns"},
    "row": {"fr": "ligne {number}", "en": "row {number}"},
    "expected": {"fr": "attendu :", "en": "expected:"},
    "expected_choice": {"fr": "une valeur parmi : {choices}", "en": "one of: {choices}"},
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
    "more_than": {"fr": "soit plus que chez {share} des clients", "en": "which is more than for {share} of clients"},
    "less_than": {"fr": "soit moins que chez {share} des clients", "en": "which is less than for {share} of clients"},
    "in_the_middle": {"fr": "ce qui est dans la moyenne", "en": "which is about average"},
    "peers_criteria": {"fr": "{count} clients : {criteria}", "en": "{count} clients: {criteria}"},
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
    "peers_relaxed": {"fr": "; trop peu avec aussi : {criteria}", "en": "; too few with also: {criteria}"},
    "peer_contract": {"fr": "même type de contrat", "en": "same type of contract"},
    "peer_income_type": {"fr": "même type de revenus", "en": "same type of income"},
    "peer_age": {"fr": "âge à {years} ans près", "en": "age within {years} years"},
    "peer_income": {"fr": "revenus à {share} près", "en": "income within {share}"},
    "peer_credit": {"fr": "crédit à {share} près", "en": "credit within {share}"},
    "peer_family": {"fr": "même situation familiale", "en": "same family status"},
    "then": {"fr": "\u00a0; ", "en": "; "},
    "credit_less": {
        "fr": "emprunter {after} au lieu de {before}, à mensualité égale, donc sur moins longtemps",
        "en": "borrow {after} instead of {before} at the same annuity, so for less time",
    },
    "credit_more": {
        "fr": "emprunter jusqu’à {after} au lieu de {before}, à mensualité égale, donc sur plus longtemps",
        "en": "borrow up to {after} instead of {before} at the same annuity, so for longer",
    },
    "down_payment_less": {
        "fr": "emprunter {difference} de moins sur la même durée, en les apportant\u00a0: {after} au lieu de {before}"
        "{with}",
        "en": "borrow {difference} less over the same time by paying it up front: {after} instead of {before}{with}",
    },
    "down_payment_more": {
        "fr": "emprunter jusqu’à {difference} de plus sur la même durée\u00a0: {after} au lieu de {before}{with}",
        "en": "borrow up to {difference} more over the same time: {after} instead of {before}{with}",
    },
    "goods_price_less": {
        "fr": "choisir un bien à {after} au lieu de {before}, financé de la même façon{with}",
        "en": "choose goods for {after} instead of {before}, paid for in the same way{with}",
    },
    "goods_price_more": {
        "fr": "choisir un bien jusqu’à {after} au lieu de {before}, financé de la même façon{with}",
        "en": "choose goods for up to {after} instead of {before}, paid for in the same way{with}",
    },
    "duration_less": {
        "fr": "rembourser plus longtemps, avec une mensualité de {after} au lieu de {before}",
        "en": "repay for longer, with an annuity of {after} instead of {before}",
    },
    "duration_more": {
        "fr": "rembourser plus vite, avec une mensualité de {after} au lieu de {before}",
        "en": "repay faster, with an annuity of {after} instead of {before}",
    },
    "with_AMT_CREDIT": {"fr": ", crédit de {after}", "en": ", credit of {after}"},
    "with_AMT_ANNUITY": {"fr": ", mensualité de {after}", "en": ", annuity of {after}"},
    "give_document": {"fr": "fournir le document n°\u00a0{names}", "en": "provide document number {names}"},
    "give_documents": {"fr": "fournir les documents n°\u00a0{names}", "en": "provide documents number {names}"},
    "give_score": {
        "fr": "fournir le {label}, s’il est d’au moins {value} sur 1 (c’est le cas de {share} des clients qui en ont"
        " un)",
        "en": "provide {label}, if it is at least {value} out of 1 (as it is for {share} of the clients who have one)",
    },
    "then_accepted": {
        "fr": ". La demande serait acceptée\u00a0: risque de défaut de {probability}.",
        "en": ". The application would be accepted: risk of default {probability}.",
    },
    "then_still_refused": {
        "fr": ". Cela ne suffit pas\u00a0: risque de défaut de {probability}.",
        "en": ". That is not enough: risk of default {probability}.",
    },
    "margin": {
        "fr": ". Au-delà, la demande serait refusée\u00a0: risque de défaut de {probability} à ce point.",
        "en": ". Beyond that it would be refused: risk of default {probability} at that point.",
    },
    "margin_to_limit": {
        "fr": ". La demande reste acceptée jusqu’à cette limite\u00a0: risque de défaut de {probability}.",
        "en": ". The application stays accepted up to that limit: risk of default {probability}.",
    },
    "recourse_accepted": {
        "fr": "La demande est acceptée\u00a0; voici jusqu’où elle le resterait.",
        "en": "The application is accepted; this is how far it would stay so.",
    },
    "recourse_no_margin": {
        "fr": "La demande est acceptée, sans marge connue.",
        "en": "The application is accepted, with no known room.",
    },
    "recourse_found": {
        "fr": "La demande est refusée\u00a0; elle serait acceptée avec l’un de ces changements.",
        "en": "The application is refused; it would be accepted with one of these changes.",
    },
    "recourse_not_reached": {
        "fr": "Aucun changement à la portée du client ne suffit\u00a0: le risque ne descend pas sous {probability},"
        " pour un seuil de {threshold}.",
        "en": "No change within the client's reach is enough: the risk does not go below {probability}, with a"
        " threshold of {threshold}.",
    },
    "recourse_nothing": {
        "fr": "Aucun changement à la portée du client ne réduit le risque.",
        "en": "No change within the client's reach lowers the risk.",
    },
    "point": {"fr": "{count}\u00a0point", "en": "{count} point"},
    "points": {"fr": "{count}\u00a0points", "en": "{count} points"},
    "effect_up": {
        "fr": "{label}\u00a0: {before} → {after}, le risque augmente de {points}.",
        "en": "{label}: {before} → {after}, which raises the risk by {points}.",
    },
    "effect_down": {
        "fr": "{label}\u00a0: {before} → {after}, le risque baisse de {points}.",
        "en": "{label}: {before} → {after}, which lowers the risk by {points}.",
    },
    "effect_none": {
        "fr": "{label}\u00a0: {before} → {after}, sans effet sur le risque.",
        "en": "{label}: {before} → {after}, without effect on the risk.",
    },
    "effect_same": {"fr": "{label}\u00a0: inchangé, {after}.", "en": "{label}: unchanged, {after}."},
    "expected_or": {"fr": ", ou {other}", "en": ", or {other}"},
    "file_empty": {
        "fr": "Le fichier est vide : attendu une première ligne avec les noms des colonnes.",
        "en": "The file is empty: expected a first line with the names of the columns.",
    },
    "file_no_rows": {
        "fr": "Le fichier ne contient aucune ligne de données.",
        "en": "The file holds no row of data.",
    },
    "file_column_twice": {
        "fr": "Le fichier nomme deux fois la même colonne : {columns}.",
        "en": "The file names a column twice: {columns}.",
    },
    "file_no_known_column": {
        "fr": "Aucune colonne du fichier n’est une colonne de demande : attendu des noms comme AMT_INCOME_TOTAL ou"
        " AMT_CREDIT.",
        "en": "None of the file's columns is an application column: expected names such as AMT_INCOME_TOTAL,"
        " AMT_CREDIT.",
    },
    "file_unreadable": {
        "fr": "Le fichier ne peut pas être lu comme {kind} : il est abîmé, incomplet ou d’un autre format.",
        "en": "The file cannot be read as {kind}: it is damaged, cut off, or of another kind.",
    },
    "file_not_text": {
        "fr": "Le fichier ne peut pas être lu comme du texte : attendu un CSV en UTF-8 ou en Latin-1, un CSV.gz ou un"
        " fichier Parquet.",
        "en": "The file cannot be read as text: expected CSV in UTF-8 or Latin-1, CSV.gz or Parquet.",
    },
    "file_line_too_long": {
        "fr": "Le fichier contient une ligne de plus de {maximum} octets, ou un guillemet jamais refermé, après la"
        " ligne {line}.",
        "en": "The file holds a line of more than {maximum} bytes, or a quote that never ends, after line {line}.",
    },
    "file_too_large_unpacked": {
        "fr": "Le fichier décompressé est trop grand\u00a0: attendu {maximum} octets au plus (réglage {setting}).",
        "en": "Unpacked, the file is too large: expected at most {maximum} bytes (setting {setting}).",
    },
    "file_unpacks_too_far": {
        "fr": "Le fichier se décompresse démesurément\u00a0: attendu {maximum} fois sa taille au plus"
        " (réglage {setting}).",
        "en": "The file unpacks out of proportion: expected at most {maximum} times its size (setting {setting}).",
    },
    "file_too_many_rows": {
        "fr": "Le fichier a trop de lignes\u00a0: attendu {maximum} au plus (réglage {setting}).",
        "en": "The file has too many rows: expected at most {maximum} (setting {setting}).",
    },
    "file_too_many_columns": {
        "fr": "Le fichier a trop de colonnes\u00a0: attendu {maximum} au plus (réglage {setting}).",
        "en": "The file has too many columns: expected at most {maximum} (setting {setting}).",
    },
    "file_header_too_long": {
        "fr": "Les noms des colonnes sont trop longs\u00a0: attendu {maximum} octets au plus pour tous"
        " (réglage {setting}).",
        "en": "The names of the columns are too long: expected at most {maximum} bytes for all of them"
        " (setting {setting}).",
    },
    "file_cell_too_long": {
        "fr": "Une valeur de la colonne {column} est trop longue, à partir de la ligne {row}\u00a0: attendu"
        " {maximum} octets au plus (réglage {setting}).",
        "en": "A value of the column {column} is too long, from row {row} on: expected at most {maximum} bytes"
        " (setting {setting}).",
    },
    "file_pages": {
        "fr": "Ce fichier Parquet est découpé d’une façon qui demande trop de mémoire\u00a0: attendu des pages de"
        " {maximum} octets au plus par groupe de lignes, {pages} pages au plus et pas de texte en DELTA_BYTE_ARRAY."
        " Écrivez-le à nouveau avec les réglages habituels, ou en CSV.",
        "en": "This Parquet file is laid out in a way that takes too much memory: expected pages of at most {maximum}"
        " bytes a row group, at most {pages} pages, and no text as DELTA_BYTE_ARRAY. Write it again with the usual"
        " settings, or as CSV.",
    },
    "file_column_kind": {
        "fr": "La colonne {column} n’est faite ni de nombres ni de texte : attendu {expected}.",
        "en": "The column {column} holds neither numbers nor text: expected {expected}.",
    },
    "job_no_model": {
        "fr": "Le modèle n’est pas disponible : le fichier n’a pas pu être noté.",
        "en": "The model is not available: the file could not be scored.",
    },
    "job_no_record": {
        "fr": "Le registre des décisions ne répond pas : rien ne peut être noté sans y être inscrit.",
        "en": "The record of decisions does not answer: nothing may be scored without being recorded.",
    },
    "history_joined": {
        "fr": "L’historique des clients du portefeuille a été joint à {joined} lignes sur {rows}.",
        "en": "The history of clients on hand was joined to {joined} of {rows} rows.",
    },
    "history_joined_preview": {
        "fr": "L’historique des clients du portefeuille serait joint à {joined} des {rows} lignes lues.",
        "en": "The history of clients on hand would be joined to {joined} of the {rows} rows that were read.",
    },
    "history_not_joined": {
        "fr": "Aucun historique du portefeuille n’est joint : une ligne n’a que ce que le fichier en dit.",
        "en": "No history of clients on hand is joined: a row has what the file says of it and nothing else.",
    },
    "history_synthetic": {
        "fr": "Ces clients sont synthétiques\u00a0: leur historique n’est celui de personne.",
        "en": "These clients are synthetic: their history is nobody's.",
    },
    "history_sent": {
        "fr": "{sent} lignes sur {rows} apportent leur propre historique, et le gardent.",
        "en": "{sent} of {rows} rows bring a history of their own, and keep it.",
    },
    "job_no_portfolio": {
        "fr": "L’historique des clients du portefeuille est demandé, et il n’y a pas de portefeuille.",
        "en": "The history of the clients on hand is asked for, and there are no clients on hand.",
    },
    "job_disk_full": {
        "fr": "Il n’y a plus de place sur le disque : rien n’a été gardé de ce fichier, déposez-le à nouveau.",
        "en": "There is no space left on the disk: nothing of this file was kept, send it again.",
    },
    "job_gave_up": {
        "fr": "Le traitement s’est interrompu {attempts} fois sans pouvoir finir : il est abandonné.",
        "en": "The job was cut short {attempts} times before its end: it was given up.",
    },
    "job_lost": {
        "fr": "Le fichier déposé n’est plus là : déposez-le à nouveau.",
        "en": "The file that was sent is gone: send it again.",
    },
    "job_failed": {
        "fr": "Le traitement a échoué par une erreur interne, consignée dans le journal du traitement.",
        "en": "The job failed by an internal error, which the log of the worker has.",
    },
}


def message(key: str, lang: Language, **parts: str) -> str:
    """The sentence of that key in `lang`, its parts filled in. Raises `KeyError` for an unknown key or part."""
    return _messages[key][lang].format(**parts)
