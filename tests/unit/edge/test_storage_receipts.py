"""Which delivery an arrival belongs to, and what is missing or over in the end."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from edge.engine.changes import Changes
from edge.model import EventKind
from edge.storage.database import Database, open_database
from edge.storage.ledger import Ledger
from edge.storage.receipts import ANY, KEPT_US, Expected, Receipts
from tests.support.storage import GTIN, OTHER_GTIN, arrived, moved

Counted = list[tuple[str, int, int, int]]  # serial, received, missing, over


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "store.db") as one:
        yield one


def expect(db: Database, receipt: str, *lines: Expected, due_us: int = 100) -> None:
    Receipts(db).add(receipt, "ACME", due_us, 10, lines)


def record(db: Database, *changes: Changes) -> None:
    for one in changes:
        Ledger(db, docks={"dock"}).record(one)


def returned(*serials: int) -> Changes:
    changes = arrived(*serials)
    events = [msgspec.structs.replace(e, kind=EventKind.RETURNED) for e in changes.events]
    return Changes(at_us=changes.at_us, events=events, stock=changes.stock, items=changes.items)


def lines(db: Database, receipt: str, gtin: str = GTIN) -> Counted:
    found = [line for line in Receipts(db).lines(receipt) if line.gtin == gtin]
    return [(line.serial, line.received, line.missing, line.over) for line in found]


def test_arrivals_of_a_gtin_fill_its_line_and_what_more_comes_is_over(db: Database) -> None:
    expect(db, "r1", Expected(GTIN, ANY, 3))
    record(db, arrived(1, 2))
    assert lines(db, "r1") == [(ANY, 2, 1, 0)]
    record(db, arrived(3, 4))
    assert lines(db, "r1") == [(ANY, 4, 0, 1)]


def test_an_item_that_is_named_is_waited_for_by_itself(db: Database) -> None:
    expect(db, "r1", Expected(GTIN, "7", 1), Expected(GTIN, ANY, 1))
    record(db, arrived(7))
    assert lines(db, "r1") == [(ANY, 0, 1, 0), ("7", 1, 0, 0)]


def test_another_item_of_the_gtin_does_not_stand_for_the_one_that_is_named(db: Database) -> None:
    expect(db, "r1", Expected(GTIN, "7", 1))
    record(db, arrived(8))
    assert lines(db, "r1") == [(ANY, 1, 0, 1), ("7", 0, 1, 0)]


def test_the_receipt_that_is_due_first_is_filled_first(db: Database) -> None:
    expect(db, "late", Expected(GTIN, ANY, 1), due_us=300)
    expect(db, "early", Expected(GTIN, ANY, 1), due_us=200)
    record(db, arrived(1))
    assert (lines(db, "early"), lines(db, "late")) == ([(ANY, 1, 0, 0)], [(ANY, 0, 1, 0)])
    record(db, arrived(2, 3))
    assert (lines(db, "early"), lines(db, "late")) == ([(ANY, 2, 0, 1)], [(ANY, 1, 0, 0)])


def test_a_named_item_finds_its_receipt_before_an_earlier_one(db: Database) -> None:
    expect(db, "late", Expected(GTIN, "7", 1), due_us=300)
    expect(db, "early", Expected(GTIN, ANY, 1), due_us=200)
    record(db, arrived(7))
    assert lines(db, "late") == [("7", 1, 0, 0)]


def test_only_arrivals_count(db: Database) -> None:
    record(db, arrived(1))
    expect(db, "r1", Expected(GTIN, ANY, 1))
    record(db, moved(1, zone="back"))
    record(db, arrived(2, gtin=OTHER_GTIN))
    assert lines(db, "r1") == [(ANY, 0, 1, 0)]


def test_what_returns_counts_only_where_that_item_was_expected(db: Database) -> None:
    expect(db, "r1", Expected(GTIN, "7", 1), Expected(GTIN, ANY, 1))
    record(db, returned(7, 8))
    assert lines(db, "r1") == [(ANY, 0, 1, 0), ("7", 1, 0, 0)]


def test_what_comes_to_a_dock_unannounced_is_over_where_is_being_unpacked(db: Database) -> None:
    expect(db, "early", Expected(GTIN, ANY, 1), due_us=200)
    expect(db, "late", Expected(GTIN, "9", 1), due_us=300)
    record(db, arrived(9))
    record(db, arrived(1, gtin=OTHER_GTIN, zone="dock"))
    assert (lines(db, "late", OTHER_GTIN), lines(db, "early", OTHER_GTIN)) == ([(ANY, 1, 0, 1)], [])


def test_elsewhere_what_nobody_announced_is_no_part_of_a_delivery(db: Database) -> None:
    expect(db, "r1", Expected(GTIN, ANY, 1))
    record(db, arrived(1, gtin=OTHER_GTIN, zone="floor"))
    assert lines(db, "r1", OTHER_GTIN) == []


def test_nothing_is_added_to_a_receipt_that_is_closed(db: Database) -> None:
    expect(db, "r1", Expected(GTIN, ANY, 2))
    record(db, arrived(1))
    Receipts(db).close("r1", 500)
    record(db, arrived(2))
    [row] = Receipts(db).all()
    assert (row.closed_at_us, row.expected, row.received, row.missing, row.over) == (
        500,
        2,
        1,
        1,
        0,
    )
    Receipts(db).close("r1", 900)
    assert Receipts(db).all() == [row]


def test_what_is_overdue_is_found_and_what_was_closed_long_ago_goes(db: Database) -> None:
    expect(db, "r1", Expected(GTIN, ANY, 2), due_us=100)
    expect(db, "r2", Expected(GTIN, ANY, 2), due_us=200)
    assert (Receipts(db).overdue(100), Receipts(db).overdue(150)) == ([], ["r1"])
    Receipts(db).close("r1", 500)
    Receipts(db).add("r3", "", 1, KEPT_US + 501, [Expected(GTIN, ANY, 1)])
    assert [row.id for row in Receipts(db).all()] == ["r3", "r2"]
    assert Receipts(db).lines("r1") == []


def test_there_is_no_receipt_that_was_not_told(db: Database) -> None:
    assert (Receipts(db).find("r1"), Receipts(db).lines("r1")) == (None, [])
