"""How an agent begins and ends, with readers and a broker that cannot be reached."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge import systemd
from edge.agent import Agent, ThreadFailed
from edge.clock import SystemClock
from edge.config import parse
from edge.errors import ConfigError, StorageError
from edge.lock import exclusive, holder
from edge.model import Now
from edge.readers.supervisor import Supervisor
from edge.recorder import Recorder
from edge.storage import database
from edge.storage.damage import set_aside_before
from edge.storage.database import open_database
from edge.storage.readers import Readers
from edge.storage.sync import Sync
from edge.sync.loop import SyncLoop

CONFIG = """
store.id = "test-01"
mqtt = { host = "127.0.0.1", port = 1 }
storage.path = "store.db"
[[readers]]
name = "floor-1"
protocol = "llrp"
host = "127.0.0.1"
port = 1
antennas = [{ port = 1, zone = "floor" }]
"""


class SteppedClock(SystemClock):
    """The machine's clocks; a test may set the wall clock."""

    wrong_s = 0.0

    def now(self) -> Now:
        now = super().now()
        return Now(now.monotonic_s, now.utc_us + round(self.wrong_s * 1e6))


class Running:
    """An agent in a thread of the test's, with what its run() has raised."""

    def __init__(self, folder: Path, text: str = CONFIG) -> None:
        self.path, self.clock = folder / "store.db", SteppedClock()
        self.agent = Agent(parse(text, folder / "store.toml"), self.clock)
        self.raised: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.agent.run()
        except Exception as error:  # noqa: BLE001 whatever it is, the test looks at it
            self.raised = error

    def start(self) -> None:
        self._thread.start()

    def end(self, timeout_s: float = 10.0) -> Exception | None:
        self._thread.join(timeout_s)
        assert not self._thread.is_alive(), "the agent has not ended in time"
        return self.raised


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Hear what systemd would: that the agent is ready."""
    event = threading.Event()

    def notify(state: str) -> None:
        if state == "READY=1":
            event.set()

    monkeypatch.setattr(systemd, "notify", notify)
    return event


@pytest.fixture
def running(tmp_path: Path, ready: threading.Event) -> Iterator[Running]:
    one = Running(tmp_path)
    one.start()
    assert ready.wait(10)
    yield one
    one.agent.stop()
    one.end()


def test_an_agent_that_is_told_to_stop_ends_without_an_error(running: Running) -> None:
    running.agent.stop()
    assert running.end() is None


def test_a_stop_leaves_no_thread_behind(running: Running) -> None:
    running.agent.stop()
    running.end()
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {"reader floor-1", "sync"}
    assert not [name for name in names if name.startswith("mqtt")]


def test_a_clock_that_is_set_back_ends_the_agent_in_order(running: Running) -> None:
    running.clock.wrong_s = -864_000.0
    assert "set back by 864000 s" in str(running.end())
    assert "thread=" not in str(running.raised)


def test_each_life_has_a_term_of_its_own(tmp_path: Path, ready: threading.Event) -> None:
    for _ in range(3):
        one = Running(tmp_path)
        ready.clear()
        one.start()
        assert ready.wait(10)
        one.agent.stop()
        assert one.end() is None
    db = open_database(tmp_path / "store.db")
    assert Sync(db).state().term == 3
    db.close()


def test_the_file_is_locked_while_the_agent_runs(running: Running) -> None:
    assert holder(running.path) is not None
    running.agent.stop()
    running.end()
    assert holder(running.path) is None


def test_a_reader_that_cannot_be_had_is_kept_with_the_cause(running: Running) -> None:
    running.agent.stop()
    running.end()
    db = open_database(running.path)
    [reader] = Readers(db).all()
    db.close()
    assert (reader.name, reader.up) == ("floor-1", False)


def break_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_: Supervisor) -> None:
        raise ZeroDivisionError("in the reader")

    monkeypatch.setattr(Supervisor, "run", run)


def break_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> None:
        raise ZeroDivisionError("in the engine")

    monkeypatch.setattr(Recorder, "run", run)


def break_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> None:
        raise ZeroDivisionError("in the sync")

    monkeypatch.setattr(SyncLoop, "run", run)


BUGS = {
    "reader": (break_reader, "thread reader floor-1: in the reader"),
    "engine": (break_engine, "thread engine: in the engine"),
    "sync": (break_sync, "thread sync: in the sync"),
}


@pytest.mark.parametrize(("breaks", "text"), BUGS.values(), ids=BUGS)
def test_a_bug_in_any_thread_ends_the_agent_with_its_traceback_in_the_log(
    breaks: Callable[[pytest.MonkeyPatch], None],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    breaks(monkeypatch)
    one = Running(tmp_path)
    one.start()
    raised = one.end()
    assert isinstance(raised, ThreadFailed)
    assert (str(raised), raised.exit_code) == (text, 1)
    [record] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


def test_a_file_that_is_no_database_is_set_aside_with_an_alarm(
    tmp_path: Path, ready: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "store.db").write_bytes(b"no database" * 1000)
    one = Running(tmp_path)
    one.start()
    assert ready.wait(10)
    one.agent.stop()
    assert one.end() is None
    [kept] = set_aside_before(one.path)
    assert kept.read_bytes() == b"no database" * 1000
    assert f"damaged file {kept.name} alarm: counting began anew without it" in caplog.text


def test_an_agent_waits_for_a_file_that_is_locked_and_can_be_stopped_meanwhile(
    tmp_path: Path, ready: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    path = tmp_path / "store.db"
    open_database(path).close()
    one = Running(tmp_path)
    with closing(sqlite3.connect(path)) as backup:
        backup.execute("PRAGMA locking_mode = EXCLUSIVE")
        backup.execute("BEGIN EXCLUSIVE")
        one.start()
        assert not ready.wait(1.5)
    assert ready.wait(10)
    one.agent.stop()
    assert one.end() is None


def test_a_password_file_that_is_missing_is_an_error_before_anything_runs(tmp_path: Path) -> None:
    with_password = CONFIG.replace("port = 1 }", 'port = 1, password_file = "none" }')
    one = Running(tmp_path, with_password)
    one.start()
    assert isinstance(one.end(), ConfigError)
    assert not one.path.exists()


def test_a_file_that_another_agent_holds_is_an_error(tmp_path: Path) -> None:
    one = Running(tmp_path)
    with exclusive(one.path):
        one.start()
        assert isinstance(one.end(), StorageError)
