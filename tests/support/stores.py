"""A store's sync and a bridge, each with its threads and a real link to a broker."""

import threading
from collections.abc import Callable
from typing import Protocol

from cloud.bridge import Bridge, BridgeSettings, subscriptions
from cloud.documents import paths, shapes
from cloud.documents.interface import Documents, Query
from edge.clock import SystemClock
from edge.mqtt import LastWill, MqttClient, MqttSettings, Tls
from edge.sync import loop as agent
from edge.sync.session import SyncSession, SyncSettings
from edge.wire import ReaderStatus, Status
from tests.support.sync import MemoryFile, eventually

STORE = "muc-01"
FAST = SyncSettings(
    flush_s=0.02,
    resend_s=0.2,
    resend_max_s=0.5,
    idle_s=2.0,
    failed_s=0.1,
    duel_s=0.2,
    duel_max_s=0.5,
    foreign_s=0.5,
    check_again_s=0.1,
    with_events=True,
)


class Listens(Protocol):
    """A broker, or a proxy before it."""

    @property
    def port(self) -> int: ...


def link(
    broker: Listens,
    name: str,
    topics: list[str],
    last_will: Callable[[], LastWill | None] = lambda: None,
    tls: Tls | None = None,
) -> MqttClient:
    """Make a client that comes back at once."""
    settings = MqttSettings(
        "127.0.0.1",
        name,
        port=broker.port,
        reconnect_s=0.05,
        reconnect_max_s=0.2,
        steady_s=1,
        tls=tls,
    )
    return MqttClient(settings, topics, last_will)


class RunningBridge:
    def __init__(
        self,
        broker: Listens,
        documents: Documents,
        name: str = "bridge-1",
        tls: Tls | None = None,
    ) -> None:
        self._mqtt = link(broker, name, subscriptions(), tls=tls)
        self.bridge = Bridge(documents, self._mqtt, BridgeSettings(workers=2), SystemClock())
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.bridge.run, args=[self._stop])
        self._mqtt.start()
        self._thread.start()
        eventually(lambda: self._mqtt.counters.connects == 1, "the bridge's link")

    def stop(self) -> None:
        self._stop.set()
        self._mqtt.inbox.wake()
        self._thread.join(10)
        self._mqtt.stop()


class RunningStore:
    """One life of a store's agent, as far as its sync goes."""

    def __init__(  # noqa: PLR0913, PLR0917  (what one life differs in)
        self,
        broker: Listens,
        file: MemoryFile,
        boot: str,
        settings: SyncSettings = FAST,
        tls: Tls | None = None,
        device: str = "",
    ) -> None:
        self.file, self.reader_is_up = file, True
        self.session = SyncSession(
            file.begin(), STORE, boot, settings, jitter=lambda: 0.5, device=device
        )
        self.mqtt = link(
            broker, STORE, agent.subscriptions(STORE), lambda: agent.last_will(self.session), tls
        )
        self.loop = agent.SyncLoop(self.session, file, self.mqtt, SystemClock(), self._status)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.loop.run, args=[self._stop])
        self.mqtt.start()
        self._thread.start()

    def count(self, gtin: str, **zones: int) -> None:
        self.file.count(gtin, zones)
        self.loop.notify()

    def stop(self) -> None:
        self._stop.set()
        self.loop.notify()
        self._thread.join(10)
        self.mqtt.stop()

    def _status(self) -> Status:
        reader = ReaderStatus("floor-1", up=self.reader_is_up)
        return Status("", 0, "", online=True, name="Munich", readers=[reader])


def counts_in(documents: Documents, store_id: str = STORE) -> dict[str, dict[str, int]]:
    """Give what the documents say of a store, as `MemoryFile.truth` does."""
    found = documents.find(Query(paths.stock(store_id)))
    return {line.gtin: line.zones for line in map(shapes.stock_line, found)}


def store_in(documents: Documents) -> shapes.StoreDoc:
    document = documents.get(paths.store(STORE))
    return shapes.store(document) if document else shapes.StoreDoc(STORE)
