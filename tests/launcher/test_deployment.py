"""What is deployed where no test can follow: names in compose, Prometheus, Grafana and Render that must be ours."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client.parser import text_string_to_metric_families

from api import audit, create_app
from api.openapi.examples import features
from core.access.sites import hosts_of
from core.audit.engine import Database, database_url
from core.outcomes.synthetic.year import play
from core.settings import Settings, root
from runtime import services as known
from tests.launcher import compose
from tests.launcher.compose import merged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.portfolio.clients import Portfolio
    from core.scoring import Scorer

docker = root / "docker"
# Read by gunicorn's configuration, LightGBM and MLflow rather than by our settings.
read_elsewhere = {"HOST", "PORT", "WEB_CONCURRENCY", "THREADS", "OMP_NUM_THREADS", "MLFLOW_SERVER_ALLOWED_HOSTS"}
settings = {name.upper() for name in Settings.model_fields}
# What Prometheus itself says of what it asks.
of_prometheus = {"up": {"job", "instance"}}
ours = [service.name for service in known.services]


def loaded(name: str) -> Any:
    return yaml.safe_load((root / name).read_text(encoding="utf-8"))


def alerts() -> list[dict[str, Any]]:
    return [rule for group in loaded("docker/prometheus/alerts.yaml")["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((docker / "grafana" / "dashboards" / "home-credit.json").read_text("utf-8"))
    return found


def expressions() -> Iterator[tuple[str, str]]:
    for rule in alerts():
        yield rule["alert"], rule["expr"]
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.fixture(scope="module")
def said(
    models_dir: Path, scorer: Scorer, portfolio: Portfolio, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The metrics of an API that has answered something, after a year of business."""
    file = tmp_path_factory.mktemp("year") / "audit.db"
    settings = Settings(models_dir=models_dir, data_dir=portfolio.folder.parent, audit_file=file, database_url=None)
    database = Database.open(database_url(settings))
    play(database, scorer, clients=900, months=12, shift=0.0, seed=1, now=datetime.now(UTC))
    database.close()
    app = create_app(settings, scorer, portfolio)
    client = app.test_client()
    assert client.post("/predict", json={"features": features}).status_code == 200
    # Counted aside, and soon held.
    assert client.get("/performance").status_code == client.get("/outcomes/coverage").status_code == 200
    yield client.get("/metrics").text
    audit.close(app)


@pytest.fixture
def told(said: str) -> dict[str, set[str]]:
    """The labels of each metric."""
    found: dict[str, set[str]] = {name: set(labels) for name, labels in of_prometheus.items()}
    for family in text_string_to_metric_families(said):
        for sample in family.samples:
            found.setdefault(sample.name, {"job", "instance"}).update(sample.labels)
    return found


def test_metrics_that_are_watched_are_there(told: dict[str, set[str]]) -> None:
    watched = dict(expressions())
    assert len(watched) > 20
    for where, expression in watched.items():
        names = set(re.findall(r"\b(scoring_\w+|up)\b(?!\s*=)", expression))
        assert names, where
        assert names <= set(told), where
        for name, matchers in re.findall(r"\b(\w+)\{([^}]*)\}", expression):
            assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)) <= told[name], where
        grouped = {each.strip() for by in re.findall(r"by \(([^)]*)\)", expression) for each in by.split(",")}
        assert grouped <= set().union(*(told[name] for name in names)), where


def test_label_values_that_are_watched_are_there(said: str) -> None:
    """Statuses, decisions and checks are words of ours: a wrong one is never an alert."""
    watched = {
        (label, value)
        for _, expression in expressions()
        for label, values in re.findall(r'(\w+)=~?"([^"]+)"', expression)
        for value in values.split("|")
        if label != "job" and value != "5.."
    }
    assert ("check", "audit") in watched
    assert not [pair for pair in watched if f'{pair[0]}="{pair[1]}"' not in said]


@pytest.mark.parametrize(
    ("last", "before", "fires"),
    [
        ({}, {}, False),
        # A restart: the first applications come while it is loaded.
        ({"loading": 20, "scored": 400}, {}, False),
        ({"loading": 2}, {}, False),
        ({"failed": 3, "scored": 400}, {"scored": 400}, False),
        ({"failed": 300, "scored": 100}, {"scored": 400}, True),
        ({"failed": 1}, {}, True),
        # It hangs while it is loaded, everywhere and in one process of three.
        ({"loading": 20}, {"loading": 20}, True),
        ({"loading": 100, "scored": 200}, {"loading": 100, "scored": 200}, True),
        # Two restarts in an hour.
        ({"loading": 20, "scored": 100}, {"loading": 20, "scored": 100}, False),
        ({"same": 50}, {"same": 50}, False),
    ],
)
def test_the_alert_on_the_challenger(last: dict[str, int], before: dict[str, int], *, fires: bool) -> None:
    """Its expression, worked out for what the last half hour counted, and the one before."""

    def increase(found: re.Match[str]) -> str:
        outcomes, offset = found.groups()
        half = before if offset else last
        return f"float64({sum(half.get(outcome, 0) for outcome in outcomes.split('|'))})"

    (expression,) = (rule["expr"] for rule in alerts() if rule["alert"] == "ScoringChallengerFails")
    pattern = r'sum\(increase\(scoring_challenger_total\{outcome=~?"([^"]+)"\}\[30m\]( offset 30m)?\)\)'
    # `and` binds closer than `or` in PromQL as in Python, and nothing compares with 0 / 0.
    with np.errstate(invalid="ignore"):
        assert bool(eval(re.sub(pattern, increase, expression), {"float64": np.float64})) is fires  # noqa: S307


def test_prometheus_asks_the_api_where_it_listens() -> None:
    (job,) = loaded("docker/prometheus/prometheus.yaml")["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"api:{known.service('api').port}"]}]
    assert {rule["expr"].partition('job="')[2].partition('"')[0] for rule in alerts() if "job=" in rule["expr"]} == {
        job["job_name"]
    }
    service = merged()["services"]["prometheus"]
    mounted = {line.split(":")[1]: line.split(":")[0] for line in service["volumes"]}
    assert (docker / mounted["/etc/prometheus"] / "prometheus.yaml").is_file()
    assert job["authorization"]["credentials_file"] == f"/run/secrets/{service['secrets'][0]}"


def test_grafana_finds_its_dashboard_and_its_source() -> None:
    provisioned = docker / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioned / "datasources" / "prometheus.yaml").read_text("utf-8"))["datasources"]
    (provider,) = yaml.safe_load((provisioned / "dashboards" / "home-credit.yaml").read_text("utf-8"))["providers"]
    services = merged()["services"]
    assert source["url"] == "http://prometheus:9090"
    assert services["prometheus"]["ports"] == ["127.0.0.1:9090:9090"]
    mounted = {line.split(":")[1]: docker / line.split(":")[0] for line in services["grafana"]["volumes"]}
    assert mounted["/etc/grafana/provisioning"].resolve() == provisioned
    assert [path.name for path in mounted[provider["options"]["path"]].iterdir()] == ["home-credit.json"]
    panels = dashboard()["panels"]
    assert {panel["datasource"]["uid"] for panel in panels} == {source["uid"]}
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_variables_of_compose_are_read_by_somebody() -> None:
    services = merged()["services"]
    for name in (*ours, "worker", "dask-worker"):
        assert set(services[name]["environment"]) <= settings | read_elsewhere, name
    # What the file asks the operator for is what the example explains.
    asked = set().union(*(re.findall(r"\$\{(\w+)", (docker / name).read_text("utf-8")) for name in compose.files))
    asked |= {secret["environment"] for secret in merged()["secrets"].values()}
    explained = set(re.findall(r"^(\w+)=", (docker / "prod.env.example").read_text("utf-8"), re.MULTILINE))
    assert explained <= asked
    others = {
        "ALLOW_ANONYMOUS",
        "DATA_URL",
        "DATA_SHA256",
        "MODEL_URI",
        "CHALLENGER_URI",
        "MODEL_REVIEW_MONTHS",
        "CLUSTER_WORKERS",
        "CLUSTER_DATA",
    }
    assert asked - explained <= others


def test_workers_of_the_cluster_find_their_scheduler_and_nobody_else_does() -> None:
    services = merged()["services"]
    scheduler, worker = services["dask-scheduler"], services["dask-worker"]
    address = worker["environment"]["DASK_SCHEDULER_ADDRESS"]
    assert address in worker["command"]
    assert Settings(dask_scheduler_address=address).dask_scheduler_address == "tcp://dask-scheduler:8786"
    # Whoever reaches it may run what he likes.
    assert "ports" not in scheduler
    assert "ports" not in worker
    stages = re.findall(r"^FROM \S+ AS (\S+)$", (docker / "api.Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert {each["build"]["target"] for each in (scheduler, worker)} <= set(stages)
    # Who builds without a target gets the last stage: the API.
    assert re.findall(r"^FROM .*$", (docker / "api.Dockerfile").read_text("utf-8"), re.MULTILINE)[-1] == "FROM base"


def test_compose_lets_services_end_before_it_kills_them() -> None:
    # Read, not imported: it sets variables for the process that it configures.
    configuration = (root / "api" / "http" / "gunicorn_conf.py").read_text("utf-8")
    (given,) = re.findall(r"^graceful_timeout = (\d+)$", configuration, re.MULTILINE)
    services = merged()["services"]
    patience = {name: int(services[name]["stop_grace_period"].rstrip("s")) for name in (*ours, "worker")}
    assert min(patience.values()) > int(given)


def test_ports_reach_this_machine_only() -> None:
    services = merged()["services"]
    published = {name: each["ports"] for name, each in services.items() if "ports" in each}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    for name in ours:
        inside = 5000 if name == "mlflow" else known.service(name).port
        assert published[name] == [f"127.0.0.1:{known.service(name).port}:{inside}"]


def test_the_blueprint_of_render_names_our_services() -> None:
    services = {each["name"]: each for each in loaded("render.yaml")["services"]}
    assert set(services) == {f"home-credit-{name}" for name in ours}
    for name, service in services.items():
        assert service["plan"] == "free"
        assert service["healthCheckPath"] == "/health"
        assert service["image"]["url"] == f"ghcr.io/OWNER/{name}:latest"
        assert {envVar["key"] for envVar in service.get("envVars", ())} <= settings | read_elsewhere
    given = {envvar["key"]: envvar["value"] for envvar in services["home-credit-dashboard"]["envVars"]}
    assert given["API_URL"] == "https://home-credit-api.onrender.com"
    assert given["MLFLOW_URL"] == "https://home-credit-mlflow.onrender.com"
    # MLflow is public there: it takes nothing, and nobody follows it.
    variables = {
        name: {envVar["key"]: envVar["value"] for envVar in one.get("envVars", ())} for name, one in services.items()
    }
    assert variables["home-credit-mlflow"]["MLFLOW_READ_ONLY"] == "true"
    assert not any("MODEL_URI" in variable for variable in variables.values())


def test_what_render_opens_to_everybody_is_a_public_demonstration() -> None:
    services = {service["name"]: service for service in loaded("render.yaml")["services"]}
    for name in ("home-credit-api", "home-credit-dashboard"):
        given = {envvar["key"].lower(): envvar["value"] for envvar in services[name]["envVars"]}
        found = Settings.model_validate(given)
        assert found.public_demo >= found.allow_anonymous
        assert found.rate_limit
        assert found.trusted_proxies == 1


def test_both_images_are_built_with_the_same_clients() -> None:
    """While the API is away, the dashboard shows a client only where its own are the same."""
    stages = []
    for name in ("api", "dashboard"):
        text = (docker / f"{name}.Dockerfile").read_text("utf-8")
        (stage,) = re.findall(
            r"^FROM environment AS portfolio\n(.*?)^\s*(?:#.*\n)*FROM ", text, re.MULTILINE | re.DOTALL
        )
        stages.append([line for line in stage.splitlines() if line and not line.startswith("#")])
    assert stages[0] == stages[1]
    assert any("data portfolio" in line for line in stages[0])


def test_compose_gives_both_services_the_same_data() -> None:
    services = merged()["services"]
    given = services["api"]["build"]["args"]
    assert given == services["dashboard"]["build"]["args"]
    assert set(given) == {"DATA_URL", "DATA_SHA256"}
    assert services["worker"]["image"] == services["api"]["image"]


def test_render_runs_images_of_one_pipeline() -> None:
    """Neither image is built with data of its own there."""
    images = [service["image"]["url"] for service in loaded("render.yaml")["services"]]
    assert {image.rpartition("/")[0] for image in images} == {"ghcr.io/OWNER"}
    assert {image.rpartition(":")[2] for image in images} == {"latest"}
    workflow = (root / ".github" / "workflows" / "ci-cd.yml").read_text("utf-8")
    assert "DATA_URL" not in workflow


def test_links_of_compose_lead_a_browser_to_published_ports() -> None:
    services = merged()["services"]
    given = services["dashboard"]["environment"]
    for name in ("api", "mlflow"):
        (published,) = services[name]["ports"]
        default = given[f"PUBLIC_{name.upper()}_URL"].partition(":-")[2].rstrip("}")
        assert default == f"http://localhost:{published.split(':')[1]}"
        # The services themselves find it in their own network.
        assert given[f"{name.upper()}_URL"].startswith(f"http://{name}:")


def test_services_of_compose_answer_under_their_names_there() -> None:
    services = merged()["services"]
    for name in ("api", "dashboard"):
        given = re.sub(r"\$\{[^}]*\}", "", services[name]["environment"]["ALLOWED_HOSTS"])
        assert hosts_of(Settings(allowed_hosts=given)).has(f"{name}:{known.service(name).port}")


secrets = {
    "API_KEY",
    "API_KEYS",
    "DATABASE_URL",
    "GRAFANA_PASSWORD",
    "METRICS_KEY",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_ISSUER",
    "POSTGRES_PASSWORD",
    "SECRET_KEY",
}


def test_the_profile_prod_does_not_start_without_its_secrets() -> None:
    production = (docker / "compose.prod.yaml").read_text("utf-8")
    needed = set(re.findall(r"\$\{(\w+):\?[^}]+\}", production))
    assert secrets <= needed
    # Nothing of them is asked for in a milder way there.
    assert not secrets & set(re.findall(r"\$\{(\w+)(?::?-|\})", production))
    # Compose asks for the variables of a whole file: one that the other profiles need must ask for none.
    assert not re.findall(r"\$\{\w+:?\?", (docker / "compose.yaml").read_text("utf-8"))
    # Without the second file the profile has no service at all.
    assert not [name for name, each in compose.loaded("compose.yaml")["services"].items() if "prod" in each["profiles"]]
    together = merged()["services"]
    for name in (*ours, "worker", "proxy", "postgres", "redis", "prometheus", "grafana"):
        assert "prod" in together[name]["profiles"], name
    # Each shared setting that is a secret is overridden where the first file has a default for it.
    for name in (*ours, "worker"):
        given = together[name].get("environment", {})
        assert not [key for key in secrets & set(given) if ":-" in given[key]], name
        assert given.get("ALLOW_ANONYMOUS", "false") == "false"


def test_what_prod_needs_is_explained_where_it_is_filled_in() -> None:
    explained = (docker / "prod.env.example").read_text("utf-8")
    needed = set(re.findall(r"\$\{(\w+):\?", (docker / "compose.prod.yaml").read_text("utf-8")))
    assert needed <= set(re.findall(r"^(\w+)=", explained, re.MULTILINE))
    assert "ALLOW_ANONYMOUS" not in explained
    # By the name of its key the API knows the dashboard, which says who is signed in.
    assert merged()["services"]["api"]["environment"]["DELEGATING_KEYS"] == "${DELEGATING_KEYS:-}"
    assert f"DELEGATING_KEYS={Settings().delegating_keys}\n" in explained
