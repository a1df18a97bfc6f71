"""The link to a real broker that refuses, vanishes, freezes and comes back."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.demo.processes import free_port
from edge.mqtt import Connected, LastWill, Lost, MqttClient, MqttEvent, MqttSettings, Received
from edge.mqtt.link import OVERHEAD
from tests.support.mosquitto import Mosquitto, broker, start_broker
from tests.support.sync import eventually

__all__ = ["broker", "start_broker"]  # fixtures

WAIT_S = 20.0
Open = Callable[..., MqttClient]
StartBroker = Callable[..., Mosquitto]


@pytest.fixture
def open_link() -> Iterator[Open]:
    with ExitStack() as ends:

        def open_(
            port: int, *topics: str, will: LastWill | None = None, **settings: object
        ) -> MqttClient:
            quick: dict[str, object] = {"reconnect_s": 0.05, "reconnect_max_s": 0.2, "steady_s": 60}
            name = f"client-{free_port()}"
            wanted = MqttSettings("127.0.0.1", name, port, **quick | settings)  # type: ignore[arg-type]  # short for a test
            client = MqttClient(wanted, topics, lambda: will)
            client.start()
            ends.callback(client.stop)
            return client

        yield open_


def next_event(client: MqttClient) -> MqttEvent:
    event = client.inbox.get(WAIT_S)
    assert event is not None, f"nothing came within {WAIT_S:g} s"
    return event


def test_what_one_publishes_the_other_receives(broker: Mosquitto, open_link: Open) -> None:
    reader, writer = open_link(broker.port, "a/+"), open_link(broker.port)
    assert (next_event(reader), next_event(writer)) == (Connected(), Connected())
    assert writer.publish("a/b", b"hello")
    assert next_event(reader) == Received("a/b", b"hello", retained=False)
    eventually(lambda: writer.counters.acknowledged == 1, "the broker's word")


def test_what_was_kept_says_so(broker: Mosquitto, open_link: Open) -> None:
    writer = open_link(broker.port)
    next_event(writer)
    assert writer.publish("a/b", b"then", retain=True)
    eventually(lambda: writer.counters.acknowledged == 1, "the broker's word")
    reader = open_link(broker.port, "a/b")
    next_event(reader)
    assert next_event(reader) == Received("a/b", b"then", retained=True)


def test_nothing_is_taken_without_a_link(open_link: Open) -> None:
    client = open_link(free_port())
    assert not client.publish("a/b", b"lost")
    assert client.counters.unsent == 1


def test_the_link_comes_when_the_broker_does(tmp_path: Path, open_link: Open) -> None:
    late = Mosquitto(tmp_path)
    client = open_link(late.port)
    eventually(lambda: client.is_alive, "its thread")
    late.start()
    try:
        assert next_event(client) == Connected()
    finally:
        late.kill()


def test_a_broker_that_was_killed_is_found_again_and_nothing_old_is_sent(
    broker: Mosquitto, open_link: Open
) -> None:
    client = open_link(broker.port, "a")
    next_event(client)
    broker.pause(paused=True)
    for number in range(50):
        assert client.publish("a", str(number).encode()), "the link still looks alive"
    broker.kill()
    assert isinstance(next_event(client), Lost)
    assert not client.publish("a", b"meanwhile")
    broker.start()
    assert next_event(client) == Connected()
    assert client.publish("a", b"new")
    assert next_event(client) == Received("a", b"new")


def test_nobody_listening_is_no_error_and_is_counted(broker: Mosquitto, open_link: Open) -> None:
    client = open_link(broker.port)
    next_event(client)
    assert client.publish("a/b", b"into the void")
    eventually(lambda: client.counters.unheard == 1, "reason 0x10")
    assert not client.refused


def test_what_the_broker_does_not_allow_is_counted_by_its_reason(
    tmp_path: Path, start_broker: StartBroker, open_link: Open
) -> None:
    (tmp_path / "acl").write_text("topic write mine/#\n", "utf-8")
    strict = start_broker(f"acl_file {tmp_path / 'acl'}")
    client = open_link(strict.port)
    next_event(client)
    assert client.publish("theirs", b"x")
    eventually(lambda: client.refused["Not authorized"] == 1, "reason 0x87")
    assert client.counters.acknowledged == 0


def test_a_wrong_password_is_tried_again_and_never_opens(
    tmp_path: Path,
    start_broker: StartBroker,
    open_link: Open,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "passwords").write_text("", "utf-8")
    strict = start_broker("allow_anonymous false", f"password_file {tmp_path / 'passwords'}")
    client = open_link(strict.port, username="muc-01", password="wrong")  # noqa: S106
    eventually(lambda: caplog.text.count("Not authorized") > 2, "refused again and again")
    assert client.counters.connects == 0


def test_a_payload_above_the_brokers_limit_is_not_sent(
    start_broker: StartBroker, open_link: Open
) -> None:
    client = open_link(start_broker("max_packet_size 2000").port, "a")
    next_event(client)
    assert client.max_payload == 2000 - OVERHEAD
    assert not client.publish("a", b"x" * 2000)
    assert client.counters.too_large == 1
    assert client.publish("a", b"x" * client.max_payload)
    assert next_event(client) == Received("a", b"x" * client.max_payload)


def test_a_payload_above_our_own_limit_is_not_sent(broker: Mosquitto, open_link: Open) -> None:
    client = open_link(broker.port, max_payload=100)
    next_event(client)
    assert not client.publish("a", b"x" * 101)
    assert client.publish("a", b"x" * 100)


def test_the_last_will_comes_when_the_link_is_given_up(broker: Mosquitto, open_link: Open) -> None:
    reader = open_link(broker.port, "will")
    next_event(reader)
    client = open_link(broker.port, will=LastWill("will", b"gone"))
    next_event(client)
    client.reconnect("a test wants it")
    assert next_event(client) == Lost("a test wants it")
    assert next_event(client) == Connected()
    assert next_event(reader) == Received("will", b"gone")


def test_a_stop_sends_what_was_published_and_no_last_will(
    broker: Mosquitto, open_link: Open
) -> None:
    reader = open_link(broker.port, "#")
    next_event(reader)
    client = open_link(broker.port, will=LastWill("will", b"gone"))
    next_event(client)
    for number in range(5):
        client.publish("a", str(number).encode())
    client.stop()
    marker = open_link(broker.port)
    next_event(marker)
    marker.publish("a", b"end")
    heard = [next_event(reader) for _ in range(6)]
    assert heard == [Received("a", text) for text in (b"0", b"1", b"2", b"3", b"4", b"end")]


def test_a_frozen_broker_does_not_hold_up_a_stop(broker: Mosquitto, open_link: Open) -> None:
    client = open_link(broker.port)
    next_event(client)
    broker.pause(paused=True)
    client.publish("a", b"never answered")
    began_s = time.monotonic()
    client.stop()
    assert time.monotonic() - began_s < 5
    assert not client.is_alive


def test_a_frozen_broker_is_noticed(broker: Mosquitto, open_link: Open) -> None:
    client = open_link(broker.port, keepalive_s=1)
    next_event(client)
    broker.pause(paused=True)
    assert isinstance(next_event(client), Lost)


def test_a_port_that_takes_and_says_nothing_is_given_up(open_link: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = open_link(server.getsockname()[1], connect_timeout_s=0.5)
        server.settimeout(WAIT_S)
        for _ in range(2):
            server.accept()[0].close()
        assert client.counters.connects == 0
        client.stop()


def test_the_same_identity_twice_makes_no_storm(broker: Mosquitto) -> None:
    settings = MqttSettings("127.0.0.1", "twin", broker.port, reconnect_s=0.2, steady_s=60)
    twins = [MqttClient(settings, []) for _ in range(2)]
    for twin in twins:
        twin.start()
    try:
        eventually(lambda: sum(twin.counters.connects for twin in twins) >= 4, "they quarrel")
        began_s, before = time.monotonic(), sum(twin.counters.connects for twin in twins)
        eventually(lambda: time.monotonic() - began_s > 2, "two seconds")
        connects = sum(twin.counters.connects for twin in twins) - before
        assert connects <= 3 * (time.monotonic() - began_s)
    finally:
        for twin in twins:
            twin.stop()


def test_a_message_that_does_not_fit_the_inbox_is_dropped_and_counted(
    broker: Mosquitto, open_link: Open
) -> None:
    reader = open_link(broker.port, "a", inbox_size=3)
    writer = open_link(broker.port)
    next_event(reader)
    next_event(writer)
    for number in range(10):
        writer.publish("a", str(number).encode())
    eventually(lambda: reader.inbox.dropped == 7, "seven are dropped")
