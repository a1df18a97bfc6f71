"""What gateways of others lost when they ended, started or were configured: T1, T2, T7, T14, T18.

Each case has the name of what went wrong elsewhere; tests/README.md says where.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from cloud.documents.embedded import EmbeddedDocuments
from edge.errors import ConfigError, StorageError
from edge.storage.database import open_database
from edge.storage.ledger import Ledger
from edge.storage.migrations import PROGRAM
from edge.storage.stock import Stock
from edge.storage.sync import Sync
from tests.support.agent_process import StoreWithReader, store_with_reader, until
from tests.support.mosquitto import Mosquitto
from tests.support.storage import arrived
from tests.support.stores import RunningBridge, counts_in

STORE = "test-01"


class Town:
    """A store's programs, and head office, which opens when it is told to."""

    def __init__(self, folder: Path, ends: ExitStack) -> None:
        self._ends = ends
        self.broker = Mosquitto(folder)
        self.documents = EmbeddedDocuments(folder / "documents.db")
        ends.callback(self.documents.close)
        ends.callback(self.broker.kill)
        self.store: StoreWithReader = ends.enter_context(
            store_with_reader(folder, self.broker.port)
        )

    def open_office(self) -> None:
        self.broker.start()
        bridge = RunningBridge(self.broker, self.documents)
        self._ends.callback(bridge.stop)

    def agrees(self) -> bool:
        """Tell whether truth, file and documents are the same, and the file knows."""
        counts = counts_in(self.documents, STORE)
        stock = {gtin: {z: n for z, n in zones.items() if n} for gtin, zones in counts.items()}
        return (
            self.store.counts_the_truth()
            and {gtin: zones for gtin, zones in stock.items() if zones} == self.store.stock()
            and self.store.select("SELECT acked FROM sync") == self.store.select(_VER)
        )


_VER = "SELECT ver FROM sync"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as ends:
        yield Town(tmp_path, ends)


def has_counted(store: StoreWithReader, items: int) -> bool:
    return store.present() >= items


def test_t01_what_was_read_before_the_first_connect_survives_a_kill(town: Town) -> None:
    store = town.store
    store.start_reader("--duration", "5")
    agent = store.start_counting()
    until(store.counts_the_truth, "all is counted, and nobody was told")
    agent.kill()
    counted = store.stock()
    town.open_office()
    store.start_counting()
    until(town.agrees, "head office has it")
    assert store.stock() == counted


def test_t02_agents_that_are_killed_while_they_drain_lose_nothing_accepted(town: Town) -> None:
    store = town.store
    town.open_office()
    store.start_reader("--duration", "8")
    for items in (40, 120, 200):
        agent = store.start_counting()
        until(partial(has_counted, store, items), f"{items} items are counted")
        agent.kill()
        [(ver,)] = store.select(_VER)
        told = counts_in(town.documents, STORE)
        assert set(told) <= {gtin for (gtin,) in store.select("SELECT gtin FROM skus")}
        assert ver >= len(told)
    store.start_counting()
    until(town.agrees, "head office has it")


def test_t07_a_mistake_in_the_configuration_leaves_the_backlog_as_it_is(town: Town) -> None:
    store = town.store
    store.start_reader("--duration", "4")
    agent = store.start_counting()
    until(store.counts_the_truth, "all is counted, and nobody was told")
    agent.stop()
    before = store.select("SELECT * FROM skus ORDER BY ver"), store.select(_VER)
    right = store.config.read_text("utf-8")
    store.config.write_text(right.replace('protocol = "llrp"', 'protocol = "lllrp"'), "utf-8")
    assert store.start_agent().wait(20) == ConfigError.exit_code
    assert (store.select("SELECT * FROM skus ORDER BY ver"), store.select(_VER)) == before
    renamed = right.replace('zone = "back"', 'zone = "cellar"').replace("epoch_s = 1.0", "")
    store.config.write_text(renamed, "utf-8")
    town.open_office()
    store.start_counting()
    until(lambda: _is_told(town), "head office has the backlog, by its zones' new names too")


def _is_told(town: Town) -> bool:
    file = town.store.stock()
    counts = counts_in(town.documents, STORE)
    stock = {gtin: {z: n for z, n in zones.items() if n} for gtin, zones in counts.items()}
    return bool(file) and {gtin: zones for gtin, zones in stock.items() if zones} == file


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a page is noise": lambda content: content[:8192] + b"\xa5" * 4096 + content[12288:],
    "its end is missing": lambda content: content[: len(content) // 2],
    "it is something else": lambda _: b"a letter, and no database" * 500,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_t14_a_damaged_file_is_set_aside_as_it_is_and_the_store_is_counted_anew(
    damage: Callable[[bytes], bytes], town: Town
) -> None:
    store = town.store
    with store.config.open("a", encoding="utf-8") as config:
        config.write("[sync]\nrebuild_s = 1\n")
    town.open_office()
    store.start_reader("--duration", "3")
    agent = store.start_counting()
    until(town.agrees, "head office has it")
    agent.stop()
    [(before,)] = store.select("SELECT file_uuid FROM meta")
    damaged = damage(store.database.read_bytes())
    store.database.write_bytes(damaged)
    store.start_counting()
    until(town.agrees, "head office has it again")
    [(after,)] = store.select("SELECT file_uuid FROM meta")
    [kept] = store.folder.glob("store.db.damaged-*")
    assert kept.read_bytes() == damaged
    assert before != after


def test_t18_a_newer_programs_file_is_refused_with_its_backlog_and_then_goes_on(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.db"
    with open_database(path) as db:
        Ledger(db).record(arrived(1, 2, 3))
        backlog = Stock(db).pending(0, 400)
        db.execute("UPDATE meta SET min_program = ?", [PROGRAM + 1])
    with pytest.raises(StorageError, match="made by a newer program"):
        open_database(path)
    with contextlib.closing(sqlite3.connect(path)) as newer:
        newer.execute("UPDATE meta SET min_program = ?", [PROGRAM])
        newer.commit()
    with open_database(path) as db:
        assert Stock(db).pending(Sync(db).acked(), 400) == backlog


# A file as the first released format had it, with a row that head office does not know.
FIRST_FORMAT = """
    CREATE TABLE _sqlite_migrations (
        id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT);
    INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES
        ('edge', 'm0001_meta', ''), ('edge', 'm0002_items', ''), ('edge', 'm0003_stock', ''),
        ('edge', 'm0004_events', ''), ('edge', 'm0005_strays', ''), ('edge', 'm0006_readers', ''),
        ('edge', 'm0007_sync', '');
    CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), file_uuid TEXT NOT NULL,
        min_program INTEGER NOT NULL, program INTEGER NOT NULL) STRICT;
    INSERT INTO meta VALUES (1, 'file', 1, 1);
    CREATE TABLE items (gtin TEXT NOT NULL, serial TEXT NOT NULL, state TEXT NOT NULL,
        zone TEXT NOT NULL, last_read_at_us INTEGER NOT NULL, PRIMARY KEY (gtin, serial))
        STRICT, WITHOUT ROWID;
    INSERT INTO items VALUES ('80614141123458', '1', 'present', 'floor', 5);
    CREATE TABLE stock (gtin TEXT NOT NULL, zone TEXT NOT NULL,
        count INTEGER NOT NULL CHECK (count >= 0), PRIMARY KEY (gtin, zone)) STRICT, WITHOUT ROWID;
    INSERT INTO stock VALUES ('80614141123458', 'floor', 1);
    CREATE TABLE skus (gtin TEXT PRIMARY KEY, ver INTEGER NOT NULL UNIQUE,
        missing INTEGER NOT NULL DEFAULT 0 CHECK (missing >= 0)) STRICT;
    INSERT INTO skus VALUES ('80614141123458', 7, 0);
    CREATE TABLE events (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, gtin TEXT NOT NULL,
        serial TEXT NOT NULL, zone TEXT NOT NULL, at_us INTEGER NOT NULL, from_zone TEXT) STRICT;
    CREATE TABLE strays (epc BLOB PRIMARY KEY, reason TEXT NOT NULL, reads INTEGER NOT NULL,
        first_at_us INTEGER NOT NULL, last_at_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE readers (name TEXT PRIMARY KEY, up INTEGER NOT NULL, detail TEXT NOT NULL,
        last_read_at_us INTEGER) STRICT, WITHOUT ROWID;
    CREATE TABLE sync (id INTEGER PRIMARY KEY CHECK (id = 1), term INTEGER NOT NULL,
        acked INTEGER NOT NULL, check_ver INTEGER NOT NULL, answered INTEGER NOT NULL,
        answered_term INTEGER, ver INTEGER NOT NULL) STRICT;
    INSERT INTO sync VALUES (1, 4, 6, 6, 1, 4, 7);
"""


def test_t18_an_older_programs_file_is_brought_on_with_its_backlog(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.executescript(FIRST_FORMAT)
    with open_database(path) as db:
        state = Sync(db).state()
        assert (state.term, state.acked, state.ver, state.answered_term) == (4, 6, 7, 4)
        [row] = Stock(db).pending(state.acked, 400).rows
        assert (row.gtin, row.ver, row.zones) == ("80614141123458", 7, {"floor": 1})
        assert Ledger(db).mismatches() == []
