"""What stores say becomes documents: all of a message or nothing, once, whatever goes wrong."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from cloud.apply import Cursor
from cloud.bridge.counts import Counts
from cloud.bridge.known import KnownStores
from cloud.bridge.statuses import StatusWriter
from cloud.bridge.writer import MAX_TRIES, SWEEP_PAGE, StoreWriter
from cloud.documents import paths, records, shapes
from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import Put, Query
from edge.digest import shard_of, sum_of
from edge.errors import DocumentsError, OutcomeUnknown
from edge.model import EventKind, StockRow
from edge.wire import (
    Answer,
    DeadRow,
    Delta,
    Digest,
    EventRow,
    Events,
    Hello,
    Outcome,
    ReaderStatus,
    Status,
    SyncTrouble,
    Upward,
    columns_of,
    decode,
)
from tests.support.clocks import ManualClock
from tests.support.faulty_documents import Fault, FaultyDocuments
from tests.support.stores import STORE, counts_in, store_in

AT_US = 1_800_000_000_000_000


class Office:
    """A writer, its documents and its clock; `say` gives the answer."""

    def __init__(self, folder: Path) -> None:
        self.documents = FaultyDocuments(EmbeddedDocuments(folder / "documents.db"))
        self.clock = ManualClock(AT_US)
        self.counts = Counts()
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what a bridge remembers."""
        stores = KnownStores(self.documents)
        self.writer = StoreWriter(self.documents, self.clock, stores, self.counts, 15)
        self.statuses = StatusWriter(self.documents, self.clock, stores, self.counts, 15)

    def another_writer(self) -> StoreWriter:
        stores = KnownStores(self.documents)
        return StoreWriter(self.documents, self.clock, stores, Counts(), 15)

    def say(self, message: Upward, writer: StoreWriter | None = None) -> Answer:
        return (writer or self.writer).apply(message, self.clock.now().utc_us)

    def tell(self, *, online: bool, term: int = 1, boot: str = "b1", is_kept: bool = False) -> None:
        readers = [ReaderStatus("floor-1", up=True)]
        status = Status(STORE, term, boot, online, name="Munich", readers=readers, present=3)
        self.tell_status(status, is_kept=is_kept)

    def tell_status(self, status: Status, *, is_kept: bool = False) -> None:
        self.statuses.tell(status, self.clock.now().utc_us, is_kept=is_kept)

    def cursor(self) -> Cursor | None:
        document = self.documents.get(paths.cursor(STORE))
        return shapes.cursor(document) if document else None

    def changes(self) -> list[shapes.ChangeDoc]:
        return [*map(shapes.change, self.documents.find(shapes.newest_changes(STORE)))]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.documents.close()


def hello(term: int = 1, boot: str = "b1", *, snapshot: bool = False) -> Hello:
    return Hello(STORE, term, boot, snapshot)


def delta(from_ver: int, to_ver: int, count: int = 1, term: int = 1, boot: str = "b1") -> Delta:
    """Give a delta in which every ver is a GTIN of its own."""
    rows = [
        StockRow(f"{ver:014d}", ver, {"floor": count, "back": 0}, missing=2)
        for ver in range(from_ver + 1, to_ver + 1)
    ]
    return Delta(STORE, term, boot, from_ver, to_ver, **columns_of(rows))


def test_a_delta_is_one_commit_of_rows_change_and_cursor(office: Office) -> None:
    office.say(hello())
    office.clock.advance(60)
    reply = office.say(delta(0, 2, count=4))
    assert reply == Answer(STORE, 1, "b1", Outcome.APPLIED, term=1, applied=2, at_ver=2)
    written = [write.path for write in office.documents.commits[-1]]
    assert written[:2] == [paths.stock_line(STORE, f"{ver:014d}") for ver in (1, 2)]
    assert written[2].startswith(paths.changes(STORE))
    assert written[3:] == [paths.store(STORE), paths.cursor(STORE)]
    assert office.cursor() == Cursor(1, "b1", applied=2, at_ver=2)


def test_a_stock_document_says_what_the_row_said_and_when_it_came(office: Office) -> None:
    office.say(hello())
    office.say(delta(0, 1, count=4))
    document = office.documents.get(paths.stock_line(STORE, "00000000000001"))
    assert document is not None
    assert shapes.stock_line(document) == shapes.StockLine(
        STORE,
        "00000000000001",
        zones={"floor": 4, "back": 0},
        present=4,
        missing=2,
        ver=1,
        term=1,
        changed_at_us=AT_US,
        shard=shard_of("00000000000001"),
    )


def test_changes_make_a_chain_even_where_deltas_overlap(office: Office) -> None:
    office.say(hello())
    for message in (delta(0, 2), delta(0, 3), delta(3, 4)):
        office.say(message)
    chain = [(change.from_ver, change.to_ver) for change in reversed(office.changes())]
    assert chain == [(0, 2), (2, 3), (3, 4)]


def test_a_hello_writes_the_cursor_only(office: Office) -> None:
    office.say(hello())
    [[put]] = office.documents.commits
    assert put.path == paths.cursor(STORE)


def test_what_was_applied_is_not_written_again(office: Office) -> None:
    office.say(hello())
    office.say(delta(0, 2, count=4))
    before = len(office.documents.commits)
    assert office.say(delta(0, 2, count=9)).outcome is Outcome.DUPLICATE
    assert office.say(hello()).outcome is Outcome.WELCOME
    assert len(office.documents.commits) == before


def test_messages_that_follow_each_other_need_no_reading(office: Office) -> None:
    office.say(hello())
    for ver in range(5):
        office.say(delta(ver, ver + 1))
    assert office.documents.gets == [paths.cursor(STORE)]


# What goes wrong.


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(Fault.NOT_DONE, Outcome.APPLIED), (Fault.ANSWER_LOST, Outcome.DUPLICATE)],
    ids=["it was not done", "it was done"],
)
def test_when_no_word_came_back_the_cursor_tells(
    office: Office, fault: Fault, outcome: Outcome
) -> None:
    office.say(hello())
    office.documents.faults.append(fault)
    reply = office.say(delta(0, 2, count=4))
    assert (reply.outcome, reply.applied) == (outcome, 2)
    assert counts_in(office.documents)["00000000000002"] == {"floor": 4, "back": 0}
    assert len(office.changes()) == 1


def test_a_hello_without_word_is_welcome_all_the_same(office: Office) -> None:
    office.documents.faults.append(Fault.ANSWER_LOST)
    assert office.say(hello()).outcome is Outcome.WELCOME
    assert office.cursor() == Cursor(1, "b1", 0)


def test_a_refused_commit_is_not_answered_and_can_be_said_again(office: Office) -> None:
    office.say(hello())
    office.documents.faults.append(Fault.REFUSED)
    with pytest.raises(DocumentsError, match="refused"):
        office.say(delta(0, 2))
    assert office.say(delta(0, 2)).outcome is Outcome.APPLIED


def test_what_another_bridge_did_meanwhile_is_seen_at_the_commit(office: Office) -> None:
    office.say(hello())
    other = office.another_writer()
    office.say(delta(0, 2, count=4), other)
    reply = office.say(delta(0, 3, count=9))
    assert (reply.outcome, reply.applied) == (Outcome.APPLIED, 3)
    assert [*counts_in(office.documents).values()] == [
        {"floor": 4, "back": 0},
        {"floor": 4, "back": 0},
        {"floor": 9, "back": 0},
    ]


def test_a_remembered_cursor_is_no_ground_for_a_gap(office: Office) -> None:
    office.say(hello())
    office.say(delta(0, 2), office.another_writer())
    assert office.say(delta(2, 3)).outcome is Outcome.APPLIED


def test_a_remembered_cursor_is_no_ground_for_a_duplicate(office: Office) -> None:
    office.say(hello())
    office.say(delta(0, 2))
    office.say(hello(term=2, boot="b2"), office.another_writer())
    assert office.say(delta(0, 2)).outcome is Outcome.STALE


def test_an_old_life_cannot_write_over_a_remembered_cursor(office: Office) -> None:
    office.say(hello())
    office.say(hello(term=2, boot="b2"), office.another_writer())
    reply = office.say(delta(0, 2))
    assert (reply.outcome, reply.term) == (Outcome.STALE, 2)
    assert counts_in(office.documents) == {}


def test_a_cursor_that_never_stands_still_is_given_up(office: Office) -> None:
    office.say(hello())
    term = iter(range(2, 100))
    cursor = paths.cursor(STORE)
    office.documents.before_commit = lambda: void(
        office.documents.inner.commit(
            [Put(cursor, {"term": 1, "boot": "b1", "applied": 0, "sweep_term": next(term)})]
        )
    )
    with pytest.raises(OutcomeUnknown, match=f"contested, {MAX_TRIES} tries"):
        office.say(delta(0, 2))


def test_a_document_that_is_no_cursor_is_an_error_with_its_path(office: Office) -> None:
    office.documents.inner.commit([Put(paths.cursor(STORE), {"term": "one"})])
    with pytest.raises(DocumentsError, match=paths.cursor(STORE)):
        office.say(hello())


def test_outcomes_and_rows_are_counted(office: Office) -> None:
    for message in (hello(), delta(0, 2), delta(0, 2), delta(5, 6), hello(boot="b2")):
        office.say(message)
    counted = {"welcome": 1, "applied": 1, "rows": 2, "duplicate": 1, "gap": 1, "twin": 1}
    assert dict(office.counts.so_far()) == counted


def void(_: object) -> None: ...


# The store's own document.


def test_a_store_that_comes_and_goes_is_written_at_once(office: Office) -> None:
    seen = []
    for online in (True, False, True):
        office.tell(online=online)
        seen.append(store_in(office.documents).online)
    assert seen == [True, False, True]


def test_a_store_that_stays_is_written_now_and_then(office: Office) -> None:
    for _ in range(30):
        office.tell(online=True)
        office.clock.advance(2)
    assert len(office.documents.commits) == 4


def test_a_reader_that_goes_down_and_an_alarm_are_written_at_once(office: Office) -> None:
    office.tell(online=True)
    down = [ReaderStatus("floor-1", up=False)]
    office.tell_status(Status(STORE, 1, "b1", online=True, readers=down))
    assert not store_in(office.documents).readers[0].up
    alarms = ["storage: disk full"]
    office.tell_status(Status(STORE, 1, "b1", online=True, readers=down, alarms=alarms))
    assert store_in(office.documents).alarms == alarms


def test_a_store_document_has_the_status_and_its_time(office: Office) -> None:
    office.tell(online=True)
    found = store_in(office.documents)
    assert (found.name, found.present, found.status_at_us) == ("Munich", 3, AT_US)
    assert [reader.name for reader in found.readers] == ["floor-1"]


def test_a_stores_first_items_are_written_at_once_and_more_of_them_in_time(office: Office) -> None:
    shown = []
    for present in (0, 5, 6):
        office.tell_status(Status(STORE, 1, "b1", online=True, present=present))
        shown.append(store_in(office.documents).present)
        office.clock.advance(1)
    assert shown == [0, 5, 5]


def test_the_time_of_the_last_delta_stays_beside_the_status(office: Office) -> None:
    office.say(hello())
    office.say(delta(0, 1))
    office.tell(online=True)
    assert store_in(office.documents).applied_at_us == AT_US


def test_many_deltas_write_the_store_document_now_and_then(office: Office) -> None:
    office.say(hello())
    for ver in range(30):
        office.say(delta(ver, ver + 1))
        office.clock.advance(1)
    writes = [write.path for commit in office.documents.commits for write in commit]
    assert writes.count(paths.store(STORE)) == 2


def test_the_last_will_of_an_earlier_life_does_not_hide_the_present_one(office: Office) -> None:
    office.say(hello(term=2, boot="b2"))
    office.tell(online=True, term=2, boot="b2")
    office.tell(online=False, term=1, boot="b1")
    assert store_in(office.documents).online
    assert office.counts["old_statuses"] == 1


def test_the_will_of_the_present_life_counts_though_it_named_an_earlier_term(
    office: Office,
) -> None:
    office.say(hello(term=2, boot="b1"))
    office.tell(online=True, term=2)
    office.tell(online=False, term=1)
    assert not store_in(office.documents).online


def test_a_will_is_judged_by_the_cursor_of_now(office: Office) -> None:
    office.say(hello())
    office.tell(online=True)
    office.say(hello(term=2, boot="b2"), office.another_writer())
    office.tell(online=False)
    assert store_in(office.documents).online


def test_a_kept_status_says_nothing_of_a_store_that_was_online(office: Office) -> None:
    office.tell(online=True, is_kept=True)
    assert office.documents.commits == []


def test_a_kept_goodbye_is_written_if_it_is_news(office: Office) -> None:
    office.tell(online=True)
    office.begin_anew()
    office.tell(online=False, is_kept=True)
    office.clock.advance(60)
    office.tell(online=False, is_kept=True)
    found = store_in(office.documents)
    assert (found.online, found.status_at_us) == (False, AT_US)


def test_a_goodbye_that_could_not_be_written_is_written_later(office: Office) -> None:
    office.tell(online=True)
    office.documents.faults.append(Fault.REFUSED)
    with pytest.raises(DocumentsError):
        office.tell(online=False)
    office.statuses.retry_goodbye(STORE)
    assert not store_in(office.documents).online


def test_a_goodbye_that_came_while_nothing_could_be_read_is_judged_later(office: Office) -> None:
    office.tell(online=True)
    office.documents.unreachable = True
    with pytest.raises(DocumentsError):
        office.tell(online=False)
    office.documents.unreachable = False
    office.statuses.retry_goodbye(STORE)
    assert not store_in(office.documents).online


def test_a_goodbye_that_was_overtaken_is_forgotten(office: Office) -> None:
    office.tell(online=True)
    office.documents.faults.append(Fault.REFUSED)
    with pytest.raises(DocumentsError):
        office.tell(online=False)
    office.tell(online=True)
    office.statuses.retry_goodbye(STORE)
    assert store_in(office.documents).online


def test_a_goodbye_is_tried_until_it_is_written(office: Office) -> None:
    office.tell(online=True)
    office.documents.faults.extend([Fault.REFUSED, Fault.NOT_DONE])
    for _ in range(2):
        with pytest.raises(DocumentsError):
            office.tell(online=False)
    assert office.statuses.has_goodbye(STORE)
    assert not office.statuses.retry_goodbye(STORE)
    assert not store_in(office.documents).online


def test_a_store_that_waits_for_its_documents_says_so_and_its_counts_stay(office: Office) -> None:
    office.say(Hello(STORE, 5, "b5", device="d1"))
    status = Status(STORE, 5, "b5", online=True, name="Munich", present=300, device="d1")
    office.tell_status(status)
    office.clock.advance(20)
    rebuilding = {"trouble": SyncTrouble.REBUILDING, "alarms": ["sync: the database is new"]}
    office.tell_status(Status(STORE, 1, "b6", online=True, device="d1", present=2, **rebuilding))  # type: ignore[arg-type]
    found = store_in(office.documents)
    assert (found.trouble, found.present, found.term) == ("rebuilding", 300, 5)
    assert found.alarms == ["sync: the database is new"]


def test_what_another_device_says_of_the_store_is_not_taken(office: Office) -> None:
    office.say(Hello(STORE, 5, "b5", device="d1"))
    office.tell_status(Status(STORE, 9, "b9", online=True, device="d2", present=2))
    assert office.documents.get(paths.store(STORE)) is None


# What cannot be written.


def bad(*vers: int, number: int = 1) -> Delta:
    """Give a delta of which only the row of ver 2 is one that no document can hold."""
    rows = [StockRow(f"{ver:014d}", ver, {"$time" if ver == 2 else "floor": 1}, 0) for ver in vers]
    return Delta(STORE, 1, "b1", vers[0] - 1, vers[-1], **columns_of(rows), number=number)


def letters(office: Office) -> list[records.DeadLetter]:
    return [*map(records.dead_letter, office.documents.find(records.dead_letters(STORE)))]


def test_a_delta_that_no_document_can_hold_is_refused_with_why(office: Office) -> None:
    office.say(hello())
    reply = office.say(bad(1, 2, 3, number=4))
    assert (reply.outcome, reply.for_number, reply.applied) == (Outcome.REFUSED, 4, 0)
    assert "$time" in reply.reason
    assert counts_in(office.documents) == {}
    assert letters(office) == []


def test_the_one_row_that_is_to_blame_is_kept_as_it_came(office: Office) -> None:
    office.say(hello())
    office.say(bad(1))
    assert office.say(bad(2)).outcome is Outcome.REFUSED
    assert office.say(bad(2)).outcome is Outcome.REFUSED
    [letter] = letters(office)
    assert decode(letter.message) == bad(2)


def test_a_row_that_is_left_out_is_noted_with_the_delta_that_passes_it(office: Office) -> None:
    office.say(hello())
    dead = DeadRow(f"{1:014d}", 1, "zone '$time' cannot be the name of a field")
    reply = office.say(Delta(STORE, 1, "b1", 0, 1, [], [], [], [], [], dead=[dead]))
    assert (reply.outcome, reply.applied) == (Outcome.APPLIED, 1)
    [letter] = letters(office)
    assert (letter.gtin, letter.ver, letter.term, letter.reason) == (dead.gtin, 1, 1, dead.reason)
    assert office.counts["dead_rows"] == 1


# Snapshots' leftovers.


def snapshot(office: Office, rows: int) -> None:
    """Have 3 documents more than `rows`, and then a snapshot of `rows`, not yet swept."""
    office.say(hello())
    total = rows + 3
    for start in range(0, total, 400):
        office.say(delta(start, min(start + 400, total)))
    office.say(hello(term=2, boot="b2", snapshot=True))
    for start in range(0, rows, 400):
        part = delta(start, min(start + 400, rows), count=7, term=2, boot="b2")
        office.say(msgspec.structs.replace(part, at_ver=rows))


def sweep(office: Office, writer: StoreWriter | None = None) -> int:
    """Sweep to the end; give how many pages there were."""
    after: str | None = ""
    pages = 0
    while after is not None:
        after = (writer or office.writer).sweep(STORE, after)
        pages += 1
    return pages


def test_leftovers_are_due_when_the_snapshot_has_come_to_its_end(office: Office) -> None:
    office.say(hello())
    office.say(delta(0, 3))
    office.say(hello(term=2, boot="b2", snapshot=True))
    first = msgspec.structs.replace(delta(0, 1, term=2, boot="b2"), at_ver=2)
    last = msgspec.structs.replace(delta(1, 2, term=2, boot="b2"), at_ver=2)
    seen = []
    for message in (first, last):
        office.say(message)
        seen.append(office.writer.is_sweep_due(STORE))
    assert seen == [False, True]


def test_a_sweep_deletes_leftovers_only_page_by_page(office: Office) -> None:
    snapshot(office, rows=SWEEP_PAGE + 10)
    assert sweep(office) == 2
    assert set(counts_in(office.documents)) == {f"{n + 1:014d}" for n in range(SWEEP_PAGE + 10)}
    assert not office.writer.is_sweep_due(STORE)
    assert office.counts["swept"] == 3


def test_a_sweep_goes_on_in_another_bridge(office: Office) -> None:
    snapshot(office, rows=SWEEP_PAGE + 10)
    office.writer.sweep(STORE, "")
    other = office.another_writer()
    other.apply(hello(term=2, boot="b2", snapshot=True), AT_US)
    assert other.is_sweep_due(STORE)
    sweep(office, other)
    assert len(counts_in(office.documents)) == SWEEP_PAGE + 10
    cursor = office.cursor()
    assert cursor is not None
    assert (cursor.sweep_term, cursor.ended_term, cursor.swept_term) == (2, 2, 2)


def test_a_row_that_comes_while_its_leftover_is_being_swept_stays(office: Office) -> None:
    snapshot(office, rows=2)
    late = msgspec.structs.replace(delta(2, 3, count=9, term=2, boot="b2"), at_ver=3)
    other = office.another_writer()
    left = [late]

    def come_between() -> None:
        while left:
            other.apply(left.pop(), AT_US)

    office.documents.before_commit = come_between
    sweep(office)
    assert counts_in(office.documents)[f"{3:014d}"] == {"floor": 9, "back": 0}
    assert len(counts_in(office.documents)) == 3


# Digests.


def digest(shard_rows: list[StockRow], at_ver: int, without: Sequence[str] = ()) -> Digest:
    summed = sum_of(shard_rows)
    shard = shard_of(GTIN)
    return Digest(STORE, 1, "b1", shard, at_ver, summed.rows, summed.sum, list(without))


GTIN = f"{1:014d}"
HELD = StockRow(GTIN, 1, {"floor": 1, "back": 0}, missing=2)
DIGESTS = {
    "what is held": (digest([HELD], 1), Outcome.SAME),
    "another count": (digest([StockRow(GTIN, 1, {"floor": 2}, 2)], 1), Outcome.DIFFERENT),
    "a row more": (digest([HELD, StockRow("x", 2, {}, 0)], 1), Outcome.DIFFERENT),
    "a row less": (digest([], 1), Outcome.DIFFERENT),
    "the row left out": (digest([], 1, [GTIN]), Outcome.SAME),
    "of another moment": (digest([HELD], 2), Outcome.UNCERTAIN),
    "of another life": (msgspec.structs.replace(digest([HELD], 1), term=2), Outcome.STALE),
}


@pytest.mark.parametrize(("message", "outcome"), DIGESTS.values(), ids=DIGESTS)
def test_a_digest_is_compared(office: Office, message: Digest, outcome: Outcome) -> None:
    office.say(hello())
    office.say(delta(0, 1))
    assert office.say(message).outcome is outcome


def test_a_document_changed_by_hand_is_found(office: Office) -> None:
    office.say(hello())
    office.say(delta(0, 1))
    path = paths.stock_line(STORE, GTIN)
    document = office.documents.get(path)
    assert document is not None
    for data in ({**document.data, "zones": {"floor": 99}}, {"gtin": GTIN}):
        office.documents.inner.commit([Put(path, {**data, "shard": shard_of(GTIN)})])
        assert office.say(digest([HELD], 1)).outcome is Outcome.DIFFERENT


# Events.


def events(*serials: str, term: int = 1) -> Events:
    rows = [EventRow(EventKind.ARRIVED, GTIN, serial, "floor", at_us=5) for serial in serials]
    return Events(STORE, term, "b1", rows, number=3)


def test_events_are_written_once_however_often_they_are_told(office: Office) -> None:
    office.say(hello())
    for message in (events("1", "2"), events("1", "2"), events("2", "3")):
        reply = office.say(message)
        assert (reply.outcome, reply.for_number) == (Outcome.NOTED, 3)
    found = [*map(records.event, office.documents.find(Query(paths.events(STORE))))]
    assert sorted(event.serial for event in found) == ["1", "2", "3"]


def test_events_of_another_life_are_not_taken(office: Office) -> None:
    office.say(hello())
    assert office.say(events("1", term=2)).outcome is Outcome.STALE
    assert office.documents.find(Query(paths.events(STORE))) == []
