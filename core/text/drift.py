"""The words of a drift report, in both languages."""

from __future__ import annotations

from typing import Final

from core.catalogue import Language

vocabulary: Final[dict[str, dict[Language, str]]] = {
    "title": {"fr": "Rapport de dérive", "en": "Drift report"},
    "sides": {"fr": "{current} – référence\u00a0: {reference}", "en": "{current} against {reference}"},
    "side_portfolio": {"fr": "portefeuille", "en": "portfolio"},
    "side_test": {"fr": "jeu de test", "en": "test set"},
    "side_reference": {"fr": "référence du modèle", "en": "reference of the model"},
    "side_live": {"fr": "trafic réel ({period}, UTC)", "en": "live traffic ({period}, UTC)"},
    "made": {"fr": "Établi le {day}.", "en": "Made on {day}."},
    "scored_by": {"fr": "Scores du modèle {model}.", "en": "Scored by the model {model}."},
    "synthetic": {
        "fr": "Une partie des demandes est synthétique\u00a0: elles ont été tirées au sort, aucune n’est réelle.",
        "en": "Some of the applications are synthetic: they were drawn, none is real.",
    },
    "alert": {"fr": "Alerte", "en": "Alert"},
    "no_alert": {"fr": "Aucune alerte", "en": "No alert"},
    "no_alert_text": {"fr": "Aucune règle d’alerte n’est enfreinte.", "en": "No alert rule is broken."},
    "reference": {"fr": "Référence", "en": "Reference"},
    "current": {"fr": "Comparé", "en": "Current"},
    "summary": {"fr": "En bref", "en": "In short"},
    "summary_caption": {"fr": "Les deux jeux de demandes en quelques chiffres", "en": "Both sets in a few numbers"},
    "figure": {"fr": "Chiffre", "en": "Figure"},
    "rows": {"fr": "Demandes", "en": "Applications"},
    "columns_compared": {"fr": "Colonnes comparées", "en": "Columns compared"},
    "columns_drifted": {"fr": "Colonnes en dérive", "en": "Columns that drift"},
    "count_and_share": {"fr": "{count} ({share})", "en": "{count} ({share})"},
    "importance_drifted": {
        "fr": "Poids de ces colonnes dans le modèle",
        "en": "Weight of these columns in the model",
    },
    "mean_probability": {"fr": "Probabilité de défaut moyenne", "en": "Mean probability of default"},
    "refused": {"fr": "Part refusée", "en": "Share refused"},
    "default_rate": {"fr": "Taux de défaut", "en": "Default rate"},
    "drifted_heading": {"fr": "Colonnes en dérive", "en": "Columns that drift"},
    "drifted_caption": {
        "fr": "Les colonnes en dérive, les plus utiles au modèle d’abord",
        "en": "The columns that drift, those that the model leans on most first",
    },
    "none_drifted": {"fr": "Aucune colonne ne dérive.", "en": "No column drifts."},
    "all_heading": {"fr": "Toutes les colonnes", "en": "All columns"},
    "all_caption": {"fr": "Toutes les colonnes comparées", "en": "All columns compared"},
    "column": {"fr": "Colonne", "en": "Column"},
    "level": {"fr": "Dérive", "en": "Drift"},
    "stable": {"fr": "stable", "en": "stable"},
    "moderate": {"fr": "modérée", "en": "moderate"},
    "major": {"fr": "forte", "en": "major"},
    "importance": {"fr": "Poids dans le modèle", "en": "Weight in the model"},
    "psi": {"fr": "PSI", "en": "PSI"},
    "jensen_shannon": {"fr": "Jensen-Shannon", "en": "Jensen-Shannon"},
    "kolmogorov_smirnov": {"fr": "Kolmogorov-Smirnov", "en": "Kolmogorov-Smirnov"},
    "wasserstein": {"fr": "Wasserstein (écarts-types)", "en": "Wasserstein (std dev.)"},
    "total_variation": {"fr": "Variation totale", "en": "Total variation"},
    "missing": {"fr": "Valeurs manquantes", "en": "Missing values"},
    "p_value": {"fr": "p corrigée", "en": "Corrected p"},
    "from_to": {"fr": "{before} → {after}", "en": "{before} → {after}"},
    "score_heading": {"fr": "Probabilité de défaut", "en": "Probability of default"},
    "psi_beside_chance": {
        "fr": "{psi}, dont {chance} attendus du seul hasard",
        "en": "{psi}, of which {chance} is to be expected of chance alone",
    },
    "within": {"fr": "{value} (de {low} à {high})", "en": "{value} ({low} to {high})"},
    "not_comparable": {
        "fr": "Scores non comparables\u00a0: il manque d’un côté {count} colonnes qui portent {share} du modèle.",
        "en": "Scores not comparable: {count} columns that carry {share} of the model are absent on one side.",
    },
    "not_comparable_columns": {"fr": "Colonnes absentes\u00a0: {columns}.", "en": "Absent columns: {columns}."},
    "score_sentence": {
        "fr": "PSI du score\u00a0: {psi} (dérive {level}). Part refusée au seuil de {threshold}\u00a0:"
        " {before} → {after}.",
        "en": "PSI of the score: {psi} ({level} drift). Share refused at the threshold of {threshold}:"
        " {before} → {after}.",
    },
    "segments_caption": {
        "fr": "Le score à l’intérieur de chaque segment\u00a0: un segment peut grandir sans que ses clients soient"
        " jugés autrement",
        "en": "The score within each segment: a segment may grow without its clients being judged otherwise",
    },
    "segment": {"fr": "Segment", "en": "Segment"},
    "share": {"fr": "Part des demandes", "en": "Share of applications"},
    "age_band": {"fr": "Âge", "en": "Age"},
    "psi_within": {"fr": "PSI du score", "en": "PSI of the score"},
    "too_few": {"fr": "trop peu de demandes", "en": "too few applications"},
    "performance_heading": {"fr": "Performance et calibration", "en": "Performance and calibration"},
    "performance_caption": {
        "fr": "Qualité du score là où l’issue est connue",
        "en": "How good the score is, where the outcome is known",
    },
    "performance_stored": {
        "fr": "Référence\u00a0: validation croisée de l’entraînement.",
        "en": "Reference: cross-validation at training.",
    },
    "performance_rows": {
        "fr": "Si la référence a servi à entraîner le modèle, sa performance y est flatteuse.",
        "en": "If the model was trained on the reference, its performance there is flattering.",
    },
    "few_outcomes": {
        "fr": "Trop peu d’issues connues pour juger le score\u00a0: {defaults} défauts et {repaid} sans défaut"
        " ({side})\u00a0; il en faut {fewest} de chaque.",
        "en": "Too few outcomes are known to judge the score: {defaults} defaults and {repaid} without one ({side});"
        " {fewest} of each are needed.",
    },
    "few_to_tell": {"fr": "trop peu pour le dire", "en": "too few to tell"},
    "honesty": {
        "fr": "Probabilités justes\u00a0: p (Hosmer-Lemeshow)",
        "en": "Honest probabilities: p (Hosmer-Lemeshow)",
    },
    "calibration_error_by_chance": {
        "fr": "Erreur de calibration attendue du seul hasard",
        "en": "Calibration error to be expected of chance alone",
    },
    "auc": {"fr": "Aire sous la courbe ROC (AUC)", "en": "Area under the ROC curve (AUC)"},
    "brier": {"fr": "Score de Brier", "en": "Brier score"},
    "log_loss": {"fr": "Perte logarithmique", "en": "Log loss"},
    "calibration_error": {"fr": "Erreur de calibration", "en": "Calibration error"},
    "cost": {"fr": "Coût moyen par demande", "en": "Mean cost per application"},
    "known_outcomes": {"fr": "Issues connues", "en": "Known outcomes"},
    "change_p": {
        "fr": "Changement de l’AUC\u00a0: {change} (p {p}).",
        "en": "Change of the AUC: {change} (p {p}).",
    },
    "details_heading": {"fr": "Colonne par colonne", "en": "Column by column"},
    "chart_histogram": {
        "fr": "Répartition de «\u00a0{label}\u00a0»\u00a0: référence en surface pleine, comparé en trait tireté.",
        "en": "Distribution of “{label}”: reference as a filled area, current as a dashed line.",
    },
    "chart_bars": {
        "fr": "Répartition de «\u00a0{label}\u00a0»\u00a0: référence en barres pleines, comparé en barres hachurées.",
        "en": "Distribution of “{label}”: reference as solid bars, current as hatched bars.",
    },
    "chart_quantiles": {
        "fr": "Quantiles de «\u00a0{label}\u00a0»\u00a0: moustaches de 5\u00a0% à 95\u00a0%, boîte de"
        " 25\u00a0% à 75\u00a0%, trait à la médiane.",
        "en": "Quantiles of “{label}”: whiskers from 5% to 95%, box from 25% to 75%, line at the median.",
    },
    "chart_calibration": {
        "fr": "Calibration\u00a0: défauts prédits (horizontal) et observés (vertical) par dixième des demandes\u00a0;"
        " ronds pour la référence, losanges pour le jeu comparé, diagonale pour une calibration parfaite.",
        "en": "Calibration: defaults predicted (horizontal) and observed (vertical) by tenth of the applications;"
        " circles for the reference, diamonds for the current rows, the diagonal for perfect calibration.",
    },
    "quantiles_caption": {"fr": "Quantiles de «\u00a0{label}\u00a0»", "en": "Quantiles of “{label}”"},
    "quantile": {"fr": "Quantile", "en": "Quantile"},
    "median": {"fr": "médiane", "en": "median"},
    "mean": {"fr": "moyenne", "en": "mean"},
    "bins_caption": {
        "fr": "Tranches de «\u00a0{label}\u00a0» et ce que chacune ajoute au PSI",
        "en": "Bins of “{label}”, and what each adds to the PSI",
    },
    "bins": {"fr": "Tranches", "en": "Bins"},
    "bin": {"fr": "Tranche", "en": "Bin"},
    "adds": {"fr": "Ajoute au PSI", "en": "Adds to the PSI"},
    "moved": {"fr": "Ce qui a le plus bougé\u00a0: {parts}.", "en": "What moved most: {parts}."},
    "up_to": {"fr": "jusqu’à {high}", "en": "up to {high}"},
    "between": {"fr": "{low} à {high}", "en": "{low} to {high}"},
    "above": {"fr": "au-delà de {low}", "en": "above {low}"},
    "below_value": {"fr": "avant {high}", "en": "before {high}"},
    "unseen": {"fr": "rare ou jamais vu", "en": "rare or never seen"},
    "not_compared": {"fr": "Non comparées", "en": "Not compared"},
    "not_compared_text": {
        "fr": "Un seul des deux jeux a ces colonnes, ou aucune définition ne les connaît\u00a0: {names}.",
        "en": "Only one of the two sets has these columns, or no definition knows them: {names}.",
    },
    "unreadable": {
        "fr": "{side}, {column}\u00a0: {count} valeurs inutilisables, comptées comme manquantes.",
        "en": "{side}, {column}: {count} values that cannot be used, counted as missing.",
    },
    "broken": {
        "fr": "{side}\u00a0: {count} lignes mal formées, laissées de côté.",
        "en": "{side}: {count} lines that are no rows, left out.",
    },
    "method": {"fr": "Méthode et seuils", "en": "Method and thresholds"},
    "method_bins": {
        "fr": "Les tranches sont les déciles de la référence\u00a0; les valeurs manquantes et les codes rares ou jamais"
        " vus ont la leur. Une tranche vide compte pour 0,01\u00a0% dans le PSI, qui reste donc fini.",
        "en": "Bins are the deciles of the reference; missing values and codes that are rare or never seen have their"
        " own. An empty bin counts as 0.01% in the PSI, which therefore stays finite.",
    },
    "method_tests": {
        "fr": "Un écart ne compte que si son test reste significatif après correction pour le nombre de tests"
        " (Benjamini-Hochberg)\u00a0: khi-deux pour le PSI, Jensen-Shannon et la variation totale, Kolmogorov-Smirnov"
        " pour Wasserstein, comparaison de deux proportions pour les valeurs manquantes\u00a0; tests"
        " exacts si trop peu de demandes.",
        "en": "A difference counts only where its test is significant after correction for the number of tests"
        " (Benjamini-Hochberg): chi-squared for the PSI, Jensen-Shannon and total variation, Kolmogorov-Smirnov for"
        " Wasserstein, two proportions for missing values; exact tests where too few rows are expected.",
    },
    "method_alerts": {
        "fr": "Une alerte demande plus\u00a0: sans aucun changement, toutes les règles ensemble n’en lèvent une que"
        " dans {share} des rapports au plus (tests combinés de Simes, part égale du risque pour chaque groupe de"
        " règles). Les intervalles sont à 95\u00a0%.",
        "en": "An alert wants more: where nothing has changed, all rules together raise one in at most {share} of the"
        " reports (tests combined after Simes, an equal part of the risk for each group of rules). Intervals are at"
        " 95%.",
    },
    "method_time": {
        "fr": "Les tables ne portent pas de date de demande\u00a0: le rapport compare deux jeux et ne dit"
        " rien du temps.",
        "en": "The tables carry no application dates: the report compares two sets, and says nothing of time.",
    },
    "method_profile": {
        "fr": "De la référence, seul le profil figé est connu\u00a0: Kolmogorov-Smirnov y est une borne inférieure et"
        " Wasserstein une approximation par les centiles.",
        "en": "Of the reference only the frozen profile is known: Kolmogorov-Smirnov is a lower bound, and Wasserstein"
        " is taken from percentiles.",
    },
    "thresholds_caption": {"fr": "Seuils de ce rapport", "en": "Thresholds of this report"},
    "statistic": {"fr": "Mesure", "en": "Measure"},
    "significance": {"fr": "Seuil de p corrigée", "en": "Largest corrected p"},
    "alert_significance": {
        "fr": "Part d’alertes levées par hasard, au plus",
        "en": "Largest share of alerts raised by chance",
    },
    "score_psi": {"fr": "PSI du score", "en": "PSI of the score"},
    "drifted_share": {"fr": "Part des colonnes en dérive", "en": "Share of columns that drift"},
    "drifted_importance": {"fr": "Poids des colonnes en dérive", "en": "Weight of the columns that drift"},
    "auc_drop": {"fr": "Baisse de l’AUC", "en": "Fall of the AUC"},
    "calibration_rise": {"fr": "Hausse de l’erreur de calibration", "en": "Rise of the calibration error"},
    "major_columns": {
        "fr": "Colonnes utiles au modèle en forte dérive",
        "en": "Columns the model uses that drift strongly",
    },
    "alert_sentence": {"fr": "{rule}\u00a0: {value} (limite {limit})", "en": "{rule}: {value} (limit {limit})"},
    "in_columns": {"fr": "\u00a0; {columns}", "en": "; {columns}"},
    "and_more": {"fr": "et {count} autres", "en": "and {count} more"},
}


def word(key: str, lang: Language, **parts: str) -> str:
    """The words of that key in `lang`, their parts filled in. Raises `KeyError` for an unknown key or part."""
    return vocabulary[key][lang].format(**parts)
