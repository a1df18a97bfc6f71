"""What the SQLite file adds to the contract: processes, the disk, age, and bounds."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cloud.documents import embedded, polling
from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import EXPIRES_AT, Delete, Document, Put, Query
from edge.errors import DocumentsError
from tests.support.watching import WAIT_S, Shown

ALL = Query("things", limit=100)
NOW_S = 1_800_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "documents.db"


@pytest.fixture
def documents(path: Path) -> Iterator[EmbeddedDocuments]:
    opened = EmbeddedDocuments(path, poll_s=0.02)
    yield opened
    opened.close()


# ---------------------------------------------------------------- processes

COMMIT = """
import sys
from pathlib import Path
from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import Put
documents = EmbeddedDocuments(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    documents.commit([Put(f"things/{sys.argv[2]}-{n}", {"n": n}), Put("last/one", {"n": n})])
documents.close()
"""


def committing(path: Path, name: str, times: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", COMMIT, str(path), name, str(times)]
    return subprocess.Popen(command)


def test_a_watch_shows_what_another_process_commits(
    path: Path, documents: EmbeddedDocuments
) -> None:
    with Shown(documents, ALL) as shown:
        assert shown.next() == []
        with committing(path, "other", 1) as process:
            assert [each.id for each in shown.next()] == ["other-0"]
            assert process.wait(WAIT_S) == 0


def test_processes_that_open_and_write_a_new_file_at_once_lose_nothing(path: Path) -> None:
    processes = [committing(path, name, 20) for name in "abcd"]
    assert [process.wait(WAIT_S * 3) for process in processes] == [0, 0, 0, 0]
    documents = EmbeddedDocuments(path)
    found = documents.find(Query("things"))
    documents.close()
    assert {each.id for each in found} == {f"{name}-{n}" for name in "abcd" for n in range(20)}
    assert len({each.version for each in found}) == 80


def test_a_new_file_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    def open_and_close(path: Path, barrier: threading.Barrier) -> None:
        barrier.wait(WAIT_S)
        EmbeddedDocuments(path).close()

    with ThreadPoolExecutor(8) as pool:
        for n in range(20):
            barrier = threading.Barrier(8)
            path = tmp_path / f"{n}.db"
            opened = [pool.submit(open_and_close, path, barrier) for _ in range(8)]
            assert [each.result(WAIT_S) for each in opened] == [None] * 8


def test_a_file_keeps_its_documents_when_it_is_opened_again(path: Path) -> None:
    first = EmbeddedDocuments(path)
    [version] = first.commit([Put("things/a", {"x": 1})])
    first.close()
    second = EmbeddedDocuments(path)
    found = second.get("things/a")
    second.close()
    assert found == Document("things/a", {"x": 1}, version)


def test_a_commit_that_another_process_holds_up_for_too_long_writes_nothing(
    path: Path, documents: EmbeddedDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "TIMEOUT_S", 0.05)
    impatient = EmbeddedDocuments(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DocumentsError, match="locked"):
        impatient.commit([Put("things/a", {})])
    assert impatient.get("things/a") is None, "readers do not wait for a writer"
    holder.execute("ROLLBACK")
    holder.close()
    impatient.commit([Put("things/a", {})])
    assert documents.get("things/a") is not None
    impatient.close()


# ---------------------------------------------------------------- the file

WRONG_FILES = {
    "no database": (b"this is no database, whatever its name says" * 100, "not a database"),
    "a later format": (None, "format 2, this program knows 1"),
}


@pytest.mark.parametrize(("content", "told"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_file_that_cannot_be_used_is_refused_and_left_as_it_is(
    path: Path, content: bytes | None, told: str
) -> None:
    if content is None:
        later = sqlite3.connect(path)
        later.execute("PRAGMA user_version = 2")
        later.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(DocumentsError, match=told):
        EmbeddedDocuments(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentsError, match="unable to open"):
        EmbeddedDocuments(tmp_path / "none" / "documents.db")


def test_a_full_disk_is_told_writes_nothing_and_can_be_overcome(
    documents: EmbeddedDocuments,
) -> None:
    documents.commit([Put("things/a", {"x": 1})])
    pages = "PRAGMA max_page_count = {}"
    with documents._writer.use() as db:  # noqa: SLF001 - SQLite itself plays the full disk
        db.execute(pages.format(db.execute("PRAGMA page_count").fetchone()[0]))
    with pytest.raises(DocumentsError, match="full"):
        documents.commit([Put(f"things/{n}", {"x": "y" * 10_000}) for n in range(20)])
    assert [each.id for each in documents.find(ALL)] == ["a"]
    with documents._writer.use() as db:  # noqa: SLF001
        db.execute(pages.format(1_000_000))
    documents.commit([Put("things/b", {})])
    assert [each.id for each in documents.find(ALL)] == ["a", "b"]


def test_a_body_can_be_read_in_any_sqlite_shell(path: Path, documents: EmbeddedDocuments) -> None:
    documents.commit([Put("stores/a/stock/1", {"zones": {"floor": 2}, "raw": b"\x00"})])
    shell = sqlite3.connect(path)
    row = shell.execute("SELECT body ->> '$.zones.floor', body ->> '$.raw' FROM documents")
    assert row.fetchall() == [(2, '{"$bytes":"AA=="}')]
    shell.close()


# ---------------------------------------------------------------- age


class Seconds:
    def __init__(self) -> None:
        self.now = NOW_S

    def __call__(self) -> float:
        return self.now


def expiring(name: str, in_s: float) -> Put:
    at = datetime.fromtimestamp(NOW_S, UTC) + timedelta(seconds=in_s)
    return Put(f"things/{name}", {EXPIRES_AT: at})


def test_what_has_expired_is_deleted_with_a_later_commit_and_watches_see_it(path: Path) -> None:
    seconds = Seconds()
    documents = EmbeddedDocuments(path, poll_s=0.02, utc_s=seconds)
    documents.commit([expiring("soon", 5), expiring("later", 1e6), Put("things/never", {})])
    with Shown(documents, ALL) as shown:
        assert len(shown.next()) == 3
        seconds.now += embedded.PURGE_EVERY_S + 1
        documents.commit([Put("others/a", {})])
        assert [each.id for each in shown.next()] == ["later", "never"]
    documents.close()


def test_a_document_whose_expiry_was_put_off_stays(path: Path) -> None:
    seconds = Seconds()
    documents = EmbeddedDocuments(path, utc_s=seconds)
    documents.commit([expiring("a", 5), expiring("b", 5)])
    documents.commit([Put("things/a", {}), expiring("b", 1e6)])
    seconds.now += embedded.PURGE_EVERY_S + 1
    documents.commit([Put("others/a", {})])
    assert [each.id for each in documents.find(ALL)] == ["a", "b"]
    documents.close()


def test_a_great_age_is_cleared_a_bounded_number_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "PURGE_AT_ONCE", 3)
    seconds = Seconds()
    documents = EmbeddedDocuments(path, utc_s=seconds)
    documents.commit([expiring(str(n), 5) for n in range(7)])
    seconds.now += 3600
    left = []
    for n in range(4):
        documents.commit([Put(f"others/{n}", {})])
        left.append(len(documents.find(ALL)))
    documents.close()
    assert left == [4, 1, 0, 0]


# ---------------------------------------------------------------- speed that rests on an index


@pytest.mark.parametrize(
    "query",
    [
        Query("stores/a/stock"),
        Query("stock", group=True, equal=("gtin", "x")),
        Query("stores/a/changes", order_by="order", descending=True, limit=50),
    ],
    ids=["a store's stock", "where is a GTIN", "the newest changes"],
)
def test_what_the_product_asks_is_never_a_scan(documents: EmbeddedDocuments, query: Query) -> None:
    text, parameters = embedded._select(query)  # noqa: SLF001 - SQLite's own word on our SQL
    with documents._reader.use() as db:  # noqa: SLF001
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", parameters)]
    assert plan[0].startswith("SEARCH"), plan


# ---------------------------------------------------------------- bounds


def test_a_query_that_finds_too_much_is_told_to_set_a_limit(
    documents: EmbeddedDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "MAX_FOUND", 5)
    documents.commit([Put(f"things/{n}", {}) for n in range(6)])
    with pytest.raises(DocumentsError, match="more than 5"):
        documents.find(Query("things"))
    documents.commit([Delete("things/0")])
    assert len(documents.find(Query("things"))) == 5


def test_the_number_of_watches_is_bounded_and_closed_ones_do_not_count(
    documents: EmbeddedDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "MAX_WATCHES", 2)
    with Shown(documents, ALL) as first, Shown(documents, ALL):
        with pytest.raises(DocumentsError, match="2 watches"):
            documents.watch(ALL, print, print)
        first.close()
        with Shown(documents, ALL) as third:
            assert third.next() == []


def test_a_watch_of_a_file_that_breaks_is_told(path: Path, documents: EmbeddedDocuments) -> None:
    with Shown(documents, ALL) as shown:
        shown.next()
        other = sqlite3.connect(path)
        other.execute("DROP TABLE commits")
        other.close()
        assert isinstance(shown.failures.get(timeout=WAIT_S), DocumentsError)


def test_who_cannot_even_be_told_of_a_failure_stops_no_other_watch(
    documents: EmbeddedDocuments, caplog: pytest.LogCaptureFixture
) -> None:
    called = threading.Event()

    def broken(_: object) -> None:
        called.set()
        raise ValueError("broken on purpose")

    documents.watch(ALL, broken, broken)
    with Shown(documents, ALL) as shown:
        shown.next()
        assert called.wait(WAIT_S)
        documents.commit([Put("things/a", {})])
        assert [each.id for each in shown.next()] == ["a"]
    assert "could not be told" in caplog.text
