"""One connection to the broker, on paho's client: made, served to its end, and dropped.

Sessions are clean: the broker is asked to keep nothing, and nothing it kept is trusted.
"""

import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.errors import BrokerError
from edge.mqtt.inbox import Inbox, Received

QOS = 1
OVERHEAD = 256  # bytes of a packet beside its payload: header, topic, properties
POLL_S = 0.5  # how soon the thread sees that it is to stop
FLUSH_S = 2.0  # for what was published just before a stop
GOODBYE_S = 1.0
MAX_IN_FLIGHT = 10  # paho ignores the server's Receive Maximum; the lowest default known is 10
MAX_QUEUED = 1000  # behind those in flight
NO_SUBSCRIBERS = 0x10  # MQTT 5.0 §3.4.2.1: no matching subscribers

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LastWill:
    """What the broker says, retained, when the link ends without a goodbye."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM: who may vouch for the broker, and this side's own certificate and key."""

    ca: str
    cert: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class MqttSettings:
    host: str
    client_id: str
    port: int = 1883
    username: str | None = None
    password: str | None = None
    keepalive_s: int = 30
    connect_timeout_s: float = 10.0
    reconnect_s: float = 1.0
    reconnect_max_s: float = 60.0
    steady_s: float = 30.0  # a link that held so long starts the waits anew
    max_payload: int = 1 << 20
    inbox_size: int = 1000
    tls: Tls | None = None


@dataclass(slots=True)
class MqttCounters:
    connects: int = 0
    published: int = 0
    acknowledged: int = 0
    unheard: int = 0  # acknowledged, but nobody had subscribed (reason 0x10)
    unsent: int = 0  # no link, or the link's queue was full
    too_large: int = 0


class Ears:
    """Paho's callbacks for one link.  Refers to no client: what is dropped closes at once."""

    def __init__(
        self,
        settings: MqttSettings,
        subscriptions: Sequence[str],
        inbox: Inbox,
        counters: MqttCounters,
        refused: Counter[str],
    ) -> None:
        self.max_payload = settings.max_payload
        self.is_open = False
        self.answered = 0  # publications that the broker acknowledged or refused
        self.ended: str | None = None
        self._subscriptions, self._inbox = subscriptions, inbox
        self._counters, self._refused = counters, refused

    def on_connect(
        self,
        client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self.ended = f"broker refuses the connection: {reason}"
            return
        self._counters.connects += 1
        limit = getattr(properties, "MaximumPacketSize", None)
        if limit is not None:
            self.max_payload = min(self.max_payload, limit - OVERHEAD)
        if self._subscriptions:
            client.subscribe([(topic, QOS) for topic in self._subscriptions])
        else:
            self.is_open = True

    def on_subscribe(
        self,
        _client: Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        failures = [
            f"{topic}: {reason}"
            for topic, reason in zip(self._subscriptions, reasons, strict=False)
            if reason.is_failure
        ]
        if failures:
            self.ended = f"broker refuses to subscribe {', '.join(failures)}"
        else:
            self.is_open = True

    def on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self._inbox.put(Received(message.topic, bytes(message.payload), message.retain))

    def on_publish(
        self,
        _client: Client,
        _userdata: object,
        _mid: int,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self.answered += 1
        if reason.is_failure:
            self._refused[str(reason)] += 1
            return
        self._counters.acknowledged += 1
        self._counters.unheard += reason.value == NO_SUBSCRIBERS

    def on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        by_broker = "broker says " if flags.is_disconnect_packet_from_server else ""
        self.ended = self.ended or f"{by_broker}{reason}"


class Link:
    """One connection; `open`, `pump` and `close` by one thread, `publish` by any."""

    def __init__(self, settings: MqttSettings, ears: Ears, will: LastWill | None) -> None:
        self.ears, self._settings = ears, settings
        self._publishing = threading.Lock()  # never taken in a callback, where paho holds its own
        self._published = 0
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            settings.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        client = self._client
        client.suppress_exceptions = True
        client.enable_logger(_log.getChild("paho"))
        client.connect_timeout = settings.connect_timeout_s
        client.max_inflight_messages_set(MAX_IN_FLIGHT)
        client.max_queued_messages_set(MAX_QUEUED)
        if settings.username is not None:
            client.username_pw_set(settings.username, settings.password)
        if will is not None:
            client.will_set(will.topic, will.payload, QOS, retain=True)
        if settings.tls is not None:
            _encrypt(client, settings.tls)
        client.on_connect, client.on_disconnect = ears.on_connect, ears.on_disconnect
        client.on_subscribe, client.on_publish = ears.on_subscribe, ears.on_publish
        client.on_message = ears.on_message
        client.on_socket_open = _send_at_once
        # With it a publisher's thread only queues, and the pump's thread alone writes.
        client.on_socket_register_write = lambda *_: None

    def open(self, closing: threading.Event) -> None:
        """Return when the subscriptions stand; raise BrokerError if they will not."""
        settings = self._settings
        wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho types most
        wishes.SessionExpiryInterval = 0
        wishes.MaximumPacketSize = settings.max_payload + OVERHEAD
        place = f"broker {settings.host}:{settings.port}"
        deadline_s = time.monotonic() + settings.connect_timeout_s
        try:
            self._client.connect(
                settings.host,
                settings.port,
                settings.keepalive_s,
                clean_start=True,
                properties=wishes,
            )
        except (OSError, ValueError) as error:
            raise BrokerError(f"{place} cannot be reached: {error}") from error
        while not self.ears.is_open:
            is_late = time.monotonic() > deadline_s or closing.is_set()
            if is_late or not self.pump() or self.ears.ended:
                raise BrokerError(f"{place}: {self.ears.ended or 'no answer to the connect'}")

    def pump(self) -> bool:
        """Wait for the network and serve it; False once the link has ended."""
        return self._client.loop(POLL_S) == MQTTErrorCode.MQTT_ERR_SUCCESS

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> bool:
        with self._publishing:
            sent = self._client.publish(topic, payload, QOS, retain)
            is_taken = sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS
            self._published += is_taken
        return is_taken

    def close(self, *, with_will: bool = False) -> None:
        """Send what is queued, then goodbye; `with_will`: the broker is to say the last will.

        The broker's acknowledgements are waited for: a socket that is closed while some lie unread
        resets the connection, and what the broker had not read of ours is lost with it.
        """
        deadline_s = time.monotonic() + FLUSH_S
        while self.ears.answered < self._published and time.monotonic() < deadline_s:
            if not self.pump():
                return
        name = "Disconnect with will message" if with_will else "Normal disconnection"
        self._client.disconnect(ReasonCode(PacketTypes.DISCONNECT, name))
        deadline_s = time.monotonic() + GOODBYE_S
        while self.ears.ended is None and time.monotonic() < deadline_s:
            self.pump()


def _encrypt(client: Client, tls: Tls) -> None:
    """Have the link use TLS 1.2 or later, with the broker's name checked."""
    try:
        client.tls_set(tls.ca, tls.cert, tls.key)
    except (OSError, ValueError) as error:
        files = ", ".join(filter(None, (tls.ca, tls.cert, tls.key)))
        raise BrokerError(f"TLS files {files}: {error}") from error


def _send_at_once(_client: Client, _userdata: object, sock: object) -> None:
    """Do not hold small packets back until earlier ones are acknowledged: that takes 40 ms each."""
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
