"""The agent of one store: builds the parts, starts their threads, and stops them in order.

| thread        | does                                    | ends                              |
| ------------- | --------------------------------------- | --------------------------------- |
| one a reader  | connects, polls, backs off              | first: the reader hears a goodbye |
| engine        | counts and alone writes the file        | last: what was read is committed  |
| sync          | talks with head office                  | after the readers: a goodbye too  |
| mqtt          | serves the broker's link                | when the goodbye is sent          |

The engine's is the thread that calls run().  What a thread cannot handle ends the agent, with its
traceback in the log; whoever started the agent starts it anew.
"""

import contextlib
import logging
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from edge import systemd
from edge.clock import Clock
from edge.config import Config, ReaderConfig, mqtt_password
from edge.engine.changes import EngineSettings
from edge.engine.pipeline import Pipeline
from edge.errors import GatewayError
from edge.health import Health
from edge.lock import exclusive
from edge.model import SyncState
from edge.mqtt import MqttClient, MqttSettings
from edge.readers.buffer import ReadBuffer
from edge.readers.driver import ReaderDriver
from edge.readers.factory import build_driver
from edge.readers.supervisor import Supervisor
from edge.recorder import Recorder
from edge.storage.database import Database, open_database
from edge.storage.items import Items
from edge.storage.sync import Sync
from edge.sync.loop import SyncLoop, last_will, subscriptions
from edge.sync.session import SyncSession, SyncSettings
from edge.sync_file import StatusSource, SyncFile

READERS_END_S = 3.0  # a reader that does not listen is left without a goodbye
SYNC_END_S = 5.0
WATCHDOG_S = 10.0

_log = logging.getLogger(__name__)


class ThreadFailed(GatewayError):
    """A thread met what it cannot handle; its traceback is in the log."""


class Agent:
    """run() once; stop() from any thread, or from a signal's handler."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._path = Path(config.storage.path)
        self._buffer = ReadBuffer()
        self._health = Health(reader.name for reader in config.readers)
        self._stop, self._stop_sync = threading.Event(), threading.Event()
        self._failures: list[str] = []
        self._beat_s = 0.0

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Serve until stop() and end in order; raise GatewayError where it cannot serve."""
        password = mqtt_password(self._config)
        with exclusive(self._path), contextlib.closing(open_database(self._path)) as db:
            self._serve(db, password)
        if self._failures:
            raise ThreadFailed("; ".join(self._failures))

    def _serve(self, db: Database, password: str | None) -> None:
        """Build the parts, which may raise, and have them work, which ends in order."""
        store_id = self._config.store.id
        recorder = Recorder(db, self._pipeline(db), self._buffer, self._health, self._clock)
        file = SyncFile(self._path, Sync(db), recorder.ask)
        session = self._session(Sync(db).begin())
        mqtt = MqttClient(
            self._mqtt_settings(password), subscriptions(store_id), lambda: last_will(session)
        )
        loop = SyncLoop(session, file, mqtt, self._clock, self._status(file))

        def talk() -> None:
            mqtt.start()
            try:
                loop.run(self._stop_sync)
            finally:
                mqtt.stop()
                file.close()

        _log.info("store=%s term=%d counts into %s", store_id, session.term, self._path)
        with self._failing("engine"):
            self._work(recorder, loop, talk)
        self._stop_sync.set()
        self._buffer.close()
        _log.info("store=%s stopped", store_id)

    def _work(self, recorder: Recorder, loop: SyncLoop, talk: Callable[[], None]) -> None:
        readers = [
            self._start(f"reader {reader.name}", self._supervisor(reader).run)
            for reader in self._config.readers
        ]
        sync = self._start("sync", talk)
        systemd.notify("READY=1")
        self._record(recorder, loop, self._stop.is_set)
        systemd.notify("STOPPING=1")
        self._record(recorder, loop, _ended(readers, READERS_END_S))
        self._stop_sync.set()
        loop.notify()
        self._record(recorder, loop, _ended([sync], SYNC_END_S))

    def _record(self, recorder: Recorder, loop: SyncLoop, until: Callable[[], bool]) -> None:
        def is_over() -> bool:
            now_s = self._clock.now().monotonic_s
            if now_s >= self._beat_s:
                self._beat_s = now_s + WATCHDOG_S
                systemd.notify("WATCHDOG=1")
            return until()

        recorder.run(is_over, loop.notify)

    # The parts.

    def _pipeline(self, db: Database) -> Pipeline:
        presence = self._config.presence
        zones = {
            (reader.name, antenna.port): antenna.zone
            for reader in self._config.readers
            for antenna in reader.antennas
        }
        settings = EngineSettings(epoch_s=presence.epoch_s, absence_s=presence.absence_s)
        return Pipeline(settings, zones, Items(db).all(), kinds=self._config.zone_kinds())

    def _supervisor(self, reader: ReaderConfig) -> Supervisor:
        def build() -> ReaderDriver:
            return build_driver(reader, self._clock)

        return Supervisor(reader.name, build, self._buffer, self._clock, self._stop)

    def _session(self, state: SyncState) -> SyncSession:
        settings = SyncSettings(flush_s=self._config.sync.flush_s)
        boot = secrets.token_hex(8)
        return SyncSession(state, self._config.store.id, boot, settings, random.random)

    def _mqtt_settings(self, password: str | None) -> MqttSettings:
        mqtt, store_id = self._config.mqtt, self._config.store.id
        # The same name in every life: a broker that still holds the last one's link ends it, and
        # says its last will, before this one's first word.
        name = f"tagtally-{store_id}"
        return MqttSettings(mqtt.host, name, mqtt.port, mqtt.username, password)

    def _status(self, file: SyncFile) -> StatusSource:
        store = self._config.store
        program = f"tagtally {version('tagtally')}"
        return StatusSource(file, self._health, store.name or store.id, program)

    # Their threads.

    def _start(self, name: str, body: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            with self._failing(name):
                body()

        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        return thread

    @contextlib.contextmanager
    def _failing(self, name: str) -> Iterator[None]:
        """Stand at the top of a thread: what comes up to here ends the agent."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 it is the top, and ends the agent
            _log.exception("thread=%s ends the agent", name)
            self._failures.append(f"thread {name}: {error or type(error).__name__}")
            self._stop.set()
        finally:
            self._buffer.wake()


def _ended(threads: Sequence[threading.Thread], timeout_s: float) -> Callable[[], bool]:
    deadline_s = time.monotonic() + timeout_s
    return lambda: (
        time.monotonic() >= deadline_s or not any(thread.is_alive() for thread in threads)
    )
