"""What one life of the agent leaves for the next about its talk with the cloud."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.model import SyncState
from edge.storage.database import Database, open_database
from edge.storage.ledger import Ledger
from edge.storage.sync import Sync
from tests.support.storage import arrived


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    """Give a file that knows its store."""
    with open_database(path) as database:
        Sync(database).set_rebuilt()
        yield database


def count(db: Database, *serials: int) -> None:
    for serial in serials:
        Ledger(db).record(arrived(serial))


def test_the_first_life_begins_with_term_1_and_nothing_sent(db: Database) -> None:
    assert Sync(db).begin() == SyncState(1, acked=0, check_ver=0, ver=0, answered_term=None)


def test_every_life_has_a_higher_term_on_the_disk_before_it_is_told(path: Path) -> None:
    with open_database(path) as db:
        told = Sync(db).begin().term
        with open_database(path, read_only=True) as other:
            assert Sync(other).state().term == told
    with open_database(path) as db:
        assert Sync(db).begin().term == told + 1


def test_after_a_life_that_was_answered_all_it_counted_may_have_been_sent(db: Database) -> None:
    sync = Sync(db)
    sync.begin()
    sync.set_answered()
    count(db, 1, 2, 3)
    assert sync.begin() == SyncState(2, acked=0, check_ver=3, ver=3, answered_term=1)


def test_after_lives_that_were_not_answered_nothing_more_can_have_been_sent(db: Database) -> None:
    sync = Sync(db)
    sync.begin()
    sync.set_answered()
    count(db, 1, 2)
    for serial in (3, 4):  # two offline lives: the second must not trust what the first counted
        sync.begin()
        count(db, serial)
    assert sync.begin() == SyncState(4, acked=0, check_ver=2, ver=4, answered_term=1)


def test_acked_goes_on_and_back_as_it_is_told(db: Database) -> None:
    sync = Sync(db)
    for ver in (7, 3):
        sync.set_acked(ver)
        assert sync.acked() == sync.state().acked == ver


def test_a_renewed_term_has_sent_nothing_and_was_not_answered(db: Database) -> None:
    sync = Sync(db)
    sync.begin()
    count(db, 1, 2)
    sync.set_answered()
    sync.set_acked(2)
    sync.renew(9)
    assert sync.state() == SyncState(9, acked=0, check_ver=0, ver=3, answered_term=1)
    assert sync.begin() == SyncState(10, acked=0, check_ver=0, ver=3, answered_term=1)


def test_a_renewed_term_that_was_answered_may_have_sent_all(db: Database) -> None:
    sync = Sync(db)
    sync.begin()
    count(db, 1, 2)
    sync.renew(9)
    sync.set_answered()
    assert sync.begin() == SyncState(10, acked=0, check_ver=3, ver=3, answered_term=9)


def test_inside_a_transaction_a_write_waits_for_its_end(db: Database, path: Path) -> None:
    with open_database(path, read_only=True) as other:
        with db.atomic():
            Sync(db).set_acked(5)
            assert Sync(other).acked() == 0
        assert Sync(other).acked() == 5


def test_a_file_that_nobody_has_used_does_not_know_its_store_until_it_is_told(path: Path) -> None:
    with open_database(path) as db:
        assert Sync(db).begin().is_rebuilding
        assert Sync(db).begin().is_rebuilding, "a restart teaches it nothing"
        Sync(db).set_rebuilt()
    with open_database(path) as db:
        assert not Sync(db).begin().is_rebuilding


def test_a_new_file_that_was_welcomed_is_the_stores_own_also_in_later_lives(path: Path) -> None:
    with open_database(path) as db:
        Sync(db).begin()
        Sync(db).set_answered()
        assert not Sync(db).begin().is_rebuilding


def test_a_takeover_is_wanted_until_a_hello_was_answered(db: Database) -> None:
    sync = Sync(db)
    sync.want_takeover()
    assert sync.begin().takeover
    sync.renew(9)
    assert sync.state().takeover
    sync.set_answered()
    assert not sync.state().takeover


def test_how_far_events_were_told_stays(db: Database) -> None:
    Sync(db).set_told(17)
    assert Sync(db).begin().told == 17
