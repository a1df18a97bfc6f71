"""Counts, vers, and what is pending."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.digest import SHARDS, shard_of, sum_of
from edge.engine.changes import Changes
from edge.model import LeftOut, PendingRows, ShardRows, StockChange, StockRow
from edge.storage.database import Database, open_database
from edge.storage.ledger import Ledger
from edge.storage.stock import Stock, Totals
from edge.storage.sync import Sync
from tests.support.storage import GTIN, OTHER_GTIN, arrived, missing, moved


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with open_database(path) as database:
        yield database


def record(db: Database, *groups: Changes) -> None:
    for changes in groups:
        Ledger(db).record(changes)


def test_a_row_has_all_its_zones_and_a_zone_left_empty_stays(db: Database) -> None:
    record(db, arrived(1, 2), moved(1, 2, zone="back"), missing(2, zone="back"))
    assert Stock(db).rows() == [StockRow(GTIN, 3, {"back": 1, "floor": 0}, 1)]


def test_every_touched_gtin_takes_a_ver_of_its_own(db: Database) -> None:
    record(db, arrived(1), arrived(1, gtin=OTHER_GTIN), arrived(2))
    assert {row.gtin: row.ver for row in Stock(db).rows()} == {GTIN: 3, OTHER_GTIN: 2}


def test_a_gtin_touched_twice_in_a_group_takes_one_ver(db: Database) -> None:
    record(db, arrived(1, 2, 3))
    assert Sync(db).state().ver == 1


def test_pending_is_what_the_cloud_has_not_applied_oldest_change_first(db: Database) -> None:
    record(db, arrived(1), arrived(1, gtin=OTHER_GTIN), arrived(2))
    assert Stock(db).pending(0, 10) == PendingRows(
        [
            StockRow(OTHER_GTIN, 2, {"floor": 1}, 0),
            StockRow(GTIN, 3, {"floor": 2}, 0),
        ],
        to_ver=3,
        at_ver=3,
        left_out=[],
        at_event=3,
    )
    assert [row.gtin for row in Stock(db).pending(2, 10).rows] == [GTIN]


def test_nothing_is_pending_when_all_is_acked(db: Database) -> None:
    record(db, arrived(1))
    assert Stock(db).pending(1, 10) == PendingRows([], 1, at_ver=1, left_out=[], at_event=1)


def test_the_limit_counts_gtins_whatever_their_zones(db: Database) -> None:
    record(db, arrived(1), arrived(2, zone="back"), arrived(1, gtin=OTHER_GTIN))
    pending = Stock(db).pending(0, 1)
    row = StockRow(GTIN, 2, {"back": 1, "floor": 1}, 0)
    assert pending == PendingRows([row], 2, at_ver=3, left_out=[], at_event=3)


def test_no_ver_comes_twice_across_starts_and_deletes(path: Path) -> None:
    with open_database(path) as db:
        record(db, arrived(1), arrived(1, gtin=OTHER_GTIN))
        db.execute("DELETE FROM skus WHERE ver = 2")
        db.execute("DELETE FROM stock WHERE gtin = ?", [OTHER_GTIN])
    with open_database(path) as db:
        record(db, arrived(2))
        assert [row.ver for row in Stock(db).rows()] == [3]


def test_totals_count_items_missing_ones_gtins_and_what_is_pending(db: Database) -> None:
    assert Stock(db).totals() == Totals(0, 0, 0, 0)
    record(db, arrived(1, 2, 3), arrived(1, gtin=OTHER_GTIN), missing(1))
    Sync(db).set_acked(2)
    assert Stock(db).totals() == Totals(present=3, missing=1, skus=2, pending=1)


def test_a_count_below_zero_is_refused_and_nothing_of_its_group_is_kept(db: Database) -> None:
    record(db, arrived(1))
    wrong = arrived(2)
    wrong = Changes(2, wrong.events, [*wrong.stock, StockChange(GTIN, "back", -1)], wrong.items)
    with pytest.raises(Exception, match="CHECK constraint failed: count >= 0"):
        record(db, wrong)
    assert Stock(db).rows() == [StockRow(GTIN, 1, {"floor": 1}, 0)]
    assert Ledger(db).mismatches() == []


# Rows that are left out.


def test_a_row_that_is_left_out_comes_no_more_until_it_changes(db: Database) -> None:
    record(db, arrived(1), arrived(1, gtin=OTHER_GTIN))
    left = LeftOut(GTIN, 1, "too large")
    Stock(db).leave_out(left)
    pending = Stock(db).pending(0, 10)
    assert ([row.gtin for row in pending.rows], pending.left_out) == ([OTHER_GTIN], [left])
    assert (pending.to_ver, Stock(db).left_out()) == (2, [left])
    record(db, arrived(2))
    assert [row.gtin for row in Stock(db).pending(0, 10).rows] == [OTHER_GTIN, GTIN]
    assert Stock(db).left_out() == []


def test_a_delta_of_rows_that_are_all_left_out_still_has_its_end(db: Database) -> None:
    record(db, arrived(1), arrived(1, gtin=OTHER_GTIN))
    Stock(db).leave_out(LeftOut(GTIN, 1, "too large"))
    pending = Stock(db).pending(0, 1)
    assert (pending.rows, pending.to_ver, len(pending.left_out)) == ([], 1, 1)


def test_what_was_left_out_long_ago_is_forgotten_with_the_next(db: Database) -> None:
    record(db, arrived(1), arrived(1, gtin=OTHER_GTIN))
    Stock(db).leave_out(LeftOut(GTIN, 1, "too large"))
    record(db, arrived(2))
    Stock(db).leave_out(LeftOut(OTHER_GTIN, 2, "too large"))
    assert db.rows("SELECT gtin FROM left_out") == [(OTHER_GTIN,)]


# Shards.


def gtins(count: int) -> list[str]:
    return [f"{number:014d}" for number in range(count)]


def test_the_shards_hold_every_row_once(db: Database) -> None:
    for gtin in gtins(200):
        record(db, arrived(1, gtin=gtin))
    sums = [Stock(db).sum_shard(shard, 200) for shard in range(SHARDS)]
    assert sum(one.rows for one in sums) == 200
    assert all(one.is_settled for one in sums)
    of_all = sum(int(one.sum, 16) for one in sums) % 2**64
    assert f"{of_all:016x}" == sum_of(Stock(db).rows()).sum


def test_a_shard_with_a_row_that_is_pending_is_not_settled(db: Database) -> None:
    record(db, arrived(1))
    assert not Stock(db).sum_shard(shard_of(GTIN), 0).is_settled
    assert Stock(db).sum_shard(shard_of(GTIN), 1).is_settled


def test_a_row_that_is_left_out_is_not_in_the_sum(db: Database) -> None:
    record(db, arrived(1))
    Stock(db).leave_out(LeftOut(GTIN, 1, "too large"))
    assert Stock(db).sum_shard(shard_of(GTIN), 1) == ShardRows(0, "0" * 16, [GTIN], True)  # noqa: FBT003


@pytest.mark.parametrize("shard", [None, shard_of(GTIN)], ids=["all", "one shard"])
def test_touched_rows_are_pending_again_with_the_counts_they_had(
    db: Database, shard: int | None
) -> None:
    record(db, arrived(1, 2), arrived(1, gtin=OTHER_GTIN))
    Stock(db).touch(shard, Sync(db).take_vers)
    pending = Stock(db).pending(2, 10)
    assert {row.gtin for row in pending.rows} == ({GTIN, OTHER_GTIN} if shard is None else {GTIN})
    assert {row.gtin: row.zones for row in pending.rows}[GTIN] == {"floor": 2}
    assert [row.ver for row in pending.rows] == sorted({row.ver for row in pending.rows})
