"""The guides: what they name is there, and the French one says what the English one says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
import yaml  # type: ignore[import-untyped]

from commands import command_line
from core.settings import Settings, root
from runtime import services

guides: Final = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "docs/deployment.md",
    "docs/deployment.fr.md",
    "docs/known-traps.md",
    "docs/operations.md",
    "docs/screens.md",
    "docs/security.md",
)
# Variables that others read: the launcher, gunicorn, MLflow, Docker, the pipeline, a shell.
others: Final = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "API_PORT",
        "CLUSTER_DATA",
        "CLUSTER_WORKERS",
        "DASHBOARD_PORT",
        "GRAFANA_PASSWORD",
        "HOST",
        "IMAGE_TESTS",
        "MLFLOW_ARTIFACTS_DESTINATION",
        "MLFLOW_BACKEND_STORE_URI",
        "MLFLOW_DISABLE_TELEMETRY",
        "MLFLOW_PORT",
        "MLFLOW_S3_ENDPOINT_URL",
        "MLFLOW_SERVER_ALLOWED_HOSTS",
        "PORT",
        "POSTGRES_PASSWORD",
        "PYTHONPATH",
        "RENDER_API_KEY",
        "RENDER_API_URL",
        "RENDER_DASHBOARD_URL",
        "RENDER_MLFLOW_URL",
        "RENDER_SERVICE_API",
        "RENDER_SERVICE_DASHBOARD",
        "RENDER_SERVICE_MLFLOW",
        "SIGKILL",
        "SIGTERM",
        "TMPDIR",
        "WEB_CONCURRENCY",
    }
)
# Words in capitals between backticks that are no variables: columns, placeholders, a word of somebody else's.
columns: Final = frozenset({"CODE_GENDER", "SK_ID_CURR", "TARGET", "OWNER", "EUR", "INFO"})
earlier: Final = frozenset({"STREAMLIT_SERVER_PORT", "STREAMLIT_SERVER_ADDRESS"})
# What a reader makes; what the earlier system had.
theirs: Final = frozenset({"docker/prod.env", "api/Dockerfile"})


def text_of(guide: str) -> str:
    return (root / guide).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", without_code(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def blocks(text: str) -> list[str]:
    """The commands of a page, without what is said about them."""
    found = re.findall(r"^```(?:sh|console|dockerfile|nginx)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r"\s+#.*$", "", each, flags=re.MULTILINE) for each in found]


@pytest.mark.parametrize("guide", guides)
def test_links_lead_somewhere(guide: str) -> None:
    folder = (root / guide).parent
    links = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", without_code(text_of(guide)))
    for target, anchor in links:
        if "://" in target:
            continue
        page = folder / target if target else root / guide
        assert page.exists(), f"{guide} leads to {target}"
        if anchor:
            assert anchor in anchors(page.read_text(encoding="utf-8")), f"{guide} leads to {target}#{anchor}"


@pytest.mark.parametrize("guide", guides)
def test_files_that_are_named_are_there(guide: str) -> None:
    folders = r"docker|tests|benchmarks|\.github|core|api|dash_app|runtime|launcher|assets"
    named = re.findall(rf"(?<![\w/.-])((?:{folders})/[\w./-]*\w)", text_of(guide))
    for path in set(named) - theirs:
        assert (root / path).exists(), f"{guide} names {path}"


@pytest.mark.parametrize("service", ["core", "api", "dash_app"])
def test_the_map_has_every_room(service: str) -> None:
    described = text_of("docs/architecture.md")
    rooms = [folder.parent.name for folder in (root / service).glob("*/__init__.py")]
    assert [room for room in rooms if f"`{service}/{room}/`" not in described] == []


def test_each_decision_has_a_number_of_its_own() -> None:
    pages = sorted((root / "docs" / "decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert numbers == list(range(1, len(pages) + 1))
    titles = [page.read_text(encoding="utf-8").partition(".")[0] for page in pages]
    assert titles == [f"# {number}" for number in numbers]


@pytest.mark.parametrize(
    "page",
    sorted(
        path.relative_to(root).as_posix() for of in ("docs/decisions/*.md", "findings/*.sh") for path in root.glob(of)
    ),
)
def test_modules_that_a_decision_or_a_finding_names_are_there(page: str) -> None:
    named = re.findall(r"`((?:core|api|dash_app|runtime|launcher|tests|benchmarks|docs)/[\w./-]*\w)`", text_of(page))
    assert [path for path in named if not (root / path).exists()] == []


def test_each_threat_names_the_tests_that_show_its_answer() -> None:
    rows = re.findall(r"^\| (?!threat|---)([^|]+) \| [^|]+ \| ([^|]*) \| [^|]*\|$", threats(), re.MULTILINE)
    assert len(rows) == threats().count("\n| ") - threats().count("\n| threat") - threats().count("\n| ---") > 30
    for threat, shown in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)`", shown)
        assert named or "**no test**" in shown, threat
        assert all((root / each).is_file() for each in named), threat


def threats() -> str:
    """The tables of threats of `docs/security.md`."""
    return text_of("docs/security.md").partition("## Threats")[2].partition("\n## ")[0]


@pytest.mark.parametrize("guide", guides)
def test_variables_that_are_named_are_read(guide: str) -> None:
    known = {name.upper() for name in Settings.model_fields} | others | columns | earlier
    named = set(re.findall(r"`([A-Z][A-Z0-9_]+)(?:=[^`]*)?`", text_of(guide)))
    assert named - known == set()


def test_variables_of_others_are_named_somewhere() -> None:
    """What nobody writes of any more goes out of the list above."""
    assert {name for name in others if not any(name in text_of(guide) for guide in guides)} == set()


@pytest.mark.parametrize("guide", guides)
def test_commands_that_are_named_exist(guide: str) -> None:
    verbs = {"all", "demo", "test", *command_line.names(), *(service.name for service in services.services)}
    named = re.findall(r"run\.py ([a-z][a-z-]*)(?: ([a-z-]+))?", text_of(guide))
    for verb, action in named:
        if verb in ("does", "starts", "needs", "stops", "in", "is"):
            continue
        assert verb in verbs, f"{guide} names run.py {verb}"
        if verb in ("data", "audit") and action:
            with pytest.raises(SystemExit) as ended:
                command_line.command_parser(verb, prog="run.py").parse_args([action, "--help"])
            assert ended.value.code == 0, f"{guide} names run.py {verb} {action}"


def test_every_threat_names_its_test_or_that_there_is_none() -> None:
    threats = text_of("docs/security.md").split("## Threats, by STRIDE")[1].split("\n## ")[0]
    lines = [line for line in threats.splitlines() if line.startswith("| ")]
    answered = [line.strip("|").split(" | ") for line in lines if not line.startswith(("| threat", "| ---"))]
    assert len(answered) > 30
    for threat, _, shown, *_ in answered:
        assert re.search(r"`tests/[\w/]+\.py`|\*\*no test\*\*", shown), threat


def test_every_alert_has_its_section() -> None:
    rules = yaml.safe_load((root / "docker/prometheus/alerts.yaml").read_text(encoding="utf-8"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    sections = set(re.findall(r"^### (Scoring\w+)$", text_of("docs/operations.md"), re.MULTILINE))
    assert sections == alerts


def test_every_metric_that_is_named_is_watched_by_its_name(api_metrics: str) -> None:
    named = set(re.findall(r"`(scoring_\w+)`", text_of("docs/operations.md")))
    assert len(named) > 5
    assert {name for name in named if name not in api_metrics} == set()


@pytest.fixture
def api_metrics() -> str:
    written = "".join(path.read_text(encoding="utf-8") for path in sorted((root / "api").rglob("*.py")))
    # A counter is told with `_total` behind its name.
    return written + "".join(f"{name}_total" for name in re.findall(r'Counter\(\s*"(scoring_\w+)"', written))


def test_the_deployment_guides_say_the_same_in_both_languages() -> None:
    english, french = text_of("docs/deployment.md"), text_of("docs/deployment.fr.md")
    depth = re.compile(r"^(#+) ", re.MULTILINE)
    assert depth.findall(without_code(english)) == depth.findall(without_code(french))
    assert blocks(english) == blocks(french)
    for mark in (r"^- \[ \]", r"^\| ", r"^\d\. ", r"unrun|non exécuté"):
        counts = [len(re.findall(mark, each, re.MULTILINE)) for each in (english, french)]
        assert counts[0] == counts[1], mark
    variables = [set(re.findall(r"`([A-Z][A-Z0-9_]{3,})(?:=[^`]*)?`", each)) for each in (english, french)]
    assert variables[0] == variables[1]


def test_services_are_called_what_the_blueprint_calls_them() -> None:
    blueprint = yaml.safe_load((root / "render.yaml").read_text(encoding="utf-8"))
    names = {service["name"] for service in blueprint["services"]}
    for guide in ("docs/deployment.md", "docs/deployment.fr.md"):
        assert set(re.findall(r"home-credit-(?:api|dashboard|mlflow)", text_of(guide))) == names


def test_secrets_and_variables_of_the_pipeline_are_explained() -> None:
    pipeline = Path(root / ".github/workflows/ci-cd.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"(?:secrets|vars)\.([A-Z_]+)", pipeline)) - {"GITHUB_TOKEN"}
    for guide in ("docs/deployment.md", "docs/deployment.fr.md"):
        assert {name for name in used if name not in text_of(guide)} == set()
