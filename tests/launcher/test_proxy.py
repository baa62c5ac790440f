"""The proxy of the `prod` profile: its file says what the services say, of sizes, times, names and files."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from core.settings import Settings, root
from dash_app.uploads.drift import files_path
from dash_app.uploads.importing import imports_path, rows_path
from runtime import services
from runtime.gunicorn_worker import incoming, outgoing
from tests.launcher.compose import merged

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

path = root / "docker" / "proxy" / "nginx.conf"
# Without comments.
text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
compose = merged()["services"]


def values(directive: str) -> list[str]:
    return re.findall(rf"^\s*{directive}\s+(.+?);$", text, re.MULTILINE)


def locations() -> list[re.Pattern[str]]:
    """What is passed on as it comes: of the dashboard, and of the API."""
    found = re.findall(r"location ~ (\S+) \{\s+client_max_body_size", text)
    assert len(found) == len(values("proxy_request_buffering")) - 1 == 2
    return [re.compile(pattern) for pattern in found]


def test_sizes_and_times_are_those_of_the_services() -> None:
    settings = Settings()
    usual, *files = map(int, values("client_max_body_size"))
    assert (usual, set(files)) == (settings.max_body_bytes, {settings.max_upload_bytes})
    # What is collected before the proxy is collected after it as well.
    assert usual <= incoming.max_collected_bytes
    assert values("client_header_timeout") == values("client_body_timeout") == [f"{incoming.patience:g}s"]
    assert values("send_timeout") == [f"{outgoing.patience:g}s"]


def test_bodies_are_collected_but_for_files(api_client: FlaskClient) -> None:
    assert values("proxy_request_buffering") == ["on", "off", "off"]
    app = api_client.application
    of_dashboard, of_api = locations()
    streams = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "takes_a_stream", False)
    }
    assert {rule.rule for rule in app.url_map.iter_rules() if of_api.search(rule.rule)} == streams
    for base in ("", "/credit"):
        for address in (imports_path, rows_path("1"), files_path):
            assert of_dashboard.search(f"{base}{address}")
        assert not of_dashboard.search(f"{base}/_dash-update-component")


def test_it_asks_the_services_where_they_are_and_compose_publishes_it_here_alone() -> None:
    asked = dict(re.findall(r"set \$(\w+) http://(\S+);", text))
    for name in ("dashboard", "api"):
        assert asked[name] == f"{name}:{services.service(name).port}"
        assert name in compose["proxy"]["depends_on"]
        assert compose[name]["environment"]["TRUSTED_PROXIES"] == "${TRUSTED_PROXIES:-1}"
    inside = {line.rpartition(":")[2] for line in compose["proxy"]["ports"]}
    assert inside == set(values("listen"))
    assert all(line.startswith(f"{services.loopback}:") for line in compose["proxy"]["ports"])
    # A release, and not whatever is newest.
    assert re.fullmatch(r"\S+:\d+\.\d+-alpine", compose["proxy"]["image"])
    mounted = {line.split(":")[1]: line.split(":")[0] for line in compose["proxy"]["volumes"]}
    assert (root / "docker" / mounted["/etc/nginx/nginx.conf"]).resolve() == path


def test_the_services_learn_who_asks_of_the_proxy_and_by_which_name() -> None:
    headers = dict(value.split(" ", 1) for value in values("proxy_set_header"))
    assert headers["Host"] == "$http_host"
    assert headers["X-Forwarded-For"] == "$proxy_add_x_forwarded_for"
    for name, own in (("proto", "$scheme"), ("host", "$http_host")):
        header = f"X-Forwarded-{name.title()}"
        assert headers[header] == f"$forwarded_{name}"
        # Where a proxy before this one said something, this one adds to it, so that it can be counted.
        assert f'"$http_x_forwarded_{name}, {own}"' in text


@pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx here")
def test_nginx_reads_it(tmp_path: Path) -> None:
    # Where it may write in its container.
    tried = re.sub(r"/(tmp|var/cache/nginx)/", f"{tmp_path}/", path.read_text(encoding="utf-8"))
    copy = tmp_path / "nginx.conf"
    copy.write_text(tried, encoding="utf-8")
    done = subprocess.run(["nginx", "-t", "-c", str(copy)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
