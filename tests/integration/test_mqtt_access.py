"""The broker's configuration for production: each store is held to its own topics."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cloud import bridge
from edge.mqtt import Connected, MqttClient, MqttSettings, Received
from edge.sync.loop import subscriptions
from edge.wire import MAX_PAYLOAD
from tests.support.mosquitto import Mosquitto, program, start_broker
from tests.support.sync import eventually

__all__ = ["start_broker"]  # a fixture

DEPLOY = Path(__file__).parents[2] / "deploy" / "broker"
USERS = ("muc-01", "muc-02", "tagtally_bridge")

StartBroker = Callable[..., Mosquitto]
Enter = Callable[..., MqttClient]


@pytest.fixture
def production(tmp_path: Path, start_broker: StartBroker) -> Mosquitto:
    """Start a broker as deployed, but for its port and the places of its files."""
    passwords = tmp_path / "tagtally.passwd"
    for user in USERS:
        create = [] if passwords.exists() else ["-c"]
        subprocess.run(
            [program("mosquitto_passwd"), *create, "-b", passwords, user, f"of {user}"],
            check=True,
            capture_output=True,
        )
    (tmp_path / "tagtally.acl").write_text((DEPLOY / "tagtally.acl").read_text("utf-8"), "utf-8")
    text = (DEPLOY / "mosquitto.conf").read_text("utf-8").replace("/etc/mosquitto", str(tmp_path))
    lines = [line for line in text.splitlines() if not re.match("listener|persistence", line)]
    return start_broker(*lines)


@pytest.fixture
def enter(production: Mosquitto) -> Iterator[Enter]:
    with ExitStack() as ends:

        def enter_(user: str, *topics: str) -> MqttClient:
            settings = MqttSettings(
                "127.0.0.1", user, production.port, username=user, password=f"of {user}"
            )
            client = MqttClient(settings, topics)
            client.start()
            ends.callback(client.stop)
            assert client.inbox.get(20) == Connected()
            return client

        yield enter_


def test_a_store_and_a_bridge_hear_each_other(enter: Enter) -> None:
    head_office = enter("tagtally_bridge", *bridge.subscriptions())
    store = enter("muc-01", *subscriptions("muc-01"))
    for place in ("up", "status"):
        assert store.publish(f"tagtally/v1/muc-01/{place}", b"said")
        assert head_office.inbox.get(20) == Received(f"tagtally/v1/muc-01/{place}", b"said")
    assert head_office.publish("tagtally/v1/muc-01/ack", b"answered")
    assert store.inbox.get(20) == Received("tagtally/v1/muc-01/ack", b"answered")


FORBIDDEN = {
    "another store's up": ("muc-01", "tagtally/v1/muc-02/up"),
    "another store's status": ("muc-01", "tagtally/v1/muc-02/status"),
    "an answer to itself": ("muc-01", "tagtally/v1/muc-01/ack"),
    "a command to another": ("muc-01", "tagtally/v1/muc-02/command"),
    "a bridge speaking for a store": ("tagtally_bridge", "tagtally/v1/muc-01/up"),
}


@pytest.mark.parametrize(("user", "name"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_nobody_may_say(user: str, name: str, enter: Enter) -> None:
    client = enter(user)
    assert client.publish(name, b"x")
    eventually(lambda: client.refused["Not authorized"] == 1, "refused")


def test_a_store_that_subscribes_all_answers_hears_its_own_only(enter: Enter) -> None:
    curious = enter("muc-01", "tagtally/v1/+/ack")
    head_office = enter("tagtally_bridge")
    for store in ("muc-02", "muc-01"):
        assert head_office.publish(f"tagtally/v1/{store}/ack", store.encode())
    assert curious.inbox.get(20) == Received("tagtally/v1/muc-01/ack", b"muc-01")


def test_the_longest_message_there_is_passes(enter: Enter) -> None:
    head_office = enter("tagtally_bridge", *bridge.subscriptions())
    store = enter("muc-01")
    assert store.max_payload == MAX_PAYLOAD
    assert store.publish("tagtally/v1/muc-01/up", b"x" * MAX_PAYLOAD)
    received = head_office.inbox.get(20)
    assert isinstance(received, Received)
    assert len(received.payload) == MAX_PAYLOAD
