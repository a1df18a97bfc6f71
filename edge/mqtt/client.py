"""Keeps a link to the broker: a thread of its own opens one, serves it, and opens the next.

Between links it waits; the wait doubles up to a ceiling and is spread by chance, so that a thousand
stores do not come back at once.

* What has come is put into a bounded inbox, which one consumer empties.  Nothing else is done in
  the library's callbacks: they hold its locks.
* `publish` hands over only while a link is open (MQTT 5 CONNACK and SUBACK have come).  Whatever a
  lost link still held is dropped with it: paho would send it before what is new, or for ever.
* That something was published says nothing: brokers drop, and the only word that counts is the
  other side's answer.  What the broker refuses is counted by its reason.
"""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_when_event_set,
)

from edge.errors import BrokerError
from edge.mqtt.inbox import Connected, Inbox, Lost
from edge.mqtt.link import Ears, LastWill, Link, MqttCounters, MqttSettings

_log = logging.getLogger(__name__)


class Mqtt(Protocol):
    """What agent and bridge need of the network; all methods may be called from any thread."""

    @property
    def inbox(self) -> Inbox: ...

    @property
    def max_payload(self) -> int:
        """The most bytes that the present link takes."""
        ...

    @property
    def is_alive(self) -> bool:
        """False once the thread has ended, which nobody but a stop should make it do."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether there is a link, with all its subscriptions."""
        ...

    def start(self) -> None: ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Hand a message to the open link; False if there is none, or it does not take this."""
        ...

    def reconnect(self, reason: str) -> None:
        """Give up the present link and open another."""
        ...

    def stop(self) -> None:
        """Send what was published, say goodbye, and end within 5 s."""
        ...


class MqttClient:
    def __init__(
        self,
        settings: MqttSettings,
        subscriptions: Sequence[str],
        last_will: Callable[[], LastWill | None] = lambda: None,  # asked before each connect
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.inbox = Inbox(settings.inbox_size)
        self.counters = MqttCounters()
        self.refused: Counter[str] = Counter()  # publications, by the broker's reason
        self._settings, self._subscriptions = settings, subscriptions
        self._last_will, self._jitter = last_will, jitter
        self._link: Link | None = None
        self._give_up: str | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"mqtt {settings.client_id}", daemon=True
        )

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def is_open(self) -> bool:
        return self._link is not None

    @property
    def max_payload(self) -> int:
        link = self._link
        return link.ears.max_payload if link else self._settings.max_payload

    def start(self) -> None:
        self._thread.start()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        link = self._link
        if link and len(payload) > link.ears.max_payload:
            self.counters.too_large += 1
            return False
        if not link or not link.publish(topic, payload, retain=retain):
            self.counters.unsent += 1
            return False
        self.counters.published += 1
        return True

    def reconnect(self, reason: str) -> None:
        self._give_up = reason

    def stop(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        retrying = Retrying(
            retry=retry_if_exception_type(BrokerError),
            wait=self._wait_s,
            sleep=sleep_using_event(self._closing),
            stop=stop_when_event_set(self._closing),
            reraise=True,
        )
        try:
            while not self._closing.is_set():
                with suppress(BrokerError):  # raised on when closing, and logged before
                    retrying(self._serve)
                self._closing.wait(self._settings.reconnect_s * self._jitter())
        except Exception:
            _log.exception("mqtt=%s thread ends", self._settings.client_id)
            raise

    def _wait_s(self, state: RetryCallState) -> float:
        doubled_s = self._settings.reconnect_s * 2.0 ** min(state.attempt_number - 1, 16)
        return min(doubled_s, self._settings.reconnect_max_s) * (1 + self._jitter()) / 2

    def _serve(self) -> None:
        """Open one link and serve it to its end; raise BrokerError unless it was steady."""
        ears = Ears(self._settings, self._subscriptions, self.inbox, self.counters, self.refused)
        try:
            link = Link(self._settings, ears, self._last_will())
            link.open(self._closing)
        except BrokerError as error:
            _log.warning("mqtt=%s %s", self._settings.client_id, error)
            raise
        opened_s = time.monotonic()
        self._give_up, self._link = None, link
        self.inbox.put(Connected())
        reason = self._pump(link)
        self._link = None
        self.inbox.put(Lost(reason))
        if not self._closing.is_set():
            _log.warning("mqtt=%s link ended: %s", self._settings.client_id, reason)
        if time.monotonic() - opened_s < self._settings.steady_s:
            raise BrokerError(f"link ended: {reason}")

    def _pump(self, link: Link) -> str:
        """Serve a link until it ends, is given up, or the client is to stop; say why."""
        while link.pump():
            if self._closing.is_set():
                link.close()
                return "stopped"
            if self._give_up is not None:
                link.close(with_will=True)
                return self._give_up
        return link.ears.ended or "connection lost"
