"""The agent of one store: builds the parts, starts their threads, and stops them in order.

| thread        | does                                    | ends                              |
| ------------- | --------------------------------------- | --------------------------------- |
| one a reader  | connects, polls, backs off              | first: the reader hears a goodbye |
| engine        | counts and alone writes the file        | last: what was read is committed  |
| control       | answers commands on this machine        | with the readers                  |
| errands       | takes files that tills leave            | with the readers                  |
| http          | answers tills and other machines        | with the readers                  |
| sync          | talks with head office                  | after the readers: a goodbye too  |
| mqtt          | serves the broker's link                | when the goodbye is sent          |

The engine's is the thread that calls run().  What a thread cannot handle ends the agent, with its
traceback in the log; whoever started the agent starts it anew.
"""

import contextlib
import logging
import platform
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

from edge import systemd, tuning
from edge.clock import Clock, StepWatch
from edge.config import Config, mqtt_password
from edge.device import device_id
from edge.engine.awaited import WAIT_US
from edge.engine.counting import CountSettings
from edge.engine.pipeline import Pipeline
from edge.errors import FileBusy, GatewayError, ReaderError
from edge.health import Health
from edge.llrp.facts import SessionFacts
from edge.llrp.operations import Outcome
from edge.local.control import ControlServer, ReaderOperation, socket_path
from edge.local.routes import Route
from edge.lock import exclusive
from edge.model import SyncState, ZoneKind
from edge.mqtt import MqttClient, MqttSettings, Tls
from edge.readers.accept import Receptions
from edge.readers.buffer import ReadBuffer
from edge.readers.factory import driver_factory
from edge.readers.serial_config import check_readers
from edge.readers.supervisor import Supervisor
from edge.recorder import Recorder
from edge.shop.count_desk import resume_counts
from edge.shop.service import Shop, build_shop, check_shop
from edge.storage.damage import open_or_replace, set_aside_before
from edge.storage.database import Database
from edge.storage.items import Items
from edge.storage.readers import Readers
from edge.storage.sync import Sync
from edge.storage.tills import Tills
from edge.sync.count_talk import CountTalk
from edge.sync.count_telling import CountTelling
from edge.sync.loop import SyncLoop, last_will, subscriptions
from edge.sync.rebuild import Rebuild
from edge.sync.session import SyncSession, SyncSettings
from edge.sync_file import StatusSource, SyncFile
from edge.wire_counts import CountWish

READERS_END_S = 3.0  # a reader that does not listen is left without a goodbye
SYNC_END_S = 5.0
OPERATION_S = 90.0  # a reader may have others to do before, each with the patience it was given
LEFT_END_S = 1.0  # after a failure
WATCHDOG_S = 10.0
BUSY_AGAIN_S = 1.0
SET_BACK_S = 30.0  # the engine's time waits so long for a clock that was set back a little
HEAD_OFFICE = "head office"  # who says what comes by the broker

_log = logging.getLogger(__name__)


class ThreadFailed(GatewayError):
    """A thread met what it cannot handle; its traceback is in the log."""


class Agent:
    """run() once; stop() from any thread, or from a signal's handler.

    Raises ConfigError where a file that the configuration names is of no use.
    """

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._path = Path(config.storage.path)
        self._buffer = ReadBuffer()
        self._health = Health(reader.name for reader in config.readers)
        self._receptions = Receptions()
        check_readers(config.readers)
        self._weights = tuning.store_weights(config)
        self._readers = {
            reader.name: driver_factory(reader, clock, self._receptions)
            for reader in config.readers
        }
        self._stop, self._stop_sync = threading.Event(), threading.Event()
        self._failures: list[str] = []
        self._threads: list[threading.Thread] = []
        self._beat_s = 0.0
        self._steps = StepWatch(clock)

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Serve until stop() and end in order; raise GatewayError where it cannot serve."""
        password = mqtt_password(self._config)
        check_shop(self._config)
        with exclusive(self._path):
            db = self._open()
            with contextlib.closing(db):
                self._tell_of_damage()
                self._serve(db, password)
        if self._failures:
            raise ThreadFailed("; ".join(self._failures))

    def _open(self) -> Database:
        """Open the file, made anew if it is damaged; wait while another program has locked it."""
        while True:
            try:
                return open_or_replace(self._path, self._clock.now().utc_us)
            except FileBusy as error:
                self._health.raise_alarm("storage", str(error))
                systemd.notify("WATCHDOG=1")
                if self._stop.wait(BUSY_AGAIN_S):
                    raise

    def _tell_of_damage(self) -> None:
        self._health.clear_alarm("storage")
        for kept in set_aside_before(self._path):
            self._health.raise_alarm(f"damaged file {kept.name}", "counting began anew without it")

    def _serve(self, db: Database, password: str | None) -> None:
        """Build the parts, which may raise, and have them work, which ends in order."""
        store_id = self._config.store.id
        self._health.recall(Readers(db).all())
        pipeline, docks = self._pipeline(db), self._zones_of(ZoneKind.DOCK)
        recorder = Recorder(db, pipeline, self._buffer, self._health, self._clock, docks=docks)
        shop = build_shop(self._config, db, recorder, self._health, self._clock)
        file = SyncFile(self._path, Sync(db), recorder.ask)
        session = self._session(Sync(db).begin(), device_id(self._path))
        mqtt = MqttClient(
            self._mqtt_settings(password), subscriptions(store_id), lambda: last_will(session)
        )
        rebuild = Rebuild(self._config.sync.rebuild_s, self._are_readers_up)
        status, talk_of_counts = self._status(file), _count_talk(file, shop)
        loop = SyncLoop(session, file, mqtt, self._clock, status, rebuild, talk_of_counts)

        def talk() -> None:
            mqtt.start()
            try:
                loop.run(self._stop_sync)
            finally:
                mqtt.stop()
                file.close()

        _log.info("store=%s term=%d counts into %s", store_id, session.term, self._path)
        _log.info("store=%s zones are %s", store_id, tuning.model_name(self._config))
        with self._failing("engine"):
            self._work(recorder, loop, talk, shop)
        self._stop_sync.set()
        self._buffer.close()
        self._await_threads()
        _log.info("store=%s stopped", store_id)

    def _work(
        self, recorder: Recorder, loop: SyncLoop, talk: Callable[[], None], shop: Shop
    ) -> None:
        readers = [
            self._start(f"reader {name}", self._supervisor(name).run) for name in self._readers
        ]
        sync = self._start("sync", talk)
        local = self._start_local(shop)
        systemd.notify("READY=1")
        self._record(recorder, loop, self._stop.is_set)
        systemd.notify("STOPPING=1")
        self._record(recorder, loop, _ended([*readers, *local], READERS_END_S))
        self._stop_sync.set()
        loop.notify()
        self._record(recorder, loop, _ended([sync], SYNC_END_S))

    def _record(self, recorder: Recorder, loop: SyncLoop, until: Callable[[], bool]) -> None:
        def is_over() -> bool:
            now_s = self._clock.now().monotonic_s
            if now_s >= self._beat_s:
                self._beat_s = now_s + WATCHDOG_S
                systemd.notify("WATCHDOG=1")
            self._look_at_clock()
            return until()

        recorder.run(is_over, loop.notify)

    def _look_at_clock(self) -> None:
        """End where the wall clock was set back far: the next life begins with the right time.

        The engine's time never goes back, so all reads would be late for as long.
        """
        back_s = self._steps.back_s()
        if back_s > SET_BACK_S and not self._stop.is_set():
            self._failures.append(f"the machine's clock was set back by {back_s:.0f} s")
            _log.warning("%s: the agent ends, to begin with the right time", self._failures[-1])
            self._stop.set()

    # The parts.

    def _pipeline(self, db: Database) -> Pipeline:
        config = self._config
        counts = config.counts
        pipeline = Pipeline(
            tuning.engine_settings(config),
            tuning.antenna_zones(config),
            Items(db).all(),
            kinds=config.zone_kinds(),
            profiles=tuning.zone_profiles(config),
            weights=self._weights,
            handhelds=config.handhelds(),
            counts=CountSettings(
                counts.idle_s,
                counts.trigger_idle_s,
                counts.longest_s,
                bytes.fromhex(counts.close_epc or ""),
            ),
        )
        resume_counts(db, pipeline)
        for line, guesses in Tills(db).lines(self._clock.now().utc_us - WAIT_US):
            pipeline.await_line(line, guesses)
        return pipeline

    def _supervisor(self, name: str) -> Supervisor:
        build = self._readers[name].build
        return Supervisor(name, build, self._buffer, self._clock, self._stop)

    def _control(self, routes: Sequence[Route]) -> ControlServer:
        allowed, path = self._config.access.allow, socket_path(self._path)
        return ControlServer(path, allowed, self._perform, self._facts, routes)

    def _perform(self, name: str, operation: ReaderOperation) -> Outcome:
        """Have a reader do it: a command waits for what comes of it."""
        if name not in self._readers:
            raise ReaderError(f"reader {name} is none of: {', '.join(self._readers)}")
        future = self._readers[name].desk.ask(operation)
        deadline_s = time.monotonic() + OPERATION_S
        while not self._stop.is_set() and time.monotonic() < deadline_s:
            with contextlib.suppress(TimeoutError):
                return future.result(0.25)
        future.cancel()
        raise ReaderError(f"reader {name} has not done it in time")

    def _facts(self) -> dict[str, SessionFacts | None]:
        return {name: reader.desk.facts for name, reader in self._readers.items()}

    def _are_readers_up(self) -> bool:
        """Tell whether all are that cover a zone; handhelds sleep when nobody needs them."""
        handhelds = self._config.handhelds()
        return all(one.up for one in self._health.readers() if one.name not in handhelds)

    def _session(self, state: SyncState, device: str) -> SyncSession:
        sync = self._config.sync
        return SyncSession(
            state,
            self._config.store.id,
            secrets.token_hex(8),
            SyncSettings(flush_s=sync.flush_s, with_events=sync.events),
            random.random,
            device=device,
            device_name=platform.node()[:100],
        )

    def _mqtt_settings(self, password: str | None) -> MqttSettings:
        mqtt, store_id = self._config.mqtt, self._config.store.id
        # The same name in every life: a broker that still holds the last one's link ends it, and
        # says its last will, before this one's first word.
        name = f"tagtally-{store_id}"
        tls = None if mqtt.ca is None else Tls(mqtt.ca, mqtt.cert, mqtt.key)
        return MqttSettings(mqtt.host, name, mqtt.port, mqtt.username, password, tls=tls)

    def _status(self, file: SyncFile) -> StatusSource:
        store = self._config.store
        program = f"tagtally {version('tagtally')}"
        return StatusSource(file, self._health, store.name or store.id, program)

    def _zones_of(self, wanted: ZoneKind) -> frozenset[str]:
        kinds = self._config.zone_kinds()
        return frozenset(zone for zone, kind in kinds.items() if kind is wanted)

    # Their threads.

    def _start_local(self, shop: Shop) -> list[threading.Thread]:
        """Start what serves this store's own machines and people."""
        bodies = {"control": self._control(shop.routes).serve, **shop.bodies}
        return [self._start(name, partial(body, self._stop)) for name, body in bodies.items()]

    def _start(self, name: str, body: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            with self._failing(name):
                body()

        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)
        return thread

    def _await_threads(self) -> None:
        """Wait for those that still run: what broke the engine left them behind."""
        until_s = self._clock.now().monotonic_s + LEFT_END_S
        for thread in self._threads:
            thread.join(max(0.0, until_s - self._clock.now().monotonic_s))

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


def _count_talk(file: SyncFile, shop: Shop) -> CountTalk:
    def obey(wish: CountWish) -> None:
        shop.counts.obey(wish, HEAD_OFFICE)

    return CountTalk(file, CountTelling(random.random), obey)


def _ended(threads: Sequence[threading.Thread], timeout_s: float) -> Callable[[], bool]:
    deadline_s = time.monotonic() + timeout_s
    return lambda: (
        time.monotonic() >= deadline_s or not any(thread.is_alive() for thread in threads)
    )
