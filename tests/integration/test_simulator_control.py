"""`tagtally-sim ctl` and the control endpoint behind it; the pytest fixtures for testers."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edge.errors import ConfigError, ReaderError
from edge.llrp import messages as m
from simulators.control import order
from tests.support.sim_process import END_S, PROGRAM, LlrpPeer, simulator


def ctl(*words: str) -> subprocess.CompletedProcess[str]:
    command = [PROGRAM, "ctl", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=END_S, check=False)


def test_a_running_simulator_does_what_ctl_says(tmp_path: Path) -> None:
    endpoint = str(tmp_path / "ctl.sock")
    with simulator(tmp_path, "run", "demo", "--duration", "0", "--control", endpoint) as sim:
        assert json.loads(ctl("--control", endpoint, "fault", "refuse", "status=3").stdout) == {
            "status": 3,
            "times": 0,
        }
        with LlrpPeer(sim.port) as refused:
            assert [type(message) for message in refused.messages()] == [m.ReaderEventNotification]
        assert json.loads(ctl("--control", endpoint, "clear").stdout) == {}
        with LlrpPeer(sim.port) as peer:
            peer.ask(m.GetROSpecs(), m.GetROSpecsResponse)
            state = json.loads(ctl("--control", endpoint, "state").stdout)
        assert state["heard"] == {"GET_ROSPECS": 1}
        assert state["turned_away"] == 1


COMMANDS = {
    "an input": (("gpi", "2", "HIGH"), {"gpis": {"1": False, "2": True, "3": False, "4": False}}),
    "an antenna": (
        ("antenna", "1", "down"),
        {"antennas": {"1": False, "2": True, "3": False, "4": False}},
    ),
    "tags that are put": (("tags", "add", "back", "e2801170"), {"present": 260}),
    "a tag that is not there": (
        ("tags", "remove", "E2801171"),
        {"present": 260, "were_not_there": ["e2801171"]},
    ),
    "a fault that happens at once": (("fault", "rst"), {}),
}


@pytest.mark.parametrize(("words", "answer"), COMMANDS.values(), ids=COMMANDS)
def test_each_command_answers_with_what_is_so_now(
    words: tuple[str, ...], answer: object, tmp_path: Path
) -> None:
    with simulator(tmp_path, "run", "demo", "--duration", "0", "--control", "127.0.0.1:0") as sim:
        done = ctl("--control", endpoint_of(sim.output()), *words)
        assert done.stderr == ""
        assert json.loads(done.stdout) == answer


def endpoint_of(output: str) -> str:
    (line,) = [line for line in output.splitlines() if line.startswith("obeying at ")]
    return line.removeprefix("obeying at ")


WRONG = {
    "an unknown fault": (("fault", "burn"), 2, "unknown fault 'burn', allowed are half-open, rst"),
    "a wrong parameter": (("fault", "refuse", "status=9"), 2, "'9', allowed is a whole number"),
    "no KEY=VALUE": (("fault", "refuse", "status"), 2, "'status', needed is KEY=VALUE"),
    "an unknown zone": (("tags", "list", "roof"), 2, "'roof', allowed are floor, back"),
    "no EPC": (("tags", "add", "back", "xyz"), 2, "EPC 'xyz', allowed are 1 to 62 bytes in hex"),
    "an unknown input": (("gpi", "9", "HIGH"), 2, "GPI port 9, allowed are 1 to 4"),
    "an unknown antenna": (("antenna", "9", "up"), 2, "antenna 9, allowed are 1 to 4"),
}


@pytest.mark.parametrize(("words", "code", "complaint"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_what_is_allowed(
    words: tuple[str, ...], code: int, complaint: str, tmp_path: Path
) -> None:
    endpoint = str(tmp_path / "ctl.sock")
    with simulator(tmp_path, "run", "demo", "--control", endpoint):
        done = ctl("--control", endpoint, *words)
    assert done.returncode == code
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_list_of_faults_needs_no_simulator() -> None:
    done = ctl("faults")
    assert "half-open (once, at once)" in done.stdout
    assert "taken_s=0  a number from 0 to 86400" in done.stdout
    names = [json.loads(line)["name"] for line in ctl("faults", "--json").stdout.splitlines()]
    assert len(names) > 40


def test_ctl_without_an_endpoint_says_what_is_missing() -> None:
    done = ctl("state")
    assert done.returncode == 2
    assert "--control is missing" in done.stderr


def test_nobody_there_is_said_in_one_line(tmp_path: Path) -> None:
    done = ctl("--control", str(tmp_path / "none.sock"), "state")
    assert (done.returncode, len(done.stderr.splitlines())) == (69, 1)


def test_what_is_no_request_is_answered_and_the_next_one_is_heard(tmp_path: Path) -> None:
    endpoint = str(tmp_path / "ctl.sock")
    with (
        simulator(tmp_path, "run", "demo", "--control", endpoint),
        socket.socket(socket.AF_UNIX) as client,
    ):
        client.settimeout(END_S)
        client.connect(endpoint)
        client.sendall(b'nothing\n[]\n{"command": "dance"}\n{"command": "sta')
        client.sendall(b'te"}\n')
        answers = client.makefile()
        replies = [json.loads(answers.readline()) for _ in range(4)]
    assert [reply.get("error", "")[:9] for reply in replies] == [
        "no JSON: ",
        "no JSON o",
        "unknown c",
        "",
    ]


def test_an_endpoint_that_is_taken_is_refused_and_one_left_behind_is_not(tmp_path: Path) -> None:
    endpoint = tmp_path / "ctl.sock"
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(str(endpoint))
    with simulator(tmp_path, "run", "demo", "--control", str(endpoint)):
        order(str(endpoint), {"command": "state"})
        command = [PROGRAM, "run", "--port", "0", "--control", str(endpoint)]
        second = subprocess.run(command, capture_output=True, text=True, timeout=END_S, check=False)
        assert second.returncode == 69
        assert "cannot open the control endpoint" in second.stderr
    assert not endpoint.exists()


def test_a_wrong_word_reaches_a_program_as_an_error_of_its_own(tmp_path: Path) -> None:
    endpoint = str(tmp_path / "ctl.sock")
    with (
        simulator(tmp_path, "run", "demo", "--control", endpoint),
        pytest.raises(ConfigError, match="unknown fault"),
    ):
        order(endpoint, {"command": "fault", "name": "burn"})
    with pytest.raises(ReaderError, match="no simulator answers"):
        order(endpoint, {"command": "state"})


TESTS = """
import socket


def test_two_readers_run(tagtally_reader, tagtally_readers):
    other = tagtally_readers(profile="r420", duration_s=0)
    assert tagtally_reader.port != other.port
    with socket.create_connection(("127.0.0.1", other.port), 5) as client:
        assert client.recv(100)
    other.fault("refuse", status=3)


def test_a_reader_is_stopped_with_its_test(tagtally_reader, request):
    request.config.stash["port"] = tagtally_reader.port


def test_the_port_of_the_last_one_is_free(request):
    with socket.socket() as free:
        free.bind(("127.0.0.1", request.config.stash["port"]))
"""


def test_a_testers_pytest_finds_the_fixtures(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=END_S, check=False, cwd=tmp_path
    )
    assert "3 passed" in done.stdout, done.stdout
