"""The broker's configuration for untrusted networks: a store is who its certificate says."""

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cloud import bridge
from cloud.documents.embedded import EmbeddedDocuments
from edge.mqtt import Connected, MqttClient, MqttSettings, Received, Tls
from edge.sync.loop import subscriptions
from tests.support.authority import Authority
from tests.support.mosquitto import Mosquitto, start_broker
from tests.support.stores import STORE, RunningBridge, RunningStore, counts_in
from tests.support.sync import MemoryFile, eventually

__all__ = ["start_broker"]  # a fixture

# paho leaves a socket whose handshake has failed to Python's own tidying up.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

DEPLOY = Path(__file__).parents[2] / "deploy" / "broker"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def broker(
    tmp_path: Path, authority: Authority, start_broker: Callable[..., Mosquitto]
) -> Mosquitto:
    """Start a broker as deployed, but for its port and the places of its files."""
    authority.issue("broker", address="127.0.0.1")
    authority.ca.rename(tmp_path / "tagtally-ca.pem")
    authority.ca = tmp_path / "tagtally-ca.pem"
    (tmp_path / "tagtally.acl").write_text((DEPLOY / "tagtally.acl").read_text("utf-8"), "utf-8")
    text = (DEPLOY / "mosquitto-tls.conf").read_text("utf-8")
    text = text.replace("/etc/mosquitto", str(tmp_path))
    lines = [line for line in text.splitlines() if not re.match("listener|persistence", line)]
    return start_broker(*lines)


@pytest.fixture
def ends() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack
    gc.collect()  # here, where its warnings are expected


def client(
    broker: Mosquitto, ends: ExitStack, tls: Tls | None, *topics: str, host: str = "127.0.0.1"
) -> MqttClient:
    settings = MqttSettings(host, "client", broker.port, tls=tls, reconnect_s=0.1)
    one = MqttClient(settings, topics)
    one.start()
    ends.callback(one.stop)
    return one


def test_a_store_and_a_bridge_with_their_certificates_hear_each_other(
    broker: Mosquitto, authority: Authority, ends: ExitStack
) -> None:
    head_office = client(broker, ends, authority.issue("tagtally_bridge"), *bridge.subscriptions())
    assert head_office.inbox.get(20) == Connected()
    settings = MqttSettings("127.0.0.1", "muc-01", broker.port, tls=authority.issue("muc-01"))
    store = MqttClient(settings, subscriptions("muc-01"))
    store.start()
    ends.callback(store.stop)
    assert store.inbox.get(20) == Connected()
    assert store.publish("tagtally/v1/muc-01/up", b"said")
    assert head_office.inbox.get(20) == Received("tagtally/v1/muc-01/up", b"said")


@pytest.mark.parametrize("place", ["muc-02/up", "muc-02/status", "muc-01/ack", "muc-02/command"])
def test_a_store_may_write_its_own_topics_only(
    broker: Mosquitto, authority: Authority, ends: ExitStack, place: str
) -> None:
    store = client(broker, ends, authority.issue("muc-01"))
    assert store.inbox.get(20) == Connected()
    assert store.publish(f"tagtally/v1/{place}", b"x")
    eventually(lambda: store.refused["Not authorized"] == 1, "refused")


def test_nobody_enters_without_a_certificate(
    broker: Mosquitto, authority: Authority, ends: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = client(broker, ends, Tls(str(authority.ca)))
    eventually(lambda: len(caplog.records) > 1, "two attempts")
    assert stranger.counters.connects == 0


def test_nobody_enters_with_another_authoritys_certificate(
    broker: Mosquitto,
    authority: Authority,
    ends: ExitStack,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    forged = Authority(tmp_path, "other").issue("muc-01")
    stranger = client(broker, ends, Tls(str(authority.ca), forged.cert, forged.key))
    eventually(lambda: len(caplog.records) > 1, "two attempts")
    assert stranger.counters.connects == 0


def test_a_store_speaks_to_no_broker_of_another_authority(
    broker: Mosquitto,
    authority: Authority,
    ends: ExitStack,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own, other = authority.issue("muc-01"), Authority(tmp_path, "other")
    store = client(broker, ends, Tls(str(other.ca), own.cert, own.key))
    eventually(lambda: "CERTIFICATE_VERIFY_FAILED" in caplog.text, "the broker is not trusted")
    assert store.counters.connects == 0


def test_a_store_speaks_to_no_broker_of_another_name(
    broker: Mosquitto, authority: Authority, ends: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    store = client(broker, ends, authority.issue("muc-01"), host="localhost")
    eventually(lambda: "Hostname mismatch" in caplog.text, "the name is compared")
    assert store.counters.connects == 0


def test_a_certificate_that_is_not_there_is_told_by_name(
    broker: Mosquitto, authority: Authority, ends: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    client(broker, ends, Tls(str(authority.ca), "/missing.pem", "/missing.key"))
    eventually(lambda: "/missing.pem" in caplog.text, "the file is named")


def test_counts_go_to_the_documents_through_mutual_tls(
    broker: Mosquitto, authority: Authority, ends: ExitStack, tmp_path: Path
) -> None:
    documents = EmbeddedDocuments(tmp_path / "documents.db")
    ends.callback(documents.close)
    running = RunningBridge(broker, documents, tls=authority.issue("tagtally_bridge"))
    ends.callback(running.stop)
    file = MemoryFile()
    store = RunningStore(broker, file, "b1", tls=authority.issue(STORE))
    ends.callback(store.stop)
    for number in range(1000):
        store.count(f"{number:014d}", floor=number)
    eventually(lambda: file.acked == file.ver, "all is acknowledged")
    assert counts_in(documents) == file.truth()
