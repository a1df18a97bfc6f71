"""A broker, documents, bridges and lives of a store's sync, for tests of what is between them."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import Documents
from edge.sync.session import SyncSettings
from edge.wire import Channel, Message, decode, topic
from tests.support.faulty_documents import FaultyDocuments
from tests.support.mosquitto import Mosquitto
from tests.support.stores import FAST, STORE, Listens, RunningBridge, RunningStore, counts_in
from tests.support.sync import MemoryFile, eventually

GTINS = [f"{4000000000000 + index:014d}" for index in range(3000)]


def counted(rows: int) -> MemoryFile:
    """Give a file with so many GTINs counted, and nobody told."""
    file = MemoryFile()
    for index, gtin in enumerate(GTINS[:rows]):
        file.count(gtin, {"floor": index})
    return file


class SyncLine:
    """What it has started it ends; commits to `documents` can be made to fail."""

    def __init__(self, broker: Mosquitto, folder: Path, ends: ExitStack) -> None:
        self.broker = broker
        self.documents = FaultyDocuments(EmbeddedDocuments(folder / "documents.db"))
        self._ends = ends
        self._names = iter(range(1, 1000))
        ends.callback(self.documents.close)

    def bridge(self, documents: Documents | None = None) -> RunningBridge:
        name = f"bridge-{next(self._names)}"
        bridge = RunningBridge(self.broker, documents or self.documents, name)
        self._ends.callback(bridge.stop)
        return bridge

    def store(
        self,
        file: MemoryFile,
        boot: str = "boot-1",
        at: Listens | None = None,
        settings: SyncSettings = FAST,
    ) -> RunningStore:
        """Begin a life of the store's sync, on a link to the broker or to what is before it."""
        store = RunningStore(at or self.broker, file, boot, settings)
        self._ends.callback(store.stop)
        return store

    def listener(self, *topics: str) -> "Listener":
        listener = Listener(self.broker.port, topics)
        self._ends.callback(listener.close)
        return listener

    def settles(self, file: MemoryFile) -> None:
        """Wait until the documents hold what the file says, and the file knows."""
        eventually(
            lambda: file.acked == file.ver and counts_in(self.documents) == file.truth(),
            "documents equal to the file, and the file knows",
        )


class Listener:
    """A client of paho's own that keeps all it hears, and says what it is told to."""

    def __init__(self, port: int, topics: tuple[str, ...]) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._stands = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_message = self._hear
        self._client.on_subscribe = lambda *_: self._stands.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        if topics:
            self._client.subscribe([(name, 1) for name in topics])
            assert self._stands.wait(10)

    def messages(self, channel: Channel) -> list[Message]:
        """Give what a store said or heard on one channel, as it came."""
        heard = list(self.heard)
        return [decode(payload) for name, payload in heard if name == topic(STORE, channel)]

    def say(self, channel: Channel, payload: bytes) -> None:
        self._client.publish(topic(STORE, channel), payload, 1).wait_for_publish(10)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload)))


@pytest.fixture
def sync_line(broker: Mosquitto, tmp_path: Path) -> Iterator[SyncLine]:
    with ExitStack() as ends:
        yield SyncLine(broker, tmp_path, ends)
