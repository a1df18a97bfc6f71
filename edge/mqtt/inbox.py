"""What comes from the broker, handed from the network's thread to the one who reads it."""

import threading
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Connected:
    """The link is open and all subscriptions stand."""


@dataclass(frozen=True, slots=True)
class Lost:
    reason: str


@dataclass(frozen=True, slots=True)
class Received:
    topic: str
    payload: bytes
    retained: bool = False  # said at some time before, and kept by the broker since


MqttEvent = Connected | Lost | Received


class Inbox:
    """What has come, oldest first: `put` by the network's thread, `get` by one consumer.

    Bounded: a message that finds it full is dropped and counted.  `Connected` and `Lost` always
    find room; an unread pair of them is overtaken by the next `Connected`.
    """

    def __init__(self, size: int) -> None:
        self.dropped = 0
        self._size = size
        self._events: deque[MqttEvent] = deque()
        self._changed = threading.Condition()
        self._woken = False

    def put(self, event: MqttEvent) -> None:
        with self._changed:
            if isinstance(event, Received) and len(self._events) >= self._size:
                self.dropped += 1
                return
            if isinstance(event, Connected):
                self._events = deque(old for old in self._events if isinstance(old, Received))
            self._events.append(event)
            self._changed.notify()

    def wake(self) -> None:
        """Make the present or the next `get` return, whether or not something has come."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def get(self, timeout_s: float) -> MqttEvent | None:
        with self._changed:
            self._changed.wait_for(lambda: self._events or self._woken, timeout_s)
            self._woken = False
            return self._events.popleft() if self._events else None
