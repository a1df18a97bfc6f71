"""`./dev demo` as a person runs it: it ends by itself or by Ctrl-C, and leaves nothing behind."""

import re
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.demo.__main__ import PORTS
from deploy.demo.processes import Program

START_S, END_S = 60.0, 100.0


@pytest.fixture(autouse=True)
def _emulator(emulator_host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator_host)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Take the port that the page would have, unless somebody else has it already."""
    try:
        listener = socket.create_server(("127.0.0.1", PORTS.web))
    except OSError:
        listener = socket.socket()
    with closing(listener):
        yield PORTS.web


def demo(folder: Path, *arguments: str) -> Program:
    command = [sys.executable, "-m", "deploy.demo", "--keep", str(folder), *arguments]
    return Program("demo", command, folder / "demo.log")


def left_behind(folder: Path) -> list[str]:
    """Give the command lines of all processes that work in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode().split("\0")
        except OSError:  # it has ended meanwhile
            continue
        if any(str(folder) in word for word in words):
            found.append(" ".join(words))
    return found


def test_a_demo_with_a_duration_ends_with_three_equal_numbers(
    tmp_path: Path, taken_port: int
) -> None:
    program = demo(tmp_path, "--duration", "4")
    assert program.wait(END_S) == 0, program.output()
    assert re.fullmatch(
        r"truth (\d+) items, edge \1, cloud \1", program.output().splitlines()[-1]
    ), program.output()
    [page] = re.findall(r"page +http://127\.0\.0\.1:(\d+)/", program.output())
    assert int(page) != taken_port
    assert left_behind(tmp_path) == []


def test_ctrl_c_ends_all_of_it(tmp_path: Path) -> None:
    program = demo(tmp_path)
    program.wait_for("page", START_S)
    program.wait_for("truth", START_S)
    program.send(signal.SIGINT)
    assert program.wait(END_S) == 0
    assert program.output().splitlines()[-1] == "stopped: no process is left"
    assert left_behind(tmp_path) == []
