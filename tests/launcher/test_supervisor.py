"""Programs run as one, proven on small servers started by a process of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from core.settings import root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Answers /health, has a child of its own, and writes down both process numbers.
server = """
import http.server, json, os, signal, subprocess, sys, time, urllib.request
port, record, manners = int(sys.argv[1]), sys.argv[2], sys.argv[3]
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
if manners == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if manners.startswith("asks "):
    # Has a request of its own under way, for which it needs another.
    def finish(*_):
        time.sleep(0.5)
        with urllib.request.urlopen("http://127.0.0.1:" + manners.removeprefix("asks ")) as answer:
            open(record + ".last", "w").write(str(answer.status))
        os._exit(0)
    signal.signal(signal.SIGTERM, finish)
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass
    def do_GET(self):
        if manners == "slow":
            time.sleep(1.5)
        self.send_response(503 if manners == "ill" else 200)
        self.end_headers()
        if self.path == "/die":
            print("cannot go on", flush=True)
            os._exit(3)
print("listening", flush=True)
with open(record + ".pids", "a") as file:
    print(os.getpid(), child.pid, file=file)
with open(record + ".new", "w") as file:
    json.dump([os.getpid(), child.pid], file)
os.replace(record + ".new", record)
if manners == "dies":
    print("cannot begin", flush=True)
    os._exit(4)
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""

# Tidies up for a while once it is interrupted, and writes down how often it was.
preparation = """
import os, signal, sys, time
from pathlib import Path
folder, told = Path(sys.argv[1]), []
def interrupted(*_):
    told.append(1)
    (folder / "told").write_text(str(len(told)))
signal.signal(signal.SIGINT, interrupted)
(folder / "preparing.new").write_text(str(os.getpid()))
(folder / "preparing.new").replace(folder / "preparing")
while not told:
    time.sleep(0.02)
time.sleep(1)
"""

# Supervises the programs given as JSON, and says when they are ready.
supervisor = """
import json, os, sys, time
from pathlib import Path
from launcher.processes import call
from launcher.program import Program, Turn
from launcher.supervisor import Patience, supervise
from launcher.terminal import Failure
folder = Path(sys.argv[1])
turns = {"early": Turn.BEFORE_PREPARATION, "last": Turn.LAST}
programs = [
    Program(name, name, [sys.executable, str(folder / "server.py"), str(port), str(folder / f"{name}.json"), manners],
            os.environ, folder, f"http://127.0.0.1:{port}/health", folder / f"{name}.log", manners.startswith("asks "),
            turns.get(manners, Turn.PREPARED))
    for name, port, manners in json.loads(sys.argv[2])
]
patience = Patience(**json.loads(sys.argv[3]))
def ready(seconds, absent):
    (folder / "seconds").write_text(str(seconds))
    print("ready", *absent, flush=True)
def prepare():
    if (folder / "preparation.py").exists():
        call([sys.executable, str(folder / "preparation.py"), str(folder)], os.environ)
    # As long as a test wants it to: until there is a file that says how it ends.
    while not (folder / "prepared").exists():
        time.sleep(0.02)
    if (folder / "prepared").read_text():
        raise Failure((folder / "prepared").read_text())
try:
    needs_preparation = any(program.turn is Turn.BEFORE_PREPARATION for program in programs)
    sys.exit(supervise(programs, ready, patience, folder / "all.log", prepare if needs_preparation else None))
except Failure as failure:
    print(failure, flush=True)
    sys.exit(1)
"""


class Supervised:
    """A supervisor with its programs, named `one`, `two` and `three`."""

    def __init__(self, folder: Path, manners: tuple[str, ...], patience: dict[str, float]) -> None:
        (folder / "server.py").write_text(server)
        self.folder = folder
        self.ports = [_free_port() for _ in manners]
        said = [f"asks {self.ports[0]}" if manner == "asks one" else manner for manner in manners]
        programs = list(zip(("one", "two", "three"), self.ports, said, strict=False))
        self.process = subprocess.Popen(
            [sys.executable, "-c", supervisor, str(folder), json.dumps(programs), json.dumps(patience)],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def line(self) -> str:
        """The next line that it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "it has ended"
        return line

    def leader(self, name: str) -> int:
        """The number of a program's process."""
        number: int = json.loads((self.folder / f"{name}.json").read_text())[0]
        return number

    def kill(self, name: str) -> None:
        os.kill(self.leader(name), signal.SIGKILL)

    def wait_until_started(self, name: str) -> None:
        self.wait_for(f"{name}.json")

    def wait_for(self, file: str) -> None:
        while not (self.folder / file).exists():
            time.sleep(0.02)

    def prepared(self, failure: str = "") -> None:
        """Ends the preparation, which fails where there is something to say."""
        (self.folder / "prepared.new").write_text(failure)
        (self.folder / "prepared.new").replace(self.folder / "prepared")

    def ended(self) -> tuple[int, str]:
        said, _ = self.process.communicate()
        return self.process.returncode, said

    def left(self) -> list[psutil.Process]:
        """The programs and their children that still run."""
        numbers = [int(each) for record in self.folder.glob("*.pids") for each in record.read_text().split()]
        assert numbers
        return [psutil.Process(number) for number in numbers if psutil.pid_exists(number)]


@contextmanager
def supervised(folder: Path, *manners: str, **patience: float) -> Iterator[Supervised]:
    running = Supervised(folder, manners, patience)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()
        if running.process.stdout is not None:
            running.process.stdout.close()
        for each in running.left():
            each.kill()


def _connected(port: int) -> socket.socket:
    """A connection with a server that may not be there yet."""
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_and_leaves_nothing(tmp_path: Path, number: int) -> None:
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("whoever started the tests has this signal ignored, as nohup does")
    with supervised(tmp_path, "polite", "polite") as running:
        running.wait_until_ready()
        assert len(running.left()) == 4
        running.process.send_signal(number)
        assert running.ended() == (0, "")
        assert running.left() == []


def test_who_asks_others_is_done_before_they_are_told_to_stop(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", "asks one") as running:
        running.wait_until_ready()
        running.process.send_signal(signal.SIGTERM)
        assert running.ended() == (0, "")
        assert running.left() == []
    assert (tmp_path / "two.json.last").read_text() == "200"


def test_what_does_not_stop_is_killed(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", "stubborn", stop=2) as running:
        running.wait_until_ready()
        running.process.send_signal(signal.SIGINT)
        code, said = running.ended()
        assert (code, running.left()) == (0, [])
        assert said.startswith("Killing what does not stop: ")
        assert "two" in said
        assert said.count("\n") == 1


def test_a_second_signal_means_at_once(tmp_path: Path) -> None:
    with supervised(tmp_path, "stubborn", stop=600) as running:
        running.wait_until_ready()
        while running.process.poll() is None:
            running.process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        assert running.ended() == (0, "")
        assert running.left() == []


def test_one_that_dies_is_started_again_and_the_other_goes_on(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", "polite", pause=0.1) as running:
        running.wait_until_ready()
        first, second = running.leader("one"), running.leader("two")
        with socket.create_connection(("127.0.0.1", running.ports[1])) as visitor:
            visitor.sendall(b"GET /die HTTP/1.0\r\n\r\n")
        said = [running.line() for _ in range(5)]
        assert said[0] == "two stopped by itself with exit code 3.\n"
        assert said[1] == f"Its last lines, from {tmp_path / 'two.log'}:\n"
        assert said[2:4] == ["  two | listening\n", "  two | cannot go on\n"]
        assert said[4] == "two is started again in 0 s.\n"
        assert running.line().startswith("two is back after ")
        assert running.leader("one") == first
        assert running.leader("two") != second
        # And what it had started is gone, in whose hands its port might have stayed.
        assert len(running.left()) == 4
        running.process.send_signal(signal.SIGINT)
        assert running.ended() == (0, "")
        assert running.left() == []


def test_each_line_of_all_logs_has_the_name_of_its_program(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", "polite", pause=0.1) as running:
        running.wait_until_ready()
        running.kill("one")
        while not running.line().startswith("one is back after "):
            pass
        running.process.send_signal(signal.SIGTERM)
        running.ended()
    lines = (tmp_path / "all.log").read_text().splitlines()
    assert sorted(line for line in lines if "listening" in line) == [
        "one | listening",
        "one | listening",
        "two | listening",
    ]
    assert all(line.startswith(("one | ", "two | ")) for line in lines)


def test_one_that_cannot_run_is_given_up_and_the_other_stays(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", "dies", pause=0.05) as running:
        said = ""
        while not said.endswith("ready two\n"):
            said += running.line()
        assert said.count("two stopped by itself with exit code 4.\n") == 5
        assert said.count("two is started again in ") == 4
        assert "two died 5 times within 60 s and is given up; the others go on." in said
        first = running.leader("one")
        running.kill("one")
        while not running.line().startswith("one is back after "):
            pass
        assert running.leader("one") != first
        running.process.send_signal(signal.SIGINT)
        assert running.ended() == (0, "")
        assert running.left() == []


def test_with_nothing_left_it_ends(tmp_path: Path) -> None:
    with supervised(tmp_path, "dies", pause=0.01) as running:
        code, said = running.ended()
        assert code == 1
        assert said.endswith("All services have ended: see above why.\n")
        assert running.left() == []


def test_one_that_waits_for_its_turn_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", "polite", pause=20) as running:
        running.wait_until_ready()
        running.kill("two")
        while "started again in 20 s" not in running.line():
            pass
        running.process.send_signal(signal.SIGINT)
        assert running.ended() == (0, "")
        assert running.left() == []


def test_a_program_that_never_gets_healthy_is_told_and_the_other_goes_on(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", "ill", start=2, reminder=1) as running:
        said = ""
        while not said.endswith("ready two\n"):
            said += running.line()
        assert "Still waiting for: two" in said
        assert "Not healthy after 2 s: two\n" in said
        running.process.send_signal(signal.SIGINT)
        assert running.ended() == (0, "")
        assert running.left() == []


def test_programs_of_which_none_gets_healthy_are_a_failure(tmp_path: Path) -> None:
    with supervised(tmp_path, "ill", start=1) as running:
        code, said = running.ended()
        assert code == 1
        assert "Not healthy after 1 s: one\n" in said
        assert running.left() == []


def test_the_time_until_all_are_ready_has_that_of_the_last_answer(tmp_path: Path) -> None:
    with supervised(tmp_path, "slow") as running:
        running.wait_until_ready()
    assert float((tmp_path / "seconds").read_text()) >= 1.5


def test_one_that_needs_no_preparation_answers_meanwhile_and_the_others_start_after_it(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", "early") as running:
        with _connected(running.ports[1]) as visitor:
            visitor.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert visitor.recv(100).startswith(b"HTTP/1.0 200")
        assert not (tmp_path / "one.log").exists()
        running.prepared()
        running.wait_until_ready()
        running.wait_until_started("one")
        running.process.send_signal(signal.SIGTERM)
        assert running.ended() == (0, "")
        assert running.left() == []


def test_a_preparation_that_fails_is_said_and_leaves_nothing_running(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", "early") as running:
        running.wait_until_started("two")
        running.prepared("There is no model.")
        assert running.ended() == (1, "There is no model.\n")
        assert running.left() == []
        assert not (tmp_path / "one.log").exists()


def test_a_signal_while_preparing_stops_all(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", "early") as running:
        running.wait_until_started("two")
        running.process.send_signal(signal.SIGTERM)
        assert running.ended() == (0, "")
        assert running.left() == []
        assert not (tmp_path / "one.log").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_preparation_is_interrupted_once(tmp_path: Path, number: signal.Signals) -> None:
    """By the terminal, which interrupts all that it runs; of another signal it learns from who runs it."""
    (tmp_path / "preparation.py").write_text(preparation)
    with supervised(tmp_path, "polite", "early") as running:
        running.wait_until_started("two")
        running.wait_for("preparing")
        if number == signal.SIGINT:
            os.kill(int((tmp_path / "preparing").read_text()), number)
            running.wait_for("told")
        running.process.send_signal(number)
        assert running.ended() == (0, "")
        assert (tmp_path / "told").read_text() == "1"
        assert running.left() == []


def test_one_that_comes_last_starts_once_the_others_answer_and_is_then_kept(tmp_path: Path) -> None:
    with supervised(tmp_path, "slow", "last", pause=0.1) as running:
        running.wait_until_ready()
        running.wait_until_started("two")
        # The first one takes 1.5 s for its first answer.
        one, two = ((tmp_path / f"{name}.json").stat().st_mtime for name in ("one", "two"))
        assert two - one >= 1.5
        running.kill("two")
        assert running.line() == "two was killed by signal 9.\n"
        while not running.line().startswith("two is started again"):
            pass
        running.process.send_signal(signal.SIGTERM)
        assert running.ended()[0] == 0
        assert running.left() == []


def test_one_that_comes_last_does_not_wait_for_ever_for_one_that_is_ill(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite", "ill", "last", start=2) as running:
        assert running.line() == "Not healthy after 2 s: two\n"
        running.wait_until_started("three")
        running.process.send_signal(signal.SIGTERM)
        assert running.ended()[0] == 0
        assert running.left() == []


def test_a_signal_while_waiting_stops_all(tmp_path: Path) -> None:
    with supervised(tmp_path, "ill") as running:
        while not (tmp_path / "one.json").exists() or not (tmp_path / "one.json").read_text():
            time.sleep(0.02)
        running.process.send_signal(signal.SIGTERM)
        assert running.ended() == (0, "")
        assert running.left() == []


def test_a_program_that_is_not_there_is_a_failure_that_stops_the_rest(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from launcher.program import Program
from launcher.supervisor import supervise
from launcher.terminal import Failure
try:
    supervise([Program("absent", "absent", ["/nowhere/at/all"], {}, Path("."), "http://127.0.0.1:1/health")], print)
except Failure as failure:
    print(failure)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("absent cannot be started: ")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_killed_supervisor_takes_its_programs_along(tmp_path: Path) -> None:
    with supervised(tmp_path, "polite") as running:
        running.wait_until_ready()
        leader = psutil.Process(running.leader("one"))
        running.process.kill()
        # Comes back once the program is gone, however slow the machine.
        assert leader.wait() in {-signal.SIGTERM, None}
