"""Who has no cluster is told why, in a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from distributed import LocalCluster

from commands import __main__, command_line
from core.cluster import connection, missing_packages
from core.cluster.connection import ClusterUnavailable, connected
from core.data import demo
from core.settings import root

if TYPE_CHECKING:
    from distributed import Client


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setattr(connection, "missing_packages", lambda: ("distributed",))
    with pytest.raises(ClusterUnavailable, match=r"distributed.*requirements/cluster\.txt"), connected("tcp://x:1"):
        pass


def test_what_is_installed_is_not_missing() -> None:
    assert missing_packages() == ()


def test_nobody_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_patience", 1)
    with pytest.raises(ClusterUnavailable, match="No Dask scheduler answers"), connected("tcp://127.0.0.1:9"):
        pass


def test_a_scheduler_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_patience", 1)
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as empty,
        pytest.raises(ClusterUnavailable, match="no worker"),
        connected(empty.scheduler_address),
    ):
        pass


def test_the_command_scores_on_the_cluster_of_the_option(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.parquet", tmp_path / "out.csv"
    demo.draw_applications(200, 4, "train").write_parquet(source)
    address = client.scheduler.address
    assert __main__.main(["score", str(source), "--out", str(out), "--cluster", address]) == 0
    assert len(out.read_text("utf-8").splitlines()) == 201
    assert "200" in capsys.readouterr().out


@pytest.mark.parametrize("address", ["here:8786", "http://here:8786", "tcp://here", "tcp://:8786"])
def test_what_is_no_address_is_wrong_usage(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line.parser().parse_args(["score", "in.csv", "--out", "out.csv", "--cluster", address])
    assert "tcp://10.0.0.5:8786" in capsys.readouterr().err


def test_who_has_no_cluster_does_not_import_dask() -> None:
    asked = "import sys, api.wsgi, commands.__main__, core.batch.files, core.cluster.connection"
    said = "print([name for name in ('dask', 'distributed', 'pandas', 'sklearn') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", f"{asked}; {said}"], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
