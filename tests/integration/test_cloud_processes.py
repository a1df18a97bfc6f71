"""Head office's processes: they end within seconds whoever looks, and say why they cannot start."""

import http.client
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cloud.documents import shapes
from cloud.documents.embedded import EmbeddedDocuments
from deploy.demo.processes import Program, free_port
from edge.wire import Status

START_S = 30.0
ENDS_S = 10.0
CONFIG = """
[documents]
kind = "embedded"
path = "documents.db"
[mqtt]
host = "127.0.0.1"
port = {broker}
[web]
port = {web}
"""


class Office:
    """A folder with a configuration, and the programs that were started on it."""

    def __init__(self, folder: Path, broker_port: int) -> None:
        self.folder, self.web_port = folder, free_port()
        self.config = folder / "cloud.toml"
        self.config.write_text(CONFIG.format(broker=broker_port, web=self.web_port))
        self.programs: list[Program] = []

    def start(self, command: str) -> Program:
        arguments = [sys.executable, "-m", "cloud.cli", command, "--config", str(self.config)]
        log = self.folder / f"{command}-{len(self.programs)}.log"
        self.programs.append(Program(command, arguments, log))
        return self.programs[-1]

    def ask(self, path: str) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=10)
        connection.request("GET", path)
        return connection


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    found = Office(tmp_path, broker_port=free_port())  # where no broker is: it comes back one day
    yield found
    for program in found.programs:
        program.stop()


def ended(program: Program, number: signal.Signals) -> tuple[int, bool]:
    """Send a signal; give the exit code, and whether the end came in time."""
    began_s = time.monotonic()
    program.send(number)
    return program.wait(30), time.monotonic() - began_s < ENDS_S


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda each: each.name)
@pytest.mark.parametrize("command", ["serve", "web"])
def test_a_web_service_ends_in_order_while_somebody_looks(
    office: Office, command: str, number: signal.Signals
) -> None:
    program = office.start(command)
    program.wait_for_port(office.web_port, START_S)
    with closing(office.ask("/api/v1/events")) as connection:
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.readline(), "the stream is open"
        assert ended(program, number) == (0, True)
    assert "Traceback" not in program.output()


def test_a_bridge_ends_in_order_where_no_broker_is(office: Office) -> None:
    program = office.start("bridge")
    program.wait_for("bridge to SQLite", START_S)
    assert ended(program, signal.SIGTERM) == (0, True)


def test_an_address_that_is_taken_is_told_in_one_line(office: Office) -> None:
    with socket.create_server(("127.0.0.1", office.web_port)):
        program = office.start("serve")
        assert program.wait(START_S) == 69
    told = f"tagtally-cloud: web: cannot listen on 127.0.0.1:{office.web_port}: Address already"
    assert [line[: len(told)] for line in program.output().splitlines()] == [told]


def test_bridge_and_web_apart_share_one_file(office: Office) -> None:
    programs = [office.start("bridge"), office.start("web")]
    programs[0].wait_for("bridge to SQLite", START_S)
    programs[1].wait_for_port(office.web_port, START_S)
    with closing(EmbeddedDocuments(office.folder / "documents.db")) as documents:
        status = Status("muc-01", 1, "b", online=True, name="Munich")
        documents.commit([shapes.put_status(status, status_at_us=time.time_ns() // 1000)])
    with closing(office.ask("/api/v1/stores")) as connection:
        assert b"Munich" in connection.getresponse().read()
    assert [ended(program, signal.SIGTERM) for program in programs] == [(0, True), (0, True)]
