"""Whatever was predicted or sent before: a drift report is made, kept, and read as a page in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from api import create_app
from core.drift.audiences import min_rows
from core.portfolio.clients import Portfolio
from core.scoring import Scorer
from core.settings import Settings

amounts = st.sampled_from([1e-25, 0.0, 1.0, 31_000.0, 1e7, 1e8, 1e9, 3.4028235e38, 1e307, -1.0]) | st.floats(
    allow_nan=False, allow_infinity=False
)
cells = st.sampled_from(["3.4028235e+38", "1e307", "1e-25", "inf", "NaN", "", "much", "600000"])
names = st.sampled_from(["AMT_CREDIT", "AMT_ANNUITY", "AMT_INCOME_TOTAL", "INSTALMENT_DAYS_LATE_MEAN"])


@pytest.mark.parametrize("rows", [1, 40])
def test_no_order_of_calls_ends_in_an_error(
    rows: int, scorer: Scorer, portfolio: Portfolio, models_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    class Calls(RuleBasedStateMachine):
        files = Bundle("files")

        @initialize()
        def begin(self) -> None:
            folder = tmp_path_factory.mktemp("drift")
            own = Settings(
                models_dir=models_dir, data_dir=folder, audit_file=folder / "audit.db", jobs_dir=folder / "jobs"
            )
            self.client = create_app(own, scorer, portfolio).test_client()
            # As many as a report needs, so that whatever is predicted comes into one.
            decided = [{"AMT_CREDIT": 600_000 + number, "AMT_ANNUITY": 31_000} for number in range(min_rows)]
            assert self.client.post("/predict/batch", json={"clients": decided}).status_code == 200

        @rule(name=names, amount=amounts)
        def predict(self, name: str, amount: float) -> None:
            features = {"AMT_CREDIT": 600_000, "AMT_ANNUITY": 31_000} | {name: amount}
            assert self.client.post("/predict", json={"features": features}).status_code in (200, 400)

        @rule(target=files, name=names, cell=cells)
        def send(self, name: str, cell: str) -> object:
            content = f"EXT_SOURCE_2,{name}\n" + f"0.5,{cell}\n0.6,1200\n" * rows
            answer = self.client.post("/data/drift/files?filename=a.csv", data=content, content_type="text/csv")
            assert answer.status_code == 201, answer.text
            return answer.get_json()["id"]

        @rule(file=files)
        def compare_a_file(self, file: str) -> None:
            for sides in ({"current": file}, {"current": file, "reference": file}):
                answer = self.client.post("/data/drift", json=sides)
                assert answer.status_code == (201 if 2 * rows >= min_rows else 422), answer.text

        @rule()
        def compare_live_traffic(self) -> None:
            for reference in ("portfolio", "reference"):
                answer = self.client.post("/data/drift", json={"current": "live", "reference": reference})
                assert answer.status_code == 201, answer.text

        @rule(lang=st.sampled_from(["fr", "en"]))
        def read(self, lang: str) -> None:
            assert self.client.get(f"/data/drift?lang={lang}").status_code in (200, 404)
            assert self.client.get("/data/drift?format=json").status_code in (200, 404)
            assert self.client.get("/data/drift/reports").status_code == 200

    Calls.TestCase.settings = settings(
        max_examples=10, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
    )
    Calls.TestCase().runTest()
