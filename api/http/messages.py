"""The sentences that the API says of a request it cannot serve, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.catalogue import Language

_messages: Final[dict[str, dict[Language, str]]] = {
    "invalid_application": {
        "fr": "La demande contient des champs inutilisables.",
        "en": "The application has fields that cannot be used.",
    },
    "nothing_usable": {
        "fr": "Rien de cette demande ne peut être utilisé\u00a0: attendu des colonnes telles que {field}.",
        "en": "Nothing of this application can be used: expected columns such as {field}.",
    },
    "invalid_body": {"fr": "Le corps de la requête est inutilisable.", "en": "The request body cannot be used."},
    "invalid_parameters": {
        "fr": "L’adresse contient des paramètres inutilisables.",
        "en": "The address has parameters that cannot be used.",
    },
    "invalid_headers": {
        "fr": "La requête a des en-têtes inutilisables.",
        "en": "The request has headers that cannot be used.",
    },
    "malformed_json": {"fr": "n’est pas du JSON bien formé", "en": "is not well-formed JSON"},
    "malformed_json_at": {
        "fr": "n’est pas du JSON bien formé (ligne {line}, colonne {column})",
        "en": "is not well-formed JSON (line {line}, column {column})",
    },
    "repeated_key": {"fr": "contient deux fois la même clé", "en": "has the same key twice"},
    "expected_once": {"fr": "chaque clé une seule fois", "en": "each key once"},
    "not_an_object": {"fr": "n’est pas un objet JSON", "en": "is not a JSON object"},
    "not_a_list": {"fr": "n’est pas une liste", "en": "is not a list"},
    "wrong_length": {"fr": "n’a pas le bon nombre d’éléments", "en": "does not have the right number of items"},
    "not_a_number": {"fr": "n’est pas un nombre", "en": "is not a number"},
    "not_whole": {"fr": "n’est pas un nombre entier", "en": "is not a whole number"},
    "not_a_choice": {"fr": "n’est pas une valeur connue", "en": "is not a known value"},
    "not_finite": {"fr": "n’est pas un nombre fini", "en": "is not a finite number"},
    "out_of_bounds": {"fr": "est hors des bornes", "en": "is out of bounds"},
    "too_long": {"fr": "est trop long", "en": "is too long"},
    "missing": {"fr": "manque", "en": "is missing"},
    "unusable": {"fr": "est inutilisable", "en": "cannot be used"},
    "expected_json": {"fr": "un objet JSON", "en": "a JSON object"},
    "expected_features": {
        "fr": "un objet dont les clés sont des colonnes Home Credit",
        "en": "an object whose keys are Home Credit columns",
    },
    "expected_clients": {
        "fr": "une liste de {minimum} à {maximum} objets dont les clés sont des colonnes Home Credit",
        "en": "a list of {minimum} to {maximum} objects whose keys are Home Credit columns",
    },
    "expected_predictions": {
        "fr": "une liste de {minimum} à {maximum} prédictions",
        "en": "a list of {minimum} to {maximum} predictions",
    },
    "expected_number_between": {
        "fr": "un nombre entre {minimum} et {maximum}",
        "en": "a number from {minimum} to {maximum}",
    },
    "expected_whole_between": {
        "fr": "un nombre entier entre {minimum} et {maximum}",
        "en": "a whole number from {minimum} to {maximum}",
    },
    "expected_choice": {"fr": "une valeur parmi : {choices}", "en": "one of: {choices}"},
    "expected_names": {
        "fr": "au plus {maximum} noms connus, séparés par des virgules",
        "en": "at most {maximum} known names, separated by commas",
    },
    "expected_text": {"fr": "au plus {maximum} caractères", "en": "at most {maximum} characters"},
    "not_changeable": {"fr": "ne peut pas être changé", "en": "cannot be changed"},
    "expected_changeable": {
        "fr": "une colonne de la demande autre que SK_ID_CURR et TARGET",
        "en": "a column of the application other than SK_ID_CURR and TARGET",
    },
    "expected_changes": {
        "fr": "un objet dont les clés sont des colonnes Home Credit ; null retire une valeur",
        "en": "an object whose keys are Home Credit columns; null removes a value",
    },
    "expected_changes_or_scenarios": {
        "fr": "soit changes, soit scenarios",
        "en": "either changes or scenarios",
    },
    "expected_scenarios": {
        "fr": "une liste de {minimum} à {maximum} objets {{name, changes}}",
        "en": "a list of {minimum} to {maximum} objects {{name, changes}}",
    },
    "too_many_changes": {"fr": "change trop de champs à la fois", "en": "changes too many fields at once"},
    "expected_few_changes": {
        "fr": "au plus {maximum} champs",
        "en": "at most {maximum} fields",
    },
    "expected_list_of": {"fr": "une liste de valeurs parmi : {choices}", "en": "a list of some of: {choices}"},
    "not_a_text": {"fr": "n’est pas un texte", "en": "is not a text"},
    "content_type_file": {
        "fr": "Le corps doit être un fichier : Content-Type: text/csv, application/gzip,"
        " application/vnd.apache.parquet, application/octet-stream ou multipart/form-data.",
        "en": "The body must be a file: Content-Type: text/csv, application/gzip, application/vnd.apache.parquet,"
        " application/octet-stream or multipart/form-data.",
    },
    "expected_file": {
        "fr": "un seul fichier CSV, CSV.gz ou Parquet de demandes",
        "en": "one CSV, CSV.gz or Parquet file of applications",
    },
    "expected_filter": {
        "fr": "un objet JSON qui dit de colonnes affichées min, max, in, prefix ou missing",
        "en": "a JSON object that says min, max, in, prefix or missing of shown columns",
    },
    "unknown_job": {
        "fr": "Aucun traitement ne porte cet identifiant.",
        "en": "There is no job of this id.",
    },
    "unknown_row": {
        "fr": "Aucune ligne notée ne porte ce numéro.",
        "en": "No scored row has this number.",
    },
    "no_result": {
        "fr": "Ce traitement n'a pas de résultat : il est {state}.",
        "en": "This job has no result: it is {state}.",
    },
    "expected_population": {
        "fr": "portfolio, ou l’identifiant d’un traitement terminé qui a des lignes notées",
        "en": "portfolio, or the id of a finished job that has scored rows",
    },
    "expected_rule_scenarios": {
        "fr": "une liste d’au plus {maximum} scénarios, chacun avec un nom et des règles",
        "en": "a list of at most {maximum} scenarios, each with a name and rules",
    },
    "expected_rules": {
        "fr": "une liste de 1 à {maximum} règles : column, operation, value",
        "en": "a list of 1 to {maximum} rules: column, operation, value",
    },
    "expected_rule_column": {
        "fr": "une colonne de la demande autre que SK_ID_CURR, TARGET et CODE_GENDER",
        "en": "a column of the application other than SK_ID_CURR, TARGET and CODE_GENDER",
    },
    "expected_no_value": {"fr": "aucune valeur", "en": "no value"},
    "state_held": {"fr": "en attente de votre accord", "en": "waiting for your go-ahead"},
    "state_queued": {"fr": "en attente", "en": "queued"},
    "state_running": {"fr": "en cours", "en": "running"},
    "state_done": {"fr": "terminé", "en": "done"},
    "state_failed": {"fr": "en échec", "en": "failed"},
    "state_cancelled": {"fr": "annulé", "en": "cancelled"},
    "too_many_for_a_sheet": {
        "fr": "Une feuille Excel a au plus {maximum} lignes : prenez le CSV ou le Parquet.",
        "en": "An Excel sheet has at most {maximum} rows: take the CSV or the Parquet file.",
    },
    "column_row": {"fr": "Ligne du fichier", "en": "Row of the file"},
    "column_probability": {"fr": "Probabilité de défaut", "en": "Probability of default"},
    "column_prediction": {"fr": "Défaut attendu", "en": "Default expected"},
    "column_decision": {"fr": "Décision du modèle", "en": "Decision of the model"},
    "column_final_decision": {"fr": "Décision finale", "en": "Final decision"},
    "column_officer": {"fr": "Conseiller", "en": "Officer"},
    "column_decided_at": {"fr": "Décidé le", "en": "Decided on"},
    "column_risk_category": {"fr": "Niveau de risque", "en": "Risk category"},
    "column_threshold": {"fr": "Seuil", "en": "Threshold"},
    "column_missing_essentials": {"fr": "Données essentielles absentes", "en": "Essential data missing"},
    "column_information": {"fr": "Part du modèle renseignée", "en": "Share of the model informed"},
    "column_history": {"fr": "Historique utilisé", "en": "History used"},
    "no_space": {
        "fr": "Il n'y a plus assez de place sur le disque pour ce fichier.",
        "en": "There is not enough space left on the disk for this file.",
    },
    "report_unkept": {
        "fr": "Le rapport de dérive n’a pas pu être enregistré : disque plein, ou dossier inutilisable.",
        "en": "The drift report could not be kept: the disk is full, or its folder cannot be used.",
    },
    "files_unavailable": {
        "fr": "Le dossier des fichiers à comparer n’est pas utilisable.",
        "en": "The folder of the files to be compared cannot be used.",
    },
    "jobs_unavailable": {
        "fr": "Le dossier des traitements n'est pas utilisable.",
        "en": "The folder of the jobs cannot be used.",
    },
    "content_type": {
        "fr": "Le corps doit être du JSON : Content-Type: application/json, sans Content-Encoding.",
        "en": "The body must be JSON: Content-Type: application/json, without Content-Encoding.",
    },
    "another_site": {
        "fr": "Une page d’un autre site ne peut rien changer ici, sauf celles du réglage CORS_ORIGINS.",
        "en": "A page of another site can change nothing here, but those of the setting CORS_ORIGINS.",
    },
    "unknown_host": {
        "fr": "Ce service ne répond pas sous le nom demandé\u00a0: ajoutez-le au réglage ALLOWED_HOSTS.",
        "en": "This service does not answer under the name that was asked for: add it to the setting ALLOWED_HOSTS.",
    },
    "unauthenticated": {
        "fr": "Il faut une clé valable : X-API-Key: CLÉ ou Authorization: Bearer CLÉ.",
        "en": "A valid key is needed: X-API-Key: KEY or Authorization: Bearer KEY.",
    },
    "forbidden": {
        "fr": "Cette clé n’y donne pas droit : il faut le rôle {role}.",
        "en": "This key does not allow that: the role {role} is needed.",
    },
    "invalid_assertion": {
        "fr": "L’API ne reconnaît pas la personne connectée\u00a0: attestation expirée, ou SECRET_KEY différente de "
        "celle du tableau de bord.",
        "en": "The API does not know who is signed in: the assertion has expired, or SECRET_KEY differs from the "
        "dashboard’s.",
    },
    "not_delegated": {
        "fr": "Cette clé ne peut pas demander pour une personne\u00a0: il faut celle d’un tableau de bord.",
        "en": "This key cannot ask for a person: that of a dashboard is needed.",
    },
    "person_needed": {
        "fr": "Une décision prise au tableau de bord est celle d’une personne\u00a0: connectez-vous.",
        "en": "A decision taken at the dashboard is that of a person: sign in.",
    },
    "another_officer": {
        "fr": "La décision est enregistrée au nom de qui l’envoie, et d’aucun autre\u00a0: la personne connectée au "
        "tableau de bord ou, pour un programme, le nom de sa clé.",
        "en": "The decision is recorded in the name of who sends it, and of nobody else: the person who is signed in "
        "at the dashboard or, for a program, the name of its key.",
    },
    "too_few_rows": {
        "fr": "Il faut au moins {minimum} lignes de chaque côté pour un rapport de dérive\u00a0; {side} en a moins.",
        "en": "A drift report needs at least {minimum} rows on each side; {side} has fewer.",
    },
    "too_many_requests": {
        "fr": "Trop de requêtes ; recommencez dans {seconds} s.",
        "en": "Too many requests; try again in {seconds} s.",
    },
    "uploads_busy": {
        "fr": "Trop de fichiers arrivent en même temps ; recommencez dans quelques secondes.",
        "en": "Too many files are being sent at once; try again in a few seconds.",
    },
    "not_ready": {
        "fr": "Le service n’est pas prêt ; il lui manque : {missing}.",
        "en": "The service is not ready; missing: {missing}.",
    },
    "too_large": {
        "fr": "Le corps de la requête dépasse {maximum} octets.",
        "en": "The request body is larger than {maximum} bytes.",
    },
    "too_many_bytes": {
        "fr": "Vos fichiers et leurs résultats prennent trop de place avec celui-ci\u00a0: attendu {maximum} octets au"
        " plus pour tous (réglage {setting}). Supprimez-en d’abord.",
        "en": "Your files and their results take too much room with this one: expected at most {maximum} bytes for all"
        " of them (setting {setting}). Remove some first.",
    },
    "too_many_jobs": {
        "fr": "Trop de vos fichiers attendent ou sont en cours\u00a0: attendu {maximum} au plus (réglage {setting})."
        " Laissez-en finir, ou annulez-en.",
        "en": "Too many of your files wait or are being scored: expected at most {maximum} (setting {setting})."
        " Let some end, or cancel some.",
    },
    "too_many_rows": {
        "fr": "Trop de vos lignes attendraient d’être notées\u00a0: attendu {maximum} au plus pour tous vos fichiers"
        " (réglage {setting}). Laissez-en finir, ou annulez-en.",
        "en": "Too many of your rows would wait to be scored: expected at most {maximum} for all of your files"
        " (setting {setting}). Let some end, or cancel some.",
    },
    "too_slow": {
        "fr": "Le corps de la requête se fait trop attendre.",
        "en": "The request body takes too long to come.",
    },
    "bad_request": {"fr": "La requête est mal formée.", "en": "The request is malformed."},
    "no_such_path": {"fr": "Cette adresse n’existe pas.", "en": "There is nothing at this address."},
    "no_such_method": {
        "fr": "Cette adresse ne connaît pas cette méthode ; autorisées : {allowed}.",
        "en": "This address does not take this method; allowed: {allowed}.",
    },
    "unknown_client": {
        "fr": "Aucun client du portefeuille ne porte ce numéro.",
        "en": "No client of the portfolio has this number.",
    },
    "another_client": {
        "fr": "Le SK_ID_CURR envoyé n’est pas le numéro du client nommé dans l’adresse.",
        "en": "The SK_ID_CURR sent is not the number of the client named in the address.",
    },
    "unknown_term": {
        "fr": "Aucune colonne ni variable de ce nom dans cette table.",
        "en": "No column or feature of this name is in this table.",
    },
    "no_test_set": {
        "fr": "Aucun jeu de test utilisable n’accompagne le portefeuille.",
        "en": "No usable test set goes with the portfolio.",
    },
    "drift_reference": {"fr": "la référence", "en": "the reference"},
    "drift_current": {"fr": "ce qui lui est comparé", "en": "what is compared with it"},
    "nothing_to_compare": {
        "fr": "Il n’y a rien à comparer\u00a0: un des deux jeux est vide, ou ils n’ont aucune colonne commune.",
        "en": "There is nothing to compare: one of the sets is empty, or they have no column in common.",
    },
    "expected_drift_side": {
        "fr": "reference (sauf pour current), portfolio, test, live, ou l’identifiant d’un fichier ou d’une tâche",
        "en": "reference (not as current), portfolio, test, live, or the id of a file or a job",
    },
    "expected_limits": {
        "fr": "un objet avec moderate et, au besoin, major",
        "en": "an object with moderate and, where wanted, major",
    },
    "unknown_file": {
        "fr": "Ce fichier n’est pas, ou plus, disponible\u00a0: envoyez-le de nouveau.",
        "en": "This file is not available, or not any more: send it again.",
    },
    "no_drift_report": {
        "fr": "Aucun rapport de dérive n’a encore été produit.",
        "en": "No drift report has been made yet.",
    },
    "model_unavailable": {
        "fr": "Le modèle n’est pas disponible : {reason}.",
        "en": "The model is not available: {reason}.",
    },
    "audit_unavailable": {
        "fr": "Le journal des décisions n’est pas disponible : rien n’est répondu qui n’y soit noté.",
        "en": "The audit log is not available: nothing is answered that is not recorded there.",
    },
    "not_recorded": {
        "fr": "Cette réponse n’a pas pu être notée au journal des décisions.",
        "en": "This answer could not be recorded in the audit log.",
    },
    "another_prediction": {
        "fr": "Cette prédiction n’est pas celle du client nommé.",
        "en": "This prediction is not of the client that is named.",
    },
    "unknown_prediction": {
        "fr": "Aucune prédiction n’est notée sous cet identifiant, ou pour ce client.",
        "en": "No prediction is recorded under this identifier, or for this client.",
    },
    "key_used_otherwise": {
        "fr": "Une autre décision est déjà enregistrée sous cette clé d’idempotence : prenez-en une nouvelle.",
        "en": "Another decision is already recorded under this idempotency key: take a new one.",
    },
    "expected_idempotency_key": {
        "fr": "8 à 64 lettres, chiffres, « . », « _ » ou « - », comme un UUID",
        "en": "8 to 64 letters, digits, “.”, “_” or “-”, such as a UUID",
    },
    "expected_prediction": {
        "fr": "prediction_id, ou client_id d’un client dont une prédiction est notée",
        "en": "prediction_id, or client_id of a client of whom a prediction is recorded",
    },
    "control_characters": {"fr": "contient des caractères de contrôle", "en": "has control characters"},
    "too_short": {"fr": "est trop court", "en": "is too short"},
    "not_text": {"fr": "n’est pas un texte", "en": "is not text"},
    "not_a_moment": {"fr": "n’est ni une date ni un instant", "en": "is neither a date nor a moment"},
    "expected_moment": {
        "fr": "une date ou un instant, comme 2026-11-01 ou 2026-11-01T09:30:00Z",
        "en": "a date or a moment, such as 2026-11-01 or 2026-11-01T09:30:00Z",
    },
    "expected_text_between": {
        "fr": "un texte de {minimum} à {maximum} caractères",
        "en": "text of {minimum} to {maximum} characters",
    },
    "expected_identifier": {"fr": "un identifiant (UUID)", "en": "an identifier (UUID)"},
    "portfolio_unavailable": {
        "fr": "Le portefeuille de clients n’est pas disponible.",
        "en": "The portfolio of clients is not available.",
    },
    "internal_error": {
        "fr": "Erreur interne ; citez l’identifiant de requête {request_id} pour la retrouver.",
        "en": "Internal error; quote the request id {request_id} to have it found.",
    },
}


def message(key: str, lang: Language, **parts: str) -> str:
    """The sentence of that key in `lang`, its parts filled in. Raises `KeyError` for an unknown key or part."""
    return _messages[key][lang].format(**parts)
