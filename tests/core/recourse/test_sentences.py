"""What could be changed, and what it does, in plain words."""

import re

import pytest

from core.application import Application
from core.catalogue import Language
from core.data import demo
from core.decision import Decision, Value
from core.explain.what_if import Effect
from core.recourse import sentences
from core.recourse.actions import ActionName, Direction
from core.recourse.plans import Change, Move, Option, Recourse, recourse
from core.scoring import Scorer
from core.text.formats import format_points


def move(
    action: ActionName, direction: Direction, *changes: Change, effort: float = 0.2, at_limit: bool = False
) -> Move:
    return Move(action, direction, changes, effort, at_limit)


def option(*moves: Move, probability: float = 0.08) -> Option:
    return Option(moves, Decision(None, probability, 0.1))


credit = Change("AMT_CREDIT", 500_000.0, 400_000.0)
annuity = Change("AMT_ANNUITY", 25_000.0, 20_000.0)
price = Change("AMT_GOODS_PRICE", 450_000.0, 360_000.0)
score = move("external_score", "more", Change("EXT_SOURCE_1", None, 0.6), effort=0.62)

said: list[tuple[Option, str, str]] = [
    (
        option(move("credit", "less", credit)),
        (
            "Emprunter 400 000 € au lieu de 500 000 €, à mensualité égale, donc sur moins longtemps. La demande serait"
            " acceptée : risque de défaut de 8,0 %."
        ),
        (
            "Borrow €400,000 instead of €500,000 at the same instalment, so for less time. The application would be"
            " accepted: risk of default 8.0%."
        ),
    ),
    (
        option(move("down_payment", "less", credit, annuity)),
        (
            "Emprunter 100 000 € de moins sur la même durée, en les apportant : 400 000 € au lieu de 500 000 €,"
            " mensualité de 20 000 €. La demande serait acceptée : risque de défaut de 8,0 %."
        ),
        (
            "Borrow €100,000 less over the same time by paying it up front: €400,000 instead of €500,000, instalment of"
            " €20,000. The application would be accepted: risk of default 8.0%."
        ),
    ),
    (
        option(move("goods_price", "less", price, credit), probability=0.2),
        (
            "Choisir un bien à 360 000 € au lieu de 450 000 €, financé de la même façon, crédit de 400 000 €. Cela ne"
            " suffit pas : risque de défaut de 20,0 %."
        ),
        (
            "Choose goods for €360,000 instead of €450,000, paid for in the same way, credit of €400,000. That is not"
            " enough: risk of default 20.0%."
        ),
    ),
    (
        option(move("duration", "less", annuity), move("documents", "more", Change("FLAG_DOCUMENT_6", 0, 1))),
        (
            "Rembourser plus longtemps, avec une mensualité de 20 000 € au lieu de 25 000 €. De plus, fournir le"
            " document n° 6. La demande serait acceptée : risque de défaut de 8,0 %."
        ),
        (
            "Repay for longer, with an instalment of €20,000 instead of €25,000. Also, provide document number 6. The"
            " application would be accepted: risk of default 8.0%."
        ),
    ),
    (
        option(score),
        (
            "Avoir, dans le fichier d’un autre prêteur, un score d’au moins 0,60 sur 1 (comme 38 % des"
            " clients qui en ont un). La demande serait acceptée : risque de défaut de 8,0 %."
        ),
        (
            "Have a score of at least 0.60 out of 1 in another lender's file (as 38% of the clients who have one do)."
            " The application would be accepted: risk of default 8.0%."
        ),
    ),
    (
        option(
            move("external_score", "more", Change("EXT_SOURCE_1", 0.2, 0.6)),
            move("income", "more", Change("AMT_INCOME_TOTAL", 80_000.0, 95_000.0)),
            probability=0.098,
        ),
        (
            "Avoir, dans le fichier d’un autre prêteur, un score d’au moins 0,60 sur 1 au lieu de 0,20. De plus,"
            " disposer d’un revenu de 95 000 € au lieu de 80 000 €, sur la même période. La demande serait acceptée, "
            "mais de peu :"
            " risque de défaut de 9,8 %, à 0,2 point du seuil. Un nouveau calcul peut en décider autrement."
        ),
        (
            "Have a score of at least 0.60 out of 1 instead of 0.20 in another lender's file. Also, have an income of"
            " €95,000 instead of €80,000, over the same period. The application would be accepted, but only just: risk"
            " of default 9.8%, 0.2 points from the threshold. A new calculation may decide otherwise."
        ),
    ),
]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(("given", "french", "english"), said)
def test_an_option_is_said_in_words(given: Option, french: str, english: str) -> None:
    assert plain(sentences.option_text(given, "fr")) == french
    assert sentences.option_text(given, "en") == english


def test_room_says_that_it_ends_at_a_refusal() -> None:
    more = Change("AMT_CREDIT", 500_000.0, 600_000.0)
    text = sentences.margin_text(option(move("credit", "more", more)), "en")
    assert text.startswith("Borrow up to €600,000 instead of €500,000")
    assert "Beyond that it would be refused" in text


@pytest.mark.parametrize(
    ("found", "english"),
    [
        (Recourse(Decision(None, 0.05, 0.1), margins=(option(score),)), "this is how far it would stay so"),
        (Recourse(Decision(None, 0.05, 0.1)), "no room before a refusal"),
        (Recourse(Decision(None, 0.05, 0.1), never_refused=True), "None of the changes tried"),
        (Recourse(Decision(None, 0.2, 0.1), options=(option(score),)), "would be accepted with one of these changes"),
        (
            Recourse(Decision(None, 0.2, 0.1), nearest=option(score, probability=0.15)),
            "does not go below 15.0%, with a threshold of 10.0%",
        ),
        (Recourse(Decision(None, 0.2, 0.1)), "lowers the risk"),
        (
            Recourse(Decision(None, 0.2, 0.1), different=(option(score),)),
            "only if something were different",
        ),
        (Recourse(Decision(None, 0.2, 0.1), different=()), "Nor would an income"),
    ],
)
def test_the_verdict_is_plain(found: Recourse, english: str) -> None:
    assert english in sentences.verdict(found, "en")
    assert sentences.verdict(found, "fr") != sentences.verdict(found, "en")


@pytest.mark.parametrize(
    ("field", "before", "after", "points", "french", "english"),
    [
        (
            "AMT_CREDIT",
            500_000.0,
            400_000.0,
            -0.021,
            "Montant du crédit : 500 000 € → 400 000 €, le risque baisse de 2,1 points.",
            "Credit amount: €500,000 → €400,000, which lowers the risk by 2.1 points.",
        ),
        (
            "EXT_SOURCE_1",
            0.8,
            None,
            0.012,
            "Score externe 1 : 0,80 → non renseigné, le risque augmente de 1,2 point.",
            "External score 1: 0.80 → not stated, which raises the risk by 1.2 points.",
        ),
        (
            "CNT_CHILDREN",
            0,
            1,
            0.0001,
            "Enfants à charge : 0 → 1, sans effet sur le risque.",
            "Dependent children: 0 → 1, without effect on the risk.",
        ),
        (
            "CNT_CHILDREN",
            1,
            1,
            0.0,
            "Enfants à charge : inchangé, 1.",
            "Dependent children: unchanged, 1.",
        ),
    ],
)
def test_an_effect_is_said_in_points(
    field: str, before: Value, after: Value, points: float, french: str, english: str
) -> None:
    effect = Effect(field, before, after, points * 10, points)
    assert plain(sentences.effect_text(effect, "fr")) == french
    assert sentences.effect_text(effect, "en") == english


@pytest.mark.parametrize(
    ("difference", "french", "english"),
    [
        (0.0, "0,0 point", "0.0 points"),
        (0.01, "1,0 point", "1.0 point"),
        (-0.0199, "2,0 points", "2.0 points"),
        (0.5, "50,0 points", "50.0 points"),
    ],
)
def test_points_have_their_plural(difference: float, french: str, english: str) -> None:
    assert plain(format_points(difference, "fr")) == french
    assert format_points(difference, "en") == english


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("threshold", [1e-6, 0.03, 0.08, 0.5])
def test_whatever_is_found_can_be_said(scorer: Scorer, lang: Language, threshold: float) -> None:
    for row in demo.draw_applications(12, 31, "train").iter_rows(named=True):
        found = recourse(scorer, Application({k: v for k, v in row.items() if v is not None}), threshold)
        texts = [
            sentences.option_text(each, lang)
            for each in (*found.options, *found.insufficient, *(found.different or ()))
        ]
        texts += [sentences.margin_text(margin, lang) for margin in found.margins]
        for text in [*texts, sentences.verdict(found, lang)]:
            assert re.fullmatch(r"[A-ZÀ-Ý].*[.:]", text)
            assert "{" not in text
            if lang == "fr":
                assert not re.search(r"(?<![\u00a0\u202f])[:;?!]", text), text
                assert "'" not in text
