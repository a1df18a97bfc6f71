"""The agent's Unix socket: what it does, what it refuses, and what it survives."""

import socket
import threading
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

from edge.errors import ConfigError, ReaderError
from edge.llrp.access import (
    Bank,
    KillTag,
    LockField,
    LockTag,
    Privilege,
    ReadTag,
    WriteEpc,
    WriteTag,
)
from edge.llrp.facts import SessionFacts
from edge.llrp.operations import Outcome, SetOutput
from edge.llrp.session import LlrpSession
from edge.llrp.settings import LlrpSettings
from edge.local.control import (
    Answer,
    ControlServer,
    Do,
    Done,
    Facts,
    ReaderOperation,
    Refused,
    TellFacts,
    ask_agent,
    check_right,
    socket_path,
)
from edge.options import AccessRight

EPC = bytes.fromhex("3034257bf7194e4000001a85")
READ = ReadTag(epc=EPC, bank=Bank.TID, words=6)
FACTS: dict[str, SessionFacts | None] = {
    "floor-1": LlrpSession(LlrpSettings()).facts(),
    "dock-1": None,
}


class Readers:
    """Does whatever it is asked, and remembers it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ReaderOperation]] = []
        self.outcome: Outcome | ReaderError = Outcome(done=True, detail="done", words=(0xE280,))

    def perform(self, reader: str, operation: ReaderOperation) -> Outcome:
        self.asked.append((reader, operation))
        if isinstance(self.outcome, ReaderError):
            raise self.outcome
        return self.outcome


class Running:
    """A server in a thread."""

    def __init__(self, path: Path, allowed: AbstractSet[AccessRight]) -> None:
        self.path, self.readers = path, Readers()
        self._stop = threading.Event()
        server = ControlServer(path, allowed, self.readers.perform, lambda: FACTS)
        self._thread = threading.Thread(target=server.serve, args=(self._stop,), daemon=True)
        self._thread.start()
        deadline_s = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < deadline_s, "the server does not answer"
            self._stop.wait(0.01)

    def _answers(self) -> bool:
        try:
            return isinstance(self.ask(TellFacts()), Facts)
        except ReaderError:
            return False

    def ask(self, request: Do | TellFacts) -> Answer:
        return ask_agent(self.path, request, timeout_s=10)

    def end(self) -> None:
        self._stop.set()
        self._thread.join(10)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    one = Running(socket_path(tmp_path / "store.db"), {AccessRight.READ})
    yield one
    one.end()


def test_an_operation_reaches_its_reader_and_what_comes_of_it_comes_back(running: Running) -> None:
    assert running.ask(Do("floor-1", READ)) == Done(Outcome(True, "done", (0xE280,)))  # noqa: FBT003
    assert running.readers.asked == [("floor-1", READ)]


OPERATIONS: list[ReaderOperation] = [
    READ,
    WriteTag(epc=EPC, bank=Bank.USER, pointer=3, data=(1, 0xFFFF), password=0xFFFFFFFF),
    WriteEpc(epc=EPC, new_epc=EPC[::-1], patience_s=1.5),
    LockTag(epc=EPC, field=LockField.EPC, privilege=Privilege.PERMALOCK),
    KillTag(epc=EPC, password=7),
    SetOutput(port=2, is_high=True),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: type(one).__name__)
def test_every_operation_survives_the_way(tmp_path: Path, operation: ReaderOperation) -> None:
    running = Running(tmp_path / "s", set(AccessRight))
    try:
        running.ask(Do("floor-1", operation))
        assert running.readers.asked == [("floor-1", operation)]
    finally:
        running.end()


def test_what_is_not_allowed_does_not_reach_the_reader(running: Running) -> None:
    answer = running.ask(Do("floor-1", KillTag(epc=EPC, password=1)))
    detail = '"kill" is not in what tags may be used for: [access] allow = ["read"]'
    assert answer == Refused(detail, 2)
    assert running.readers.asked == []


@pytest.mark.parametrize("operation", OPERATIONS[:5], ids=lambda one: type(one).__name__)
def test_without_a_word_in_the_configuration_nothing_is_allowed(operation: ReaderOperation) -> None:
    with pytest.raises(ConfigError, match=r"may be used for: \[access\] allow = \[\]"):
        check_right(operation, set())


def test_an_output_is_no_matter_of_access() -> None:
    check_right(SetOutput(port=1, is_high=True), set())


def test_a_reader_that_cannot_be_had_is_told(running: Running) -> None:
    running.readers.outcome = ReaderError("the reader is not connected")
    assert running.ask(Do("floor-1", READ)) == Refused("the reader is not connected", 69)


def test_the_facts_of_all_readers_are_told(running: Running) -> None:
    assert running.ask(TellFacts()) == Facts(FACTS)


@pytest.mark.parametrize("line", [b"nonsense\n", b'{"type":"unheard of"}\n', b"{" * (2 << 20)])
def test_what_is_no_request_is_refused_and_the_next_is_served(
    running: Running, line: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(running.path))
        client.sendall(line)
        assert client.recv(1000).startswith(b'{"type":"refused","detail":"request cannot be read')
    assert isinstance(running.ask(TellFacts()), Facts)


def test_a_command_that_hangs_up_or_says_nothing_keeps_nobody_waiting(running: Running) -> None:
    idle = [socket.socket(socket.AF_UNIX) for _ in range(3)]
    for one in idle:
        one.connect(str(running.path))
    assert isinstance(running.ask(TellFacts()), Facts)
    for one in idle:
        one.close()


def test_the_socket_is_the_users_own_and_goes_with_the_agent(running: Running) -> None:
    assert running.path.stat().st_mode & 0o777 == 0o600
    running.end()
    assert not running.path.exists()


def test_a_socket_that_a_killed_agent_has_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "store.db.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    running = Running(path, set())
    assert path.stat().st_mode & 0o777 == 0o600
    running.end()


def test_a_folder_deeper_than_an_address_may_be_long_is_well(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 60) / ("e" * 60)
    folder.mkdir(parents=True)
    running = Running(folder / "store.db.sock", set())
    assert isinstance(running.ask(TellFacts()), Facts)
    running.end()


def test_a_folder_that_cannot_be_written_costs_only_the_commands(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = ControlServer(tmp_path / "none" / "s", set(), Readers().perform, lambda: FACTS)
    server.serve(threading.Event())
    assert "no commands are taken" in caplog.text


def test_an_agent_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="the agent does not answer: No such file"):
        ask_agent(tmp_path / "store.db.sock", TellFacts(), 1)
