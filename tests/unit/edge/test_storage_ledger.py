"""The engine's decisions in the file: all of a group, or nothing; and counts that are the items."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from edge.engine.changes import Changes, KnownItem, LastRead, StrayReads
from edge.epc import StrayReason
from edge.model import EventKind, ItemState
from edge.storage.database import Database, open_database
from edge.storage.events import KEPT_US, Events
from edge.storage.items import Items
from edge.storage.ledger import Ledger, Mismatch
from edge.storage.readers import Readers
from edge.storage.strays import Strays
from edge.storage.sync import Sync
from edge.wire import ReaderStatus
from tests.support.storage import GTIN, OTHER_GTIN, arrived, missing, moved

TID = b"\xe2\x80" + bytes(10)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "store.db") as database:
        yield database


def stray(number: int, reads: int, first_at_us: int, last_at_us: int) -> StrayReads:
    return StrayReads(bytes([number]) * 12, StrayReason.TID, reads, first_at_us, last_at_us)


def test_items_are_kept_as_they_are_now(db: Database) -> None:
    for changes in (arrived(1, 2), moved(1, zone="back"), missing(2)):
        Ledger(db).record(changes)
    assert list(Items(db).all()) == [
        KnownItem(GTIN, "1", ItemState.PRESENT, "back", 1),
        KnownItem(GTIN, "2", ItemState.MISSING, "floor", 2),
    ]


def test_a_last_read_moves_forward_only(db: Database) -> None:
    Ledger(db).record(arrived(5))
    for at_us in (9, 7):
        Ledger(db).record(Changes(at_us, last_reads=[LastRead(GTIN, "5", at_us)]))
    assert [item.last_read_at_us for item in Items(db).all()] == [9]


def test_nothing_to_record_takes_no_ver_and_writes_nothing(db: Database) -> None:
    before = db.conn.total_changes
    Ledger(db).record(Changes(at_us=None))
    assert db.conn.total_changes == before


def test_a_group_without_stock_takes_no_ver(db: Database) -> None:
    Ledger(db).record(Changes(1, strays=[stray(1, 1, 1, 1)]))
    assert Sync(db).state().ver == 0


def test_the_counts_are_the_items_after_every_group(db: Database) -> None:
    for changes in (
        arrived(1, 2, 3),
        arrived(1, gtin=OTHER_GTIN, zone="back"),
        moved(1, zone="back"),
        missing(2, 3),
    ):
        Ledger(db).record(changes)
        assert Ledger(db).mismatches() == []


def test_counts_that_are_not_the_items_are_told_with_both_numbers(db: Database) -> None:
    Ledger(db).record(arrived(1, 2))
    Ledger(db).record(missing(2))
    db.execute("UPDATE stock SET count = 5")
    db.execute("UPDATE skus SET missing = 0")
    db.execute("INSERT INTO stock VALUES ('09506000134352', 'back', 1)")
    assert Ledger(db).mismatches() == [
        Mismatch(OTHER_GTIN, "back", items=0, count=1),
        Mismatch(GTIN, None, items=1, count=0),
        Mismatch(GTIN, "floor", items=1, count=5),
    ]


def test_events_are_given_newest_first(db: Database) -> None:
    Ledger(db).record(arrived(1, 2))
    Ledger(db).record(moved(1, zone="back"))
    newest = Events(db).newest(2)
    assert [(event.kind, event.serial) for event in newest] == [
        (EventKind.MOVED, "1"),
        (EventKind.ARRIVED, "2"),
    ]
    assert newest[0].from_zone == "floor"


def test_only_the_newest_events_are_kept(db: Database) -> None:
    events = Events(db, kept=3)
    events.add(arrived(1, 2).events)
    events.add(arrived(3, 4, 5).events)
    assert [event.serial for event in events.newest(10)] == ["5", "4", "3"]


def test_events_are_kept_for_thirty_days(db: Database) -> None:
    events = Events(db)
    first, second, late = arrived(1, 2, 3).events
    events.add([first, second])
    events.add([msgspec.structs.replace(late, at_us=KEPT_US + 2)])
    assert [event.serial for event in events.newest(10)] == ["3", "2"]


def test_reads_of_a_stray_add_up(db: Database) -> None:
    strays = Strays(db)
    strays.add([stray(1, 3, 10, 20)])
    strays.add([stray(1, 2, 5, 15)])
    assert strays.newest(9) == [stray(1, 5, 5, 20)]


def test_the_strays_read_last_are_kept(db: Database) -> None:
    strays = Strays(db, kept=2)
    strays.add([stray(1, 1, 1, 30), stray(2, 1, 1, 10)])
    strays.add([stray(3, 1, 1, 20)])
    assert [one.last_at_us for one in strays.newest(9)] == [30, 20]
    assert strays.count() == 2


def test_the_readers_of_now_replace_those_of_before(db: Database) -> None:
    readers = Readers(db)
    readers.replace([ReaderStatus("old", up=True)])
    now = [
        ReaderStatus("a", up=False, detail="refused"),
        ReaderStatus("b", up=True, last_read_at_us=7),
    ]
    readers.replace(now)
    assert readers.all() == now
