"""What brokers and their clients lost or doubled elsewhere: cases T21 to T33.

Each case has the name of what went wrong; tests/README.md says where.
"""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random

import pytest

from edge.mqtt import Connected, Received
from edge.sync.states import State
from edge.wire import Answer, Channel, Hello, Outcome, encode, topic
from tests.chaos.network import TcpLink, Way
from tests.support.mosquitto import Mosquitto, broker, start_broker
from tests.support.stores import FAST, STORE, RunningStore, link
from tests.support.sync import MemoryFile, eventually
from tests.support.sync_line import GTINS, Listener, SyncLine, counted, sync_line

__all__ = ["broker", "start_broker", "sync_line"]  # fixtures

StartBroker = Callable[..., Mosquitto]


@pytest.fixture
def tcp_link(broker: Mosquitto) -> Iterator[TcpLink]:
    way = TcpLink(broker.port)
    yield way
    way.close()


def test_t21_a_broker_that_is_killed_after_it_acknowledged_loses_nothing(
    sync_line: SyncLine,
) -> None:
    file = MemoryFile()
    store = sync_line.store(file)
    for index, gtin in enumerate(GTINS[:50]):
        store.count(gtin, floor=index)
    eventually(lambda: store.mqtt.counters.acknowledged > 1, "the broker has acknowledged")
    sync_line.broker.kill()
    sync_line.broker.start()
    sync_line.bridge()
    sync_line.settles(file)


def test_t22_a_bridge_that_was_away_for_more_than_a_thousand_messages_gets_all(
    sync_line: SyncLine,
) -> None:
    hasty = dataclasses.replace(FAST, flush_s=0.001, resend_s=0.002, resend_max_s=0.002)
    file = MemoryFile()
    store = sync_line.store(file, settings=hasty)
    for index, gtin in enumerate(GTINS[:1500]):
        store.count(gtin, floor=index)
    eventually(lambda: store.mqtt.counters.published > 1000, "a thousand messages for nobody")
    sync_line.bridge()
    sync_line.settles(file)


def test_t23_a_burst_that_the_broker_drops_arrives_all_the_same(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    broker = start_broker("max_queued_messages 1", "max_inflight_messages 1")
    with ExitStack() as ends:
        line = SyncLine(broker, tmp_path, ends)
        line.bridge()
        file = MemoryFile()
        store = line.store(file)
        for index, gtin in enumerate(GTINS):
            store.count(gtin, floor=index)
        line.settles(file)


def test_t24_lives_that_begin_with_clean_sessions_lose_nothing(sync_line: SyncLine) -> None:
    sync_line.bridge()
    file = MemoryFile()
    for life in range(5):
        store = sync_line.store(file, f"boot-{life}")
        for index, gtin in enumerate(GTINS[:20]):
            store.count(gtin, floor=index + life)
        store.stop()
    sync_line.store(file, "boot-last")
    sync_line.settles(file)


def test_t25_what_the_broker_refuses_is_not_taken_for_done(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    rules = tmp_path / "acl"
    rules.write_text(f"topic read #\ntopic write {topic(STORE, Channel.STATUS)}\n", "utf-8")
    broker = start_broker(f"acl_file {rules}")
    with ExitStack() as ends:
        line = SyncLine(broker, tmp_path, ends)
        file = counted(3)
        store = line.store(file)
        eventually(lambda: store.mqtt.refused["Not authorized"] > 3, "refusals (0x87)")
        assert (file.acked, file.answered) == (0, False)


def test_t25_what_nobody_hears_is_not_taken_for_done(sync_line: SyncLine) -> None:
    file = counted(3)
    store = sync_line.store(file)
    eventually(lambda: store.mqtt.counters.unheard > 3, "no matching subscribers (0x10)")
    assert (file.acked, file.answered) == (0, False)
    sync_line.bridge()
    sync_line.settles(file)


def test_t26_a_delta_above_the_brokers_limit_arrives_in_parts(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    broker = start_broker("max_packet_size 1000")
    with ExitStack() as ends:
        line = SyncLine(broker, tmp_path, ends)
        line.bridge()
        file, rng = MemoryFile(), Random(26)  # noqa: S311  (numbers that nobody can pack)
        for _ in range(400):
            file.count(f"{rng.randrange(10**14):014d}", {"floor": rng.randrange(10**6)})
        store = line.store(file)
        line.settles(file)
        assert store.session.counters.deltas > 4


def test_t27_a_network_thread_that_dies_ends_the_agents_sync_loudly(
    sync_line: SyncLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mqtt = link(sync_line.broker, "client", [])

    def fail(_event: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(mqtt.inbox, "put", fail)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    mqtt.start()
    eventually(lambda: not mqtt.is_alive, "the thread's end is seen")
    mqtt.stop()


def test_t27_a_callback_that_raises_stops_neither_the_link_nor_the_next_message(
    sync_line: SyncLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mqtt = link(sync_line.broker, "client", ["a"])
    put, failures = mqtt.inbox.put, [ZeroDivisionError()]

    def fail_once(event: object) -> None:
        if isinstance(event, Received) and failures:
            raise failures.pop()
        put(event)  # type: ignore[arg-type]

    monkeypatch.setattr(mqtt.inbox, "put", fail_once)
    mqtt.start()
    assert mqtt.inbox.get(10) == Connected()
    for payload in (b"1", b"2"):
        assert mqtt.publish("a", payload)
    assert mqtt.inbox.get(10) == Received("a", b"2")
    mqtt.stop()


def test_t28_many_threads_that_publish_under_their_own_locks_do_not_block_each_other(
    sync_line: SyncLine,
) -> None:
    mqtt = link(sync_line.broker, "client", [])
    mqtt.start()
    assert mqtt.inbox.get(10) == Connected()
    lock, sent = threading.Lock(), []

    def publish() -> None:
        for _ in range(100):
            with lock:
                sent.append(mqtt.publish("a", b"1"))

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(sent) == 800
    eventually(lambda: mqtt.counters.acknowledged == sum(sent), "each is acknowledged")
    mqtt.stop()


def test_t29_a_stop_beside_a_frozen_broker_takes_less_than_five_seconds(
    sync_line: SyncLine,
) -> None:
    store = sync_line.store(counted(3))
    eventually(lambda: store.mqtt.counters.published > 1, "something is under way")
    sync_line.broker.pause(paused=True)
    began_s = time.monotonic()
    store.stop()
    took_s = time.monotonic() - began_s
    sync_line.broker.pause(paused=False)
    assert took_s < 5


def test_t30_after_a_new_connect_nothing_is_said_before_hello(
    sync_line: SyncLine, tcp_link: TcpLink
) -> None:
    sync_line.bridge()
    listener = sync_line.listener(topic(STORE, Channel.UP))
    file = MemoryFile()
    store = sync_line.store(file, at=tcp_link)
    for round_ in range(1, 6):
        for index, gtin in enumerate(GTINS[:50]):
            store.count(gtin, floor=index + round_)
        eventually(partial(_has_connected, store, round_), "a link")
        tcp_link.set(Way.DOWN)
        eventually(partial(_has_lost, store), "its end")
        said = len(listener.messages(Channel.UP))
        store.count(GTINS[0], floor=round_)
        tcp_link.set(Way.OPEN)
        eventually(partial(_has_said, listener, said), "a word")
        assert isinstance(listener.messages(Channel.UP)[said], Hello)
    sync_line.settles(file)


def _has_connected(store: RunningStore, times: int) -> bool:
    return store.mqtt.counters.connects >= times


def _has_lost(store: RunningStore) -> bool:
    return store.session.state is State.DOWN


def _has_said(listener: Listener, more_than: int) -> bool:
    return len(listener.messages(Channel.UP)) > more_than


def test_t31_a_late_answer_to_an_earlier_life_marks_nothing(sync_line: SyncLine) -> None:
    listener = sync_line.listener(topic(STORE, Channel.UP))
    file = counted(3)
    first = sync_line.store(file, "boot-1")
    eventually(lambda: len(listener.messages(Channel.UP)) > 0, "the first life's hello")
    first.stop()
    second = sync_line.store(file, "boot-2")
    eventually(lambda: second.session.counters.hellos > 0, "the second life's hello")
    late = Answer(STORE, 1, "boot-1", Outcome.APPLIED, term=1, applied=3, at_ver=3)
    listener.say(Channel.ACK, encode(late))
    eventually(lambda: second.session.counters.ignored_answers > 0, "it is ignored")
    assert (file.acked, second.session.acked) == (0, 0)
    sync_line.bridge()
    sync_line.settles(file)


def test_t32_a_bridge_that_takes_its_share_and_dies_loses_nothing(sync_line: SyncLine) -> None:
    sync_line.bridge()
    swallower = sync_line.listener(f"$share/bridge/{topic('+', Channel.UP)}")
    file = MemoryFile()
    store = sync_line.store(file)
    for index, gtin in enumerate(GTINS[:100]):
        store.count(gtin, floor=index)
    eventually(lambda: len(swallower.heard) > 0, "it has taken some")
    swallower.close()
    sync_line.settles(file)


def test_t33_a_link_that_stands_and_carries_nothing_is_given_up(
    sync_line: SyncLine, tcp_link: TcpLink
) -> None:
    sync_line.bridge()
    file = counted(3)
    store = sync_line.store(file, at=tcp_link, settings=dataclasses.replace(FAST, dead_s=0.5))
    sync_line.settles(file)
    tcp_link.set(Way.HOLE)
    store.count(GTINS[0], floor=7)
    eventually(lambda: store.session.counters.reconnects > 0, "the age of the last answer is seen")
    tcp_link.set(Way.OPEN)
    sync_line.settles(file)
