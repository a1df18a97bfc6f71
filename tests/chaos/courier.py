"""Between a store's broker and head office's: loses, doubles, delays and re-orders.

Nothing can tell it from one broker that behaves so: it acknowledges what it then drops, and hands
out what was said by lives long over.
"""

import heapq
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

_UP = ("tagtally/v1/+/up", "tagtally/v1/+/status")
_DOWN = ("tagtally/v1/+/ack", "tagtally/v1/+/command")


@dataclass(frozen=True, slots=True)
class Habits:
    lost: float = 0.05
    doubled: float = 0.15
    delayed: float = 0.15  # by 3 s at most, so that others overtake it
    late: float = 0.06  # by 15 s at most, past lives and hellos


class Courier:
    def __init__(self, store_port: int, office_port: int, rng: Random, habits: Habits) -> None:
        self.counters: Counter[str] = Counter()
        self._rng, self._habits = rng, habits
        self._lock = threading.Condition()
        self._due: list[tuple[float, int, _Side, str, bytes]] = []
        self._numbers = itertools.count()
        self._is_calm = self._is_closed = False
        self._store = _Side(store_port, _UP, lambda message: self._take(message, self._office))
        self._office = _Side(office_port, _DOWN, lambda message: self._take(message, self._store))
        self._thread = threading.Thread(target=self._deliver, name="courier", daemon=True)
        self._thread.start()

    def calm_down(self) -> None:
        """Hand out all that is held back, at once, and be an honest broker from now on."""
        with self._lock:
            self._is_calm = True
            self._due = [(0.0, n, to, topic, payload) for _, n, to, topic, payload in self._due]
            heapq.heapify(self._due)
            self._lock.notify()

    def close(self) -> None:
        self._store.close()
        self._office.close()
        with self._lock:
            self._is_closed = True
            self._lock.notify()
        self._thread.join(5)

    def _take(self, message: MQTTMessage, to: "_Side") -> None:
        with self._lock:
            copies = 1
            if not self._is_calm and not message.topic.endswith("/status"):
                copies = self._copies()
            for _ in range(copies):
                at_s = time.monotonic() + (0.0 if self._is_calm else self._delay_s())
                payload = bytes(message.payload)
                entry = (at_s, next(self._numbers), to, message.topic, payload)
                heapq.heappush(self._due, entry)
            self._lock.notify()

    def _copies(self) -> int:
        chance = self._rng.random()
        if chance < self._habits.lost:
            self.counters["lost"] += 1
            return 0
        if chance < self._habits.lost + self._habits.doubled:
            self.counters["doubled"] += 1
            return 2
        return 1

    def _delay_s(self) -> float:
        chance = self._rng.random()
        if chance < self._habits.late:
            self.counters["late"] += 1
            return self._rng.uniform(3, 15)
        if chance < self._habits.late + self._habits.delayed:
            self.counters["delayed"] += 1
            return self._rng.uniform(0, 3)
        return 0.0

    def _deliver(self) -> None:
        while True:
            with self._lock:
                if self._is_closed:
                    return
                wait_s = self._due[0][0] - time.monotonic() if self._due else 1.0
                if wait_s > 0:
                    self._lock.wait(wait_s)
                    continue
                _, _, to, topic, payload = heapq.heappop(self._due)
            sent = to.client.publish(topic, payload, qos=0, retain=topic.endswith("/status"))
            self.counters["sent"] += sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS


class _Side:
    """A client of one broker, which comes back whenever that does."""

    def __init__(
        self, port: int, topics: Sequence[str], take: Callable[[MQTTMessage], None]
    ) -> None:
        self.client = Client(
            CallbackAPIVersion.VERSION2, f"courier-{port}", protocol=MQTTProtocolVersion.MQTTv5
        )
        self.client.on_connect = self._subscribe
        self.client.on_message = lambda _client, _userdata, message: take(message)
        self.client.reconnect_delay_set(1, 1)
        self._topics = topics
        self.client.connect_async("127.0.0.1", port)
        self.client.loop_start()

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _subscribe(
        self,
        client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        _reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        client.subscribe([(topic, 1) for topic in self._topics])
