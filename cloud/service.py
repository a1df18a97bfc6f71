"""Head office's processes: the only place that builds the parts, starts threads and stops them.

A stop (SIGTERM, SIGINT) ends everything within STOP_S: the web service first tells those who look
that it goes, the bridge finishes what it is committing.  A part that ends by itself ends the
process, with an exit code that makes systemd start it again.
"""

import logging
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from cloud.bridge import (
    FIRESTORE_LIMITS,
    NO_LIMITS,
    Bridge,
    BridgeSettings,
    MetricsServer,
    subscriptions,
)
from cloud.commanding import send_command
from cloud.config import (
    BridgeConfig,
    Config,
    DocumentsConfig,
    Kind,
    MqttConfig,
    WebConfig,
    mqtt_password,
)
from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import Documents
from edge.clock import SystemClock
from edge.errors import ConfigError, GatewayError
from edge.mqtt import MqttClient, MqttSettings, Tls
from edge.wire import Command, Status

COMMAND_S = 10.0  # for an agent to say that it has heard
STOP_S = 30.0  # the bridge may wait 20 s for the outcome of a commit

_log = logging.getLogger(__name__)


class ListenError(GatewayError):
    """The web service's address cannot be had, for now."""

    exit_code = 69  # sysexits.h: a service is unavailable


def open_documents(config: DocumentsConfig) -> Documents:
    """Open the database that is configured; a Firestore out of reach shows itself only in use.

    Raises ConfigError for credentials, DocumentsError for a file that cannot be opened.
    """
    if config.kind is Kind.EMBEDDED:
        return EmbeddedDocuments(Path(config.path))
    from cloud.documents.firestore import (  # noqa: PLC0415  (slow, and an extra's)
        connect_emulator,
        connect_firestore,
    )

    if config.project is None:
        raise ConfigError("documents.project: missing; Firestore needs a project")
    if config.emulator:
        return connect_emulator(config.emulator, config.project)
    credentials = Path(config.credentials) if config.credentials else None
    return connect_firestore(config.project, credentials)


def run_bridge(config: Config) -> None:
    """Serve the stores until a signal comes."""
    stop = stop_by_signal()
    with (
        closing(open_documents(config.documents)) as documents,
        _bridge(config, documents) as bridge,
    ):
        _log.info("bridge to %s", documents.description)
        bridge.run(stop)


def run_web(config: Config) -> None:
    """Serve the page and the API until a signal comes."""
    stop = stop_by_signal()
    with (
        _listening(config.web) as listener,
        closing(open_documents(config.documents)) as documents,
    ):
        _serve(documents, listener, stop, _commander(config))


def run_both(config: Config) -> None:
    """Serve stores and browsers in one process until a signal comes."""
    stop = stop_by_signal()
    failures: list[Exception] = []

    def run() -> None:
        try:
            bridge.run(stop)
        except Exception as error:  # noqa: BLE001  (the top of a thread: told below)
            _log.exception("the bridge has ended")
            failures.append(error)
        finally:
            stop.set()

    with (
        _listening(config.web) as listener,
        closing(open_documents(config.documents)) as documents,
        _bridge(config, documents) as bridge,
    ):
        thread = threading.Thread(target=run, name="bridge", daemon=True)
        thread.start()
        try:
            _serve(documents, listener, stop, _commander(config))
        finally:
            stop.set()
            thread.join(STOP_S)
    if failures:
        raise GatewayError(f"the bridge has ended: {failures[0]}") from failures[0]


def stop_by_signal() -> threading.Event:
    """Give an event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def handle(number: int, _frame: FrameType | None) -> None:
        _log.info("%s: stopping", signal.Signals(number).name)
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop


@contextmanager
def _bridge(config: Config, documents: Documents) -> Iterator[Bridge]:
    """Build the bridge on a link to the broker, which lasts as long as the block."""
    if config.mqtt is None:
        raise ConfigError("mqtt: missing; the bridge needs to know its broker")
    mqtt = MqttClient(mqtt_settings(config.mqtt), subscriptions())
    limits = FIRESTORE_LIMITS if config.documents.limits else NO_LIMITS
    bridge = Bridge(documents, mqtt, BridgeSettings(limits=limits), SystemClock())
    with _metrics(config.bridge, bridge):
        mqtt.start()
        try:
            yield bridge
        finally:
            mqtt.stop()
            _log.info("bridge %s", dict(bridge.counters()))


@contextmanager
def _metrics(config: BridgeConfig, bridge: Bridge) -> Iterator[None]:
    """Serve the bridge's metrics, if that is wanted, as long as the block lasts."""
    if config.metrics_port is None:
        yield
        return
    with MetricsServer(bridge.meters, config.metrics_host, config.metrics_port):
        _log.info("metrics on http://%s:%d/metrics", config.metrics_host, config.metrics_port)
        yield


def mqtt_settings(config: MqttConfig) -> MqttSettings:
    """Say how to reach the broker; raise ConfigError if the password cannot be read."""
    return MqttSettings(
        host=config.host,
        port=config.port,
        username=config.username,
        password=mqtt_password(config),
        client_id=f"tagtally-cloud-{secrets.token_hex(6)}",  # bridges may be several
        tls=None if config.ca is None else Tls(config.ca, config.cert, config.key),
    )


@contextmanager
def _listening(config: WebConfig) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        listener = socket.create_server((config.host, config.port), family=family, backlog=512)
    except OSError as error:
        where = f"{config.host}:{config.port}"
        raise ListenError(f"web: cannot listen on {where}: {error.strerror or error}") from error
    with listener:
        yield listener


def _commander(config: Config) -> Callable[[Command], Status] | None:
    """Give what tells agents what to do; None where no broker is configured."""
    if config.mqtt is None:
        return None
    settings = mqtt_settings(config.mqtt)

    def command(said: Command) -> Status:
        own = replace(settings, client_id=f"{settings.client_id}-{said.id}")
        return send_command(own, said, COMMAND_S)

    return command


def _serve(
    documents: Documents,
    listener: socket.socket,
    stop: threading.Event,
    command: Callable[[Command], Status] | None,
) -> None:
    """Answer browsers on the listening socket until `stop` is set."""
    from cloud.api import WebServer, create_app  # noqa: PLC0415  (slow; a bridge needs none)

    host, port = listener.getsockname()[:2]
    server = WebServer(create_app(documents, SystemClock(), command=command), host, port)

    def watch() -> None:
        stop.wait()
        server.should_exit = True

    watcher = threading.Thread(target=watch, name="web-stop", daemon=True)
    watcher.start()
    _log.info("web on http://%s:%s/ of %s", host, port, documents.description)
    server.run(sockets=[listener])
    stop.set()
    watcher.join(STOP_S)
