"""What follows in the form where amount or duration is changed, and how it is said."""

import pytest

from dash_app.views.scoring.form import entries, linking

held = {"AMT_CREDIT": 450_000.0, "AMT_ANNUITY": 22_500.0, "AMT_GOODS_PRICE": 405_000.0, "AMT_INCOME_TOTAL": 90_000.0}


@pytest.mark.usefixtures("english")
class TestAmount:
    def test_the_instalment_and_the_price_follow(self) -> None:
        filling, said = linking.after_amount({"values": held, "credit": 300_000})
        assert filling.values == {"AMT_ANNUITY": 15_000, "AMT_GOODS_PRICE": 270_000}
        assert filling.texts == {"AMT_ANNUITY": "15,000", "AMT_GOODS_PRICE": "270,000"}
        assert filling.asked == {"AMT_CREDIT": 300_000}, "the fields may have another by then"
        assert "15,000" in said
        assert "270,000" in said

    @pytest.mark.parametrize(
        ("name", "follows", "word"),
        [("AMT_ANNUITY", "AMT_GOODS_PRICE", "price"), ("AMT_GOODS_PRICE", "AMT_ANNUITY", "instalment")],
    )
    def test_what_is_no_number_yet_does_not_follow(self, name: str, follows: str, word: str) -> None:
        filling, said = linking.after_amount({"values": held | {name: {"typed": "much"}}, "credit": 300_000})
        assert set(filling.values) == {follows}
        assert said.startswith(f"Followed the amount: {word}")

    def test_nothing_followed_is_not_said(self) -> None:
        filling, said = linking.after_amount({"values": entries.of({"AMT_CREDIT": 450_000.0}), "credit": 1})
        assert (filling.values, said) == ({}, "")


@pytest.mark.usefixtures("english")
class TestDuration:
    def test_it_is_amount_by_instalment(self) -> None:
        assert linking.shown_duration(held) == "20"
        assert linking.shown_duration(held | {"AMT_ANNUITY": None}) == ""

    def test_the_instalment_follows(self) -> None:
        filling, said = linking.after_duration("25", held)
        assert filling is not None
        assert filling.values == {"AMT_ANNUITY": 18_000}
        assert "18,000" in said

    def test_a_comma_is_a_decimal_one_in_english_too(self) -> None:
        filling, _ = linking.after_duration("22,5", held)
        assert filling is not None
        assert filling.values == {"AMT_ANNUITY": 20_000}

    @pytest.mark.parametrize(
        ("text", "values", "said"),
        [
            ("long", held, "Enter a number."),
            ("25", {}, "Enter the amount first."),
            ("7", held, "Duration: between 8 and 45 months."),
            ("46", held, "Duration: between 8 and 45 months."),
            ("24", held | {"NAME_CONTRACT_TYPE": "Revolving loans"}, "A revolving credit has no duration."),
        ],
    )
    def test_what_cannot_be_is_said_and_changes_nothing(
        self, text: str, values: dict[str, float | str], said: str
    ) -> None:
        assert linking.after_duration(text, values) == (None, said)

    def test_what_is_wrong_is_told_from_what_followed(self) -> None:
        wrong = linking.fault("Enter a number.").to_plotly_json()
        assert linking.is_fault(wrong)
        assert not linking.is_fault("Followed the duration: instalment €18,000.")
