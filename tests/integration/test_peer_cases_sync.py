"""What gateways, brokers and clients of others lost or doubled in what they said: cases T8 to T39.

Each case has the name of what went wrong elsewhere; tests/README.md says where.
"""

import dataclasses

import pytest

from cloud.documents import paths
from cloud.documents.interface import Delete, Put, Query
from edge.wire import Answer, Channel, Delta, Hello, Outcome, encode, topic
from tests.support.faulty_documents import Fault
from tests.support.mosquitto import broker, start_broker
from tests.support.stores import FAST, STORE, RunningBridge, counts_in
from tests.support.sync import MemoryFile, eventually
from tests.support.sync_line import GTINS, Listener, SyncLine, counted, sync_line

__all__ = ["broker", "start_broker", "sync_line"]  # fixtures


def test_t08_changes_that_meet_their_acknowledgements_are_not_sent_again(
    sync_line: SyncLine,
) -> None:
    bridge, file = sync_line.bridge(), MemoryFile()
    patient = dataclasses.replace(FAST, resend_s=60, resend_max_s=60, dead_s=600)
    store = sync_line.store(file, settings=patient)
    for index, gtin in enumerate(GTINS[:500]):
        store.count(gtin, floor=index)
    sync_line.settles(file)
    assert bridge.bridge.counters()["rows"] == 500
    assert store.session.counters.resends == 0


def test_t09_what_was_applied_of_a_delta_is_not_taken_for_all_of_it(sync_line: SyncLine) -> None:
    file = counted(3)
    listener = sync_line.listener(topic(STORE, Channel.UP))
    store = sync_line.store(file, settings=dataclasses.replace(FAST, resend_s=30, resend_max_s=30))
    me = (STORE, store.session.term, store.session.boot)
    _say_when(listener, Hello, Answer(*me, Outcome.WELCOME, 1, 0))
    _say_when(listener, Delta, Answer(*me, Outcome.APPLIED, 1, 2, 3))
    eventually(lambda: file.acked == 2, "the file knows of the first two rows")
    store.stop()
    sync_line.bridge()
    assert file.pending(file.acked, 10).rows == [file.rows[GTINS[2]]]


def _say_when(listener: Listener, kind: type[Hello | Delta], answer: Answer) -> None:
    eventually(
        lambda: any(isinstance(message, kind) for message in listener.messages(Channel.UP)),
        f"a {kind.__name__}",
    )
    listener.say(Channel.ACK, encode(answer))


def test_t11_after_a_hundred_tries_it_is_still_pending(sync_line: SyncLine) -> None:
    hasty = dataclasses.replace(FAST, resend_s=0.005, resend_max_s=0.005, dead_s=60)
    file = counted(20)
    store = sync_line.store(file, settings=hasty)
    eventually(lambda: store.session.counters.hellos > 100, "a hundred tries")
    assert file.pending(0, 400).rows == list(file.rows.values())
    sync_line.bridge()
    sync_line.settles(file)


def test_t19_a_death_between_the_commit_and_its_mark_counts_nothing_twice(
    sync_line: SyncLine,
) -> None:
    bridge, file = sync_line.bridge(), counted(5)
    first = sync_line.store(file, "boot-1")
    sync_line.settles(file)
    first.stop()
    file.acked = 0
    sync_line.store(file, "boot-2")
    sync_line.settles(file)
    assert bridge.bridge.counters()["rows"] == 5
    assert len(sync_line.documents.find(Query(paths.changes(STORE)))) == 1


def test_t34_of_two_agents_with_one_identity_the_one_that_stays_is_believed(
    sync_line: SyncLine,
) -> None:
    sync_line.bridge()
    file = counted(10)
    first = sync_line.store(file, "boot-1")
    sync_line.settles(file)
    twin_file = file.copy()
    twin = sync_line.store(twin_file, "boot-2")
    for index, gtin in enumerate(GTINS[:10]):
        first.count(gtin, floor=100 + index)
        twin.count(gtin, back=200 + index)
    eventually(lambda: twin.session.counters.hellos > 0, "the twin speaks")
    twin.stop()
    sync_line.settles(file)


def test_t35_an_old_image_that_was_started_twice_without_a_link_is_found_out(
    sync_line: SyncLine,
) -> None:
    sync_line.bridge()
    file = counted(2)
    first = sync_line.store(file, "boot-1")
    sync_line.settles(file)
    image = file.copy()
    for number in range(5):
        first.count(GTINS[number], floor=50 + number)
    sync_line.settles(file)
    first.stop()
    for number in range(5):
        image.begin()
        image.count(GTINS[number], {"back": 90 + number})
    store = sync_line.store(image, "boot-2")
    sync_line.settles(image)
    assert store.session.counters.renewals == 1


def test_t36_a_message_of_an_older_life_that_comes_after_hello_changes_nothing(
    sync_line: SyncLine,
) -> None:
    bridge, file = sync_line.bridge(), MemoryFile()
    listener = sync_line.listener(topic(STORE, Channel.UP))
    first = sync_line.store(file, "boot-1")
    first.count(GTINS[0], floor=1)
    sync_line.settles(file)
    first.stop()
    old = [payload for _, payload in listener.heard]
    second = sync_line.store(file, "boot-2")
    second.count(GTINS[0], floor=2)
    sync_line.settles(file)
    for payload in old:
        listener.say(Channel.UP, payload)
    eventually(lambda: bridge.bridge.counters()["stale"] >= len(old), "all are refused")
    assert counts_in(sync_line.documents) == file.truth()


def test_t37_doubled_hellos_and_beginnings_of_a_snapshot_reset_nothing(
    sync_line: SyncLine,
) -> None:
    bridge, file = sync_line.bridge(), counted(500)
    first = sync_line.store(file, "boot-1")
    sync_line.settles(file)
    image = file.copy()
    first.count(GTINS[0], floor=77)
    sync_line.settles(file)
    first.stop()
    listener = sync_line.listener(topic(STORE, Channel.UP))
    second = sync_line.store(image, "boot-2")
    second.count(GTINS[1], back=1)
    sync_line.settles(image)
    eventually(lambda: bridge.bridge.counters()["sweeps"] > 0, "the snapshot is swept")
    cursor = sync_line.documents.get(paths.cursor(STORE))
    said, answered = [payload for _, payload in listener.heard], answers_of(bridge)
    for payload in [*said, *said]:
        listener.say(Channel.UP, payload)
    eventually(
        lambda: answers_of(bridge) >= answered + 2 * len(said), "all of it is answered again"
    )
    assert sync_line.documents.get(paths.cursor(STORE)) == cursor
    assert counts_in(sync_line.documents) == image.truth()


def answers_of(bridge: RunningBridge) -> int:
    return sum(bridge.bridge.counters()[outcome] for outcome in Outcome)


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
def test_t38_a_commit_whose_answer_is_lost_is_neither_lost_nor_doubled(
    fault: Fault, sync_line: SyncLine
) -> None:
    bridge, file = sync_line.bridge(), MemoryFile()
    store = sync_line.store(file)
    for round_ in range(6):
        sync_line.documents.faults.extend([fault, None] * 2)
        store.count(GTINS[round_], floor=round_)
        sync_line.settles(file)
    changes = sync_line.documents.find(Query(paths.changes(STORE)))
    assert len(changes) == len({change.data["to_ver"] for change in changes})
    assert bridge.bridge.counters()["gap"] == 0


def test_t39_documents_restored_from_a_backup_get_what_they_lack(sync_line: SyncLine) -> None:
    sync_line.bridge()
    file = counted(5)
    first = sync_line.store(file, "boot-1")
    sync_line.settles(file)
    queries = [Query(paths.stock(STORE)), Query(f"stores/{STORE}/sync")]
    backup = [document for query in queries for document in sync_line.documents.find(query)]
    for index, gtin in enumerate(GTINS[2:9]):
        first.count(gtin, back=index)
    sync_line.settles(file)
    now = [document for query in queries for document in sync_line.documents.find(query)]
    sync_line.documents.inner.commit(
        [Delete(one.path) for one in now if one.path not in {old.path for old in backup}]
        + [Put(old.path, old.data) for old in backup]
    )
    first.count(GTINS[20], floor=1)
    sync_line.settles(file)
