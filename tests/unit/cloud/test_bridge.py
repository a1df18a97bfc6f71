"""The bridge between a link and the documents: who is served by whom, and what is refused."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from cloud.bridge import Bridge, BridgeSettings, subscriptions
from cloud.bridge.bridge import MAX_LETTERS
from cloud.documents import paths, records
from cloud.documents.embedded import EmbeddedDocuments
from edge.errors import BrokerError
from edge.model import StockRow
from edge.mqtt import Inbox, Received
from edge.wire import (
    Answer,
    Channel,
    Delta,
    Hello,
    Outcome,
    Status,
    columns_of,
    decode,
    encode,
    topic,
)
from tests.support.clocks import ManualClock
from tests.support.faulty_documents import Fault, FaultyDocuments
from tests.support.mqtt import FakeMqtt
from tests.support.stores import counts_in, store_in
from tests.support.sync import eventually

HELLO = Hello("muc-01", 1, "b1")
ROW = StockRow("04012345678901", 1, {"floor": 3}, missing=0)
DELTA = Delta("muc-01", 1, "b1", 0, 1, **columns_of([ROW]), number=7)


class Office:
    """A running bridge; what a test hears it say are the answers."""

    def __init__(self, folder: Path, settings: BridgeSettings) -> None:
        self.documents = FaultyDocuments(EmbeddedDocuments(folder / "documents.db"))
        self.inbox = Inbox(1000)
        self.mqtt = FakeMqtt(self.inbox)
        self.bridge = Bridge(self.documents, self.mqtt, settings, ManualClock())
        self.errors: list[Exception] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.bridge.run(self.stop)
        except BrokerError as error:
            self.errors.append(error)

    def hear(self, message: Hello | Delta | Status | bytes, place: str = "muc-01/up") -> None:
        payload = message if isinstance(message, bytes) else encode(message)
        self.inbox.put(Received(f"tagtally/v1/{place}", payload))

    def waits_for(self, **counts: int) -> None:
        eventually(
            lambda: all(self.bridge.counters()[name] == n for name, n in counts.items()),
            f"{counts}, but {self.bridge.counters()}",
        )

    def close(self) -> None:
        self.stop.set()
        self.thread.join(10)
        self.documents.close()


Open = Callable[..., Office]


@pytest.fixture
def open_office(tmp_path: Path) -> Iterator[Open]:
    offices: list[Office] = []

    def open_(workers: int = 16, queue_size: int = 50) -> Office:
        office = Office(tmp_path, BridgeSettings(workers, queue_size))
        office.thread.start()
        offices.append(office)
        return office

    yield open_
    for office in offices:
        office.close()


def test_a_bridge_shares_what_comes_up_and_hears_every_status() -> None:
    assert subscriptions() == ["$share/bridge/tagtally/v1/+/up", "tagtally/v1/+/status"]


def test_the_answer_goes_to_the_store_that_spoke(open_office: Open) -> None:
    office = open_office()
    office.hear(HELLO)
    office.hear(DELTA)
    office.waits_for(applied=1)
    eventually(lambda: len(office.mqtt.published) == 2, "two answers")
    applied = Answer("muc-01", 1, "b1", Outcome.APPLIED, term=1, applied=1, at_ver=1, for_number=7)
    assert office.mqtt.published[1] == (topic("muc-01", Channel.ACK), encode(applied), False)


def test_nobody_is_answered_before_the_documents_have_it(open_office: Open) -> None:
    office = open_office()
    seen: list[bool] = []
    office.mqtt.before_publish = lambda _: seen.append(
        office.documents.get(paths.stock_line("muc-01", ROW.gtin)) is not None
    )
    office.hear(HELLO)
    office.hear(DELTA)
    eventually(lambda: len(office.mqtt.published) == 2, "two answers")
    assert seen == [False, True]


def test_without_documents_there_is_no_answer_until_it_is_said_again(open_office: Open) -> None:
    office = open_office()
    office.documents.unreachable = True
    office.hear(HELLO)
    office.waits_for(documents_failed=1)
    assert office.mqtt.published == []
    office.documents.unreachable = False
    office.hear(HELLO)
    office.waits_for(welcome=1)


REFUSED: dict[str, tuple[Hello | Delta | Status | bytes, str]] = {
    "noise": (b"\x00", "muc-01/up"),
    "what names another store than its topic": (HELLO, "muc-02/up"),
    "a status where deltas go": (Status("muc-01", 1, "b1", online=True), "muc-01/up"),
    "a delta where statuses go": (DELTA, "muc-01/status"),
    "an answer": (
        encode(Answer("muc-01", 1, "b1", Outcome.APPLIED, term=1, applied=1)),
        "muc-01/up",
    ),
    "a topic of nobody": (HELLO, "muc-01/down"),
    "a store that leads elsewhere": (HELLO, "../up"),
    "nothing, which clears a kept status": (b"", "muc-01/status"),
}


@pytest.mark.parametrize(("message", "place"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_counted_and_the_next_is_served(
    message: Hello | Delta | Status | bytes, place: str, open_office: Open
) -> None:
    office = open_office()
    office.hear(HELLO)
    office.waits_for(welcome=1)
    office.hear(message, place)
    office.hear(HELLO)
    office.waits_for(welcome=2, refused=1)
    assert stock_in(office) == {}


def stock_in(office: Office) -> dict[str, dict[str, int]]:
    return counts_in(office.documents)


def letters_in(office: Office) -> list[records.DeadLetter]:
    return [*map(records.dead_letter, office.documents.find(records.dead_letters()))]


def test_what_cannot_be_read_is_kept_with_its_bytes_and_why(open_office: Open) -> None:
    office = open_office()
    for _ in range(3):
        office.hear(b"\x00noise")
    office.waits_for(refused=3)
    eventually(lambda: len(letters_in(office)) == 1, "one letter, however often it comes")
    [letter] = letters_in(office)
    assert (letter.store, letter.message, letter.size) == ("muc-01", b"\x00noise", 6)
    assert "cannot be read" in letter.reason


def test_noise_fills_no_documents(open_office: Open) -> None:
    office = open_office(queue_size=1000)
    for index in range(MAX_LETTERS + 20):
        office.hear(b"noise %d" % index)
    office.waits_for(refused=MAX_LETTERS + 20, dead_letters=MAX_LETTERS, letters_dropped=20)


def broken_delta(rows: int, **fields: object) -> bytes:
    """Give a delta of which one zone is none."""
    found = [StockRow(f"{ver:014d}", ver, {"z" * 60: 1}, 0) for ver in range(1, rows + 1)]
    delta = Delta("muc-01", 1, "b1", 0, rows, **columns_of(found), number=9)
    return msgspec.json.encode({**msgspec.to_builtins(delta), **fields})


def test_the_sender_of_what_cannot_be_read_is_told_so(open_office: Open) -> None:
    office = open_office()
    office.hear(HELLO)
    office.hear(broken_delta(rows=2))
    eventually(lambda: len(office.mqtt.published) == 2, "two answers")
    reply = decode(office.mqtt.published[1][1])
    assert isinstance(reply, Answer)
    assert (reply.outcome, reply.for_number) == (Outcome.REFUSED, 9)
    assert "$.zones" in reply.reason
    assert letters_in(office) == [], "it will come by halves"


def test_of_a_delta_of_one_row_that_cannot_be_read_the_bytes_are_kept(open_office: Open) -> None:
    office = open_office()
    office.hear(broken_delta(rows=1))
    eventually(lambda: len(office.mqtt.published) == 1, "an answer")
    assert [letter.message for letter in letters_in(office)] == [broken_delta(rows=1)]


def test_a_message_of_a_later_version_is_kept_and_not_answered(open_office: Open) -> None:
    office = open_office()
    office.hear(broken_delta(rows=1, v=2))
    office.hear(HELLO)
    office.waits_for(welcome=1)
    assert len(office.mqtt.published) == 1
    assert len(letters_in(office)) == 1


def test_what_a_snapshot_left_over_is_swept_while_messages_are_served(open_office: Open) -> None:
    office = open_office()
    office.hear(HELLO)
    for ver in range(1, 4):
        row = StockRow(f"{ver:014d}", ver, {"floor": ver}, missing=0)
        office.hear(Delta("muc-01", 1, "b1", ver - 1, ver, **columns_of([row]), at_ver=3))
    office.hear(Hello("muc-01", 2, "b2", snapshot=True))
    row = StockRow(f"{2:014d}", 2, {"floor": 9}, missing=0)
    office.hear(Delta("muc-01", 2, "b2", 0, 2, **columns_of([row]), at_ver=2))
    office.waits_for(sweeps=1, swept=2)
    assert stock_in(office) == {f"{2:014d}": {"floor": 9}}


def test_a_sweep_that_was_left_undone_is_done_at_the_next_hello(open_office: Open) -> None:
    office = open_office()
    office.hear(HELLO)
    office.hear(DELTA)
    office.hear(Hello("muc-01", 2, "b2", snapshot=True))
    office.waits_for(welcome=2)
    office.documents.faults.extend([None, Fault.REFUSED])
    office.hear(Delta("muc-01", 2, "b2", 0, 2, [], [], [], [], [], at_ver=2))
    office.waits_for(applied=2, documents_failed=1)
    assert stock_in(office) != {}
    office.hear(Hello("muc-01", 2, "b2", snapshot=True))
    office.waits_for(sweeps=1)
    assert stock_in(office) == {}


def test_another_device_that_wants_the_store_is_named_to_people(open_office: Open) -> None:
    office = open_office()
    office.hear(Hello("muc-01", 1, "b1", device="d1", device_name="till"))
    office.hear(Hello("muc-01", 2, "b2", device="d2", device_name="spare"))
    office.waits_for(welcome=1, twin=1, rivals=1)
    eventually(lambda: store_in(office.documents).rival == "spare (d2)", "the rival is named")
    reply = decode(office.mqtt.published[1][1])
    assert isinstance(reply, Answer)
    assert (reply.device, reply.device_name) == ("d1", "till")


def test_a_status_makes_the_store_seen(open_office: Open) -> None:
    office = open_office()
    office.hear(Status("muc-01", 1, "b1", online=True, name="Munich"), "muc-01/status")
    office.waits_for(statuses=1)
    assert store_in(office.documents).name == "Munich"


def test_a_slow_store_holds_up_no_other_and_its_full_queue_drops(open_office: Open) -> None:
    office = open_office(workers=2, queue_size=2)
    slow, go_on = threading.Event(), threading.Event()

    def wait_once() -> None:
        if not slow.is_set():
            slow.set()
            go_on.wait(20)

    office.documents.before_commit = wait_once
    office.hear(HELLO)
    assert slow.wait(20)
    for _ in range(5):
        office.hear(HELLO)
    office.waits_for(queue_drops=3)

    for index in range(20):
        office.hear(Hello(f"store-{index}", 1, "b1"), f"store-{index}/up")
    office.waits_for(welcome=20)
    go_on.set()
    office.waits_for(welcome=23)


def test_messages_of_a_store_stay_in_order(open_office: Open) -> None:
    office = open_office(workers=8, queue_size=200)
    office.hear(HELLO)
    for ver in range(1, 101):
        row = StockRow(ROW.gtin, ver, {"floor": ver}, missing=0)
        office.hear(Delta("muc-01", 1, "b1", ver - 1, ver, **columns_of([row])))
    office.waits_for(applied=100, gap=0)


def test_a_link_whose_thread_died_ends_the_bridge(open_office: Open) -> None:
    office = open_office()
    office.mqtt.is_alive = False
    office.thread.join(10)
    assert [str(error) for error in office.errors] == ["a thread of the bridge has ended"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_of_the_program_ends_the_bridge_instead_of_silencing_a_store(
    open_office: Open,
) -> None:
    office = open_office()

    def fail() -> None:
        raise ZeroDivisionError

    office.documents.before_commit = fail
    office.hear(HELLO)
    office.thread.join(10)
    assert [str(error) for error in office.errors] == ["a thread of the bridge has ended"]
