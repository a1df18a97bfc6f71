"""What gateways of others lost or doubled in their own files: cases T3 to T18 and T41.

Each case has the name of what went wrong elsewhere; tests/README.md says where.
"""

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from edge.engine.changes import Changes
from edge.epc import encode_sgtin96
from edge.errors import StorageError
from edge.recorder import RETRY_S
from edge.storage.database import open_database
from edge.storage.events import Events
from edge.storage.ledger import Ledger
from edge.storage.stock import Stock
from edge.storage.strays import Strays
from edge.storage.sync import Sync
from tests.support.recorded_store import GTIN, RecordedStore
from tests.support.storage import arrived, fill_pending, moved

ROOT = Path(__file__).resolve().parents[2]
DAY_S = 86_400.0
CONFIG = """\
[store]
id = "muc-01"
[storage]
path = "{path}"
[mqtt]
host = "127.0.0.1"
port = 1
[[readers]]
name = "r"
protocol = "llrp"
host = "127.0.0.1"
port = 1
antennas = [{{ port = 1, zone = "floor" }}]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[RecordedStore]:
    one = RecordedStore(path)
    one.db.execute("PRAGMA busy_timeout = 0")
    yield one
    one.db.close()


@pytest.fixture
def other(path: Path, store: RecordedStore) -> Iterator[sqlite3.Connection]:  # noqa: ARG001  (makes the file)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def test_t03_on_a_full_disk_nothing_is_accepted_an_alarm_stands_and_nothing_is_lost_after(
    store: RecordedStore,
) -> None:
    [(pages,)] = store.db.rows("PRAGMA page_count")
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    seen: list[tuple[int, bool]] = []
    store.run(
        lambda: store.read(*range(3000)),
        lambda: seen.append((store.commits, "storage" in store.health.alarms())),
        lambda: store.read(*range(3000, 3100)),
        lambda: store.db.execute("PRAGMA max_page_count = 1000000"),
        lambda: store.clock.advance(RETRY_S),
    )
    assert seen == [(0, True)]
    assert store.counts() == {"floor": 3100}
    assert store.health.alarms() == {}


def test_t04_a_backup_that_holds_the_file_for_a_minute_loses_nothing(
    store: RecordedStore, other: sqlite3.Connection
) -> None:
    store.run(
        lambda: other.execute("BEGIN IMMEDIATE"),
        *[lambda first=first: store.read(*range(first, first + 10)) for first in range(0, 600, 10)],
        lambda: other.execute("ROLLBACK"),
        lambda: store.clock.advance(RETRY_S),
    )
    assert store.counts() == {"floor": 600}


def test_t04_whoever_reads_for_a_minute_stops_nobody(
    store: RecordedStore, other: sqlite3.Connection
) -> None:
    other.execute("BEGIN")
    assert other.execute("SELECT count(*) FROM items").fetchone() == (0,)
    store.run(*[lambda serial=serial: store.read(serial) for serial in range(60)])
    assert store.counts() == {"floor": 60}
    assert other.execute("SELECT count(*) FROM items").fetchone() == (0,)


def test_t05_one_malformed_tag_among_good_ones_takes_none_of_them_with_it(
    store: RecordedStore,
) -> None:
    good = [encode_sgtin96(GTIN, serial, 7) for serial in range(20)]
    bad = [b"", b"\x30", bytes(12), b"\xff" * 12, b"\x30" * 62]
    store.run(lambda: store.read_epcs(*good[:10], *bad, *good[10:]), lambda: None)
    assert store.counts() == {"floor": 20}
    assert {stray.epc for stray in Strays(store.db).newest(10)} == set(bad)


def test_t06_two_tags_in_the_same_microsecond_are_both_counted(store: RecordedStore) -> None:
    store.run(lambda: store.read(1, 2), lambda: None)
    assert store.counts() == {"floor": 2}


def test_t10_whatever_fails_ten_times_is_not_discarded(
    store: RecordedStore, other: sqlite3.Connection
) -> None:
    def fail_again() -> None:
        store.clock.advance(RETRY_S)

    store.run(
        lambda: other.execute("BEGIN IMMEDIATE"),
        lambda: store.read(1, 2, 3),
        *[fail_again] * 10,
        lambda: store.read(1, antenna_port=2),
        lambda: other.execute("ROLLBACK"),
        fail_again,
    )
    assert sum(store.counts().values()) == 3


def test_t12_a_backlog_of_eight_days_is_still_there(path: Path) -> None:
    with open_database(path) as db:
        Sync(db).begin()
        Ledger(db).record(arrived(1))
        before = Stock(db).pending(0, 400)
    for _ in range(8):
        late = RecordedStore(path)
        Sync(late.db).begin()
        late.run(partial(late.clock.advance, DAY_S))
        late.db.close()
    with open_database(path) as db:
        assert Stock(db).pending(Sync(db).acked(), 400) == before


WRONG_CLOCKS = {"ten days ahead": 10 * DAY_S, "ten days behind": -10 * DAY_S, "1970": -1.8e9}


@pytest.mark.parametrize("wrong_s", WRONG_CLOCKS.values(), ids=WRONG_CLOCKS)
def test_t13_a_stepped_wall_clock_loses_and_merges_nothing(
    wrong_s: float, store: RecordedStore
) -> None:
    def step() -> None:
        store.clock.step_utc(wrong_s)

    store.run(
        lambda: store.read(1, 2),
        step,
        lambda: store.read(3),
        lambda: store.read(1, 2, 3, antenna_port=2),
    )
    assert sum(store.counts().values()) == 3
    assert [row.ver for row in store.rows()] == [Sync(store.db).state().ver]


def test_t13_a_life_whose_clock_was_ten_days_ahead_leaves_nothing_that_holds_up_the_next(
    path: Path,
) -> None:
    ahead = RecordedStore(path, wrong_s=10 * DAY_S)
    ahead.run(*[lambda: ahead.read(1, 2, 7)] * 20)
    ahead.db.close()
    right = RecordedStore(path)
    right.run(*[lambda: right.read(1, 2, 3)] * 90)
    [row] = right.rows()
    right.db.close()
    assert (row.zones, row.missing) == ({"floor": 3}, 1)


@pytest.mark.parametrize("obstacle", ["a folder", "no folder"])
def test_t15_a_file_that_cannot_be_opened_is_refused_and_nothing_counts_in_memory(
    obstacle: str, tmp_path: Path
) -> None:
    path = tmp_path / "data" / "store.db"
    if obstacle == "a folder":
        path.mkdir(parents=True)
    config = tmp_path / "store.toml"
    config.write_text(CONFIG.format(path=path), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "edge.cli", "run", "--config", str(config)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == StorageError.exit_code
    assert str(path) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_t16_a_file_whose_rows_are_all_acknowledged_does_not_grow(path: Path) -> None:
    with open_database(path) as db:
        events, sizes = Events(db, kept=200), []
        Ledger(db).record(arrived(*range(100)))
        for round_ in range(30):
            zone, from_zone = ("back", "floor") if round_ % 2 == 0 else ("floor", "back")
            changes = moved(*range(100), zone=zone, from_zone=from_zone)
            Ledger(db).record(changes)
            events.add([])
            Sync(db).set_acked(Sync(db).state().ver)
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            sizes.append(path.stat().st_size)
        assert Stock(db).totals().pending == 0
    assert sizes[-1] <= sizes[10]


BACKLOG = """
import sys, time
from pathlib import Path
from edge.storage.damage import open_or_replace
from edge.storage.stock import Stock
from edge.storage.sync import Sync

began_s = time.monotonic()
db = open_or_replace(Path(sys.argv[1]), 0)
state = Sync(db).begin()
first = Stock(db).pending(state.acked, 400).rows
took_s = time.monotonic() - began_s
middle = Stock(db).pending(state.ver // 2, 400).rows
# VmHWM is this program's own peak; ru_maxrss begins at that of the process that has forked it.
peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print(len(first), len(middle), Stock(db).totals().pending, took_s, peak)
"""


def _start_with(path: Path, rows: int) -> tuple[float, int]:
    """Have a program open a file with so many pending rows; give its s and KiB at most."""
    fill_pending(path, rows)
    ended = subprocess.run(
        [sys.executable, "-c", BACKLOG, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    first, middle, pending, seconds, kibibytes = ended.stdout.split()
    assert (int(first), int(middle), int(pending)) == (400, 400, rows)
    return float(seconds), int(kibibytes)


def test_t17_with_a_backlog_of_a_million_the_start_is_quick_and_small(tmp_path: Path) -> None:
    _, few = _start_with(tmp_path / "few.db", 1000)
    seconds, many = _start_with(tmp_path / "many.db", 1_000_000)
    assert seconds < 5
    assert many - few < 40 * 1024


def test_t41_what_was_deleted_stays_deleted_and_no_transaction_stays_open(path: Path) -> None:
    with open_database(path) as db:
        Ledger(db).record(arrived(*range(10)))
        Events(db, kept=3).add([])
        Strays(db).add([])
        Ledger(db).record(Changes(at_us=None))
        assert not db.conn.in_transaction
    with open_database(path) as db:
        assert [event.serial for event in Events(db).newest(10)] == ["9", "8", "7"]


def test_t41_a_write_that_failed_leaves_no_transaction_that_swallows_the_next(path: Path) -> None:
    with open_database(path) as db:
        with pytest.raises(StorageError):
            Ledger(db).record(moved(1, zone="back"))
        assert not db.conn.in_transaction
        Ledger(db).record(arrived(1))
    with open_database(path) as db:
        assert Stock(db).totals().present == 1
