"""One contract, two databases: whatever `cloud.documents.interface` promises, both keep.

Firestore is its official emulator here, whose atomicity and preconditions are those of the service;
the expected values are Firestore's documented behaviour, never one side's answer.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import (
    ABSENT,
    MAX_WRITES,
    Data,
    Delete,
    Document,
    Documents,
    Put,
    Query,
)
from edge.errors import DocumentsError, PreconditionFailed
from tests.support.watching import WAIT_S, Shown

Open = Callable[[], Documents]


@pytest.fixture(params=["embedded", "firestore"])
def open_documents(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Open another client of the same, at first empty, database; all are closed in the end."""
    opened: list[Documents] = []
    connect: Callable[[], Documents]
    if request.param == "embedded":
        connect = lambda: EmbeddedDocuments(tmp_path / "documents.db", poll_s=0.02)  # noqa: E731
    else:
        from cloud.documents.firestore import connect_emulator  # noqa: PLC0415  (slow to import)

        host, project = request.getfixturevalue("emulator_project")
        connect = lambda: connect_emulator(host, project)  # noqa: E731

    def open_one() -> Documents:
        opened.append(connect())
        return opened[-1]

    yield open_one
    for documents in opened:
        documents.close()


@pytest.fixture
def documents(open_documents: Open) -> Documents:
    return open_documents()


def read(documents: Documents, path: str) -> Data:
    document = documents.get(path)
    assert document is not None
    return document.data


def ids(found: list[Document]) -> list[str]:
    return [document.id for document in found]


# ---------------------------------------------------------------- one document


def test_a_document_that_is_not_there_is_none(documents: Documents) -> None:
    assert documents.get("stores/muc-01") is None


HELD: dict[str, Data] = {
    "nothing": {},
    "plain values": {"yes": True, "no": False, "none": None, "text": "", "half": 0.5},
    "a float stays a float": {"one": 1.0},
    "the largest and smallest whole numbers": {"max": 2**63 - 1, "min": -(2**63), "js": 2**53 + 1},
    "unicode in names and values": {"größe": "Ærø 店 👕", "zone.with.dots": 1, "a`b\\c/d e": 2},
    "nested maps and lists": {"a": {"b": {"c": [1, {"d": [True, None]}, "x"]}}, "empty": [{}, ""]},
    "bytes": {"raw": bytes(range(256)), "none": b"", "deep": {"in": [b"\x00\xff"]}},
    "a datetime, to the microsecond": {"at": datetime(2026, 11, 23, 14, 0, 0, 123456, tzinfo=UTC)},
    "text that looks like a mark": {"a": '{"$bytes":"AAAA"}', "b": '{"$', "$c": {"$d": 1}},
    "a long text": {"rows": "0123456789" * 50_000},
}  # fmt: skip


@pytest.mark.parametrize("data", HELD.values(), ids=HELD)
def test_a_document_holds_what_was_put(documents: Documents, data: Data) -> None:
    documents.commit([Put("things/a", data)])
    found = read(documents, "things/a")
    assert found == data


def test_what_was_a_whole_number_or_a_float_stays_one(documents: Documents) -> None:
    documents.commit([Put("things/a", {"whole": 1, "half": 1.0, "truth": True})])
    kinds = {name: type(value) for name, value in read(documents, "things/a").items()}
    assert kinds == {"whole": int, "half": float, "truth": bool}


REFUSED: dict[str, tuple[str, Data]] = {
    "a whole number of over 64 bits": ("things/a", {"n": 2**63}),
    "a number below 64 bits": ("things/a", {"n": -(2**63) - 1}),
    "not a number": ("things/a", {"n": float("nan")}),
    "infinity": ("things/a", {"n": [float("inf")]}),
    "a list in a list": ("things/a", {"n": [[1]]}),
    "a naive datetime": ("things/a", {"n": datetime(2026, 11, 23)}),  # noqa: DTZ001
    "a set": ("things/a", {"n": {1, 2}}),
    "a name that is no text": ("things/a", {"n": {1: 2}}),
    "an empty name": ("things/a", {"": 1}),
    "a reserved name": ("things/a", {"__name__": 1}),
    "the mark of bytes as a name": ("things/a", {"a": {"$bytes": "AA=="}}),
    "half of a surrogate pair": ("things/a", {"n": "\ud83d"}),
    "half of a surrogate pair as a name": ("things/a", {"\ud83d": 1}),
    "21 maps deep": ("things/a", {"a": eval('{"a":' * 21 + "1" + "}" * 21)}),  # noqa: S307
    "over 1 MiB": ("things/a", {"a": "x" * (1 << 20)}),
    "over 1 MiB in UTF-8": ("things/a", {"a": "店" * 400_000}),
    "a collection": ("things", {}),
    "an empty id": ("things/", {}),
    "a reserved id": ("things/__a__", {}),
    "half of a surrogate pair as an id": ("things/\ud83d", {}),
    "an id of dots": ("things/..", {}),
}


@pytest.mark.parametrize(("path", "data"), REFUSED.values(), ids=REFUSED)
def test_what_a_document_cannot_hold_is_refused(
    documents: Documents, path: str, data: Data
) -> None:
    with pytest.raises(DocumentsError):
        documents.commit([Put("things/beside", {"n": 1}), Put(path, data)])
    assert documents.get("things/beside") is None


def test_a_put_replaces_the_whole_document(documents: Documents) -> None:
    documents.commit([Put("things/a", {"x": 1, "y": {"z": 2}})])
    documents.commit([Put("things/a", {"y": {"w": 3}})])
    assert read(documents, "things/a") == {"y": {"w": 3}}


def test_a_merge_replaces_the_named_fields_as_a_whole_and_leaves_the_others(
    documents: Documents,
) -> None:
    documents.commit([Put("things/a", {"x": 1, "y": {"z": 2}, "a.b": 1})])
    documents.commit([Put("things/a", {"y": {"w": 3}, "a.b": 2, "new`": b"n"}, merge=True)])
    assert read(documents, "things/a") == {"x": 1, "y": {"w": 3}, "a.b": 2, "new`": b"n"}


def test_a_merge_makes_a_document_that_is_not_there(documents: Documents) -> None:
    documents.commit([Put("things/a", {"y": {"w": 3}}, merge=True)])
    assert read(documents, "things/a") == {"y": {"w": 3}}


def test_a_deleted_document_is_gone_and_may_come_back(documents: Documents) -> None:
    documents.commit([Put("things/a", {"x": 1})])
    assert documents.commit([Delete("things/a")]) == [ABSENT]
    assert documents.get("things/a") is None
    documents.commit([Put("things/a", {"x": 2})])
    assert read(documents, "things/a") == {"x": 2}


def test_deleting_what_is_not_there_is_no_error(documents: Documents) -> None:
    assert documents.commit([Delete("things/a")]) == [ABSENT]


# ---------------------------------------------------------------- versions and preconditions


def test_a_commit_tells_the_version_that_a_reader_finds(open_documents: Open) -> None:
    writer, reader = open_documents(), open_documents()
    versions = writer.commit([Put("things/a", {"x": 1}), Put("others/b", {"x": 1})])
    found = [reader.get("things/a"), reader.get("others/b")]
    assert versions == [document and document.version for document in found]


def test_a_changed_document_has_another_version(documents: Documents) -> None:
    versions = [documents.commit([Put("things/a", {"x": x})])[0] for x in range(20)]
    assert len(set(versions)) == 20


def test_a_document_made_anew_has_another_version(documents: Documents) -> None:
    [first] = documents.commit([Put("things/a", {"x": 1})])
    documents.commit([Delete("things/a")])
    [second] = documents.commit([Put("things/a", {"x": 1})])
    assert second not in {first, ABSENT}


MET: dict[str, Callable[[str], Put | Delete]] = {
    "put over the version": lambda version: Put("things/a", {"x": 2}, expected=version),
    "merge over the version": lambda version: Put(
        "things/a", {"x": 2}, merge=True, expected=version
    ),
    "delete of the version": lambda version: Delete("things/a", expected=version),
    "put where nothing is": lambda _: Put("things/b", {"x": 2}, expected=ABSENT),
    "merge where nothing is": lambda _: Put("things/b", {"x": 2}, merge=True, expected=ABSENT),
}


@pytest.mark.parametrize("write", MET.values(), ids=MET)
def test_a_precondition_that_is_met_lets_the_write_pass(
    documents: Documents, write: Callable[[str], Put | Delete]
) -> None:
    [version] = documents.commit([Put("things/a", {"x": 1})])
    wanted = write(version)
    documents.commit([wanted])
    found = documents.get(wanted.path)
    assert (found and found.data) == (wanted.data if isinstance(wanted, Put) else None)


UNMET: dict[str, Callable[[str], Put | Delete]] = {
    "put over an old version": lambda old: Put("things/a", {"x": 3}, expected=old),
    "merge over an old version": lambda old: Put("things/a", {"x": 3}, merge=True, expected=old),
    "delete of an old version": lambda old: Delete("things/a", expected=old),
    "put over a version of what is gone": lambda old: Put("things/b", {"x": 3}, expected=old),
    "delete of a version of what is gone": lambda old: Delete("things/b", expected=old),
    "put where something is": lambda _: Put("things/a", {"x": 3}, expected=ABSENT),
    "merge where something is": lambda _: Put("things/a", {"x": 3}, merge=True, expected=ABSENT),
}


@pytest.mark.parametrize("place", [0, 2], ids=["written first", "written last"])
@pytest.mark.parametrize("write", UNMET.values(), ids=UNMET)
def test_a_precondition_that_is_not_met_stops_all_writes_of_the_commit(
    documents: Documents, write: Callable[[str], Put | Delete], place: int
) -> None:
    [old] = documents.commit([Put("things/a", {"x": 1})])
    documents.commit([Put("things/a", {"x": 2}), Put("things/kept", {"x": 2})])
    writes: list[Put | Delete] = [Put("things/new", {"x": 3}), Delete("things/kept")]
    writes.insert(place, write(old))
    with pytest.raises(PreconditionFailed):
        documents.commit(writes)
    assert {each.id: each.data for each in documents.find(Query("things"))} == {
        "a": {"x": 2},
        "kept": {"x": 2},
    }


def test_of_two_clients_with_one_version_only_one_commits(open_documents: Open) -> None:
    """The fence of the sync: see design, `stores/{store}/sync/cursor`."""
    clients = [open_documents(), open_documents()]
    [version] = clients[0].commit([Put("fence/cursor", {"applied": 0})])
    barrier, won = threading.Barrier(2), []

    def race(client: Documents, name: str) -> None:
        barrier.wait(WAIT_S)
        writes = [Put("fence/cursor", {"by": name}, expected=version), Put(f"rows/{name}", {})]
        try:
            client.commit(writes)
        except DocumentsError:  # the precondition, or on Firestore contention: both wrote nothing
            return
        won.append(name)

    threads = [
        threading.Thread(target=race, args=(client, name))
        for client, name in zip(clients, "ab", strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert len(won) <= 1
    assert [row.id for row in clients[0].find(Query("rows"))] == won


# ---------------------------------------------------------------- commits


def test_an_empty_commit_is_no_error(documents: Documents) -> None:
    assert documents.commit([]) == []


def test_the_largest_commit_is_written_as_a_whole(documents: Documents) -> None:
    writes = [Put(f"things/{n:03d}", {"n": n}) for n in range(MAX_WRITES)]
    assert len(documents.commit(writes)) == MAX_WRITES
    assert [each.data["n"] for each in documents.find(Query("things"))] == list(range(MAX_WRITES))


def test_a_larger_commit_is_refused(documents: Documents) -> None:
    with pytest.raises(DocumentsError, match="501 writes"):
        documents.commit([Put(f"things/{n}", {}) for n in range(MAX_WRITES + 1)])


def test_two_writes_to_one_document_are_refused(documents: Documents) -> None:
    with pytest.raises(DocumentsError, match="two writes to things/a"):
        documents.commit([Put("things/a", {}), Delete("things/a")])


def test_another_client_reads_what_was_committed(open_documents: Open) -> None:
    writer, reader = open_documents(), open_documents()
    for x in range(3):
        writer.commit([Put("things/a", {"x": x})])
        assert read(reader, "things/a") == {"x": x}


# ---------------------------------------------------------------- queries


STOCK: dict[str, Data] = {
    "stores/a/stock/1": {"gtin": "1", "n": 3, "up": True},
    "stores/a/stock/2": {"gtin": "2", "n": 1, "up": False},
    "stores/a/stock/3": {"gtin": "3", "n": 2, "up": None},
    "stores/a-b/stock/1": {"gtin": "1", "n": 2.5, "up": 1},
    "stores/b/stock/1": {"gtin": "1", "n": "text"},
    "stores/b/stock/2": {"gtin": "2"},
    "stores/a/other/1": {"gtin": "1", "n": 9},
    "stores/a": {"gtin": "1", "n": 9},
    "stock/1": {"gtin": "1", "n": -1},
}
A, AB, B = "stores/a/stock", "stores/a-b/stock", "stores/b/stock"
QUERIES: dict[str, tuple[Query, list[str]]] = {
    "a collection, by id": (Query(A), [f"{A}/1", f"{A}/2", f"{A}/3"]),
    "and not what lies below or beside it": (Query("stores"), ["stores/a"]),
    "a collection that is not there": (Query("stores/c/stock"), []),
    "a limit": (Query(A, limit=2), [f"{A}/1", f"{A}/2"]),
    "equal": (Query(A, equal=("gtin", "2")), [f"{A}/2"]),
    "equal to true, not to 1": (Query("stock", group=True, equal=("up", True)), [f"{A}/1"]),
    "equal to 1, not to true": (Query("stock", group=True, equal=("up", 1)), [f"{AB}/1"]),
    "equal to null, not absent": (Query("stock", group=True, equal=("up", None)), [f"{A}/3"]),
    "equal to a float": (Query("stock", group=True, equal=("n", 2.5)), [f"{AB}/1"]),
    "a whole number equals a float": (Query(A, equal=("n", 3.0)), [f"{A}/1"]),
    "a number is no text": (Query(A, equal=("gtin", 2)), []),
    "equal, and nothing is": (Query(A, equal=("none", 1)), []),
    "ordered": (Query(A, order_by="n"), [f"{A}/2", f"{A}/3", f"{A}/1"]),
    "the newest": (Query(A, order_by="n", descending=True, limit=1), [f"{A}/1"]),
    "null and bool in an order": (Query(A, order_by="up"), [f"{A}/3", f"{A}/2", f"{A}/1"]),
    "without the field, not in the order": (Query(B, order_by="n"), [f"{B}/1"]),
    "a group, by path and name by name": (
        Query("stock", group=True),
        ["stock/1", f"{A}/1", f"{A}/2", f"{A}/3", f"{AB}/1", f"{B}/1", f"{B}/2"],
    ),
    "where in the chain is a GTIN": (
        Query("stock", group=True, equal=("gtin", "1")),
        ["stock/1", f"{A}/1", f"{AB}/1", f"{B}/1"],
    ),
    "a group in an order, numbers before text": (
        Query("stock", group=True, order_by="n"),
        ["stock/1", f"{A}/2", f"{A}/3", f"{AB}/1", f"{A}/1", f"{B}/1"],
    ),
    "a group with all of it": (
        Query("stock", group=True, equal=("gtin", "1"), order_by="n", descending=True, limit=2),
        [f"{B}/1", f"{A}/1"],
    ),
}


@pytest.fixture
def stocked(documents: Documents) -> Documents:
    documents.commit([Put(path, data) for path, data in STOCK.items()])
    return documents


@pytest.mark.parametrize(("query", "paths"), QUERIES.values(), ids=QUERIES)
def test_a_query_finds_exactly_these_in_this_order(
    stocked: Documents, query: Query, paths: list[str]
) -> None:
    found = stocked.find(query)
    assert [document.path for document in found] == paths
    assert [document.data for document in found] == [STOCK[path] for path in paths]


def test_what_a_query_finds_is_what_get_gives(stocked: Documents) -> None:
    assert [stocked.get(each.path) for each in stocked.find(Query(A))] == stocked.find(Query(A))


def test_a_long_collection_is_read_page_by_page(documents: Documents) -> None:
    names = [f"{number:014d}" for number in range(25)]
    documents.commit([Put(f"stores/muc-01/stock/{name}", {"n": 1}) for name in names])
    documents.commit([Put("stores/muc-02/stock/0", {"n": 1}), Put("stores/muc-01/x/0", {"n": 1})])
    seen: list[str] = []
    pages = 0
    while page := documents.find(
        Query("stores/muc-01/stock", limit=10, after=seen[-1] if seen else None)
    ):
        seen += ids(page)
        pages += 1
    assert (seen, pages) == (names, 3)


def test_a_page_begins_behind_an_id_that_is_gone(documents: Documents) -> None:
    documents.commit([Put(f"stores/a/stock/{name}", {}) for name in ("1", "2", "3")])
    documents.commit([Delete("stores/a/stock/2")])
    assert ids(documents.find(Query("stores/a/stock", after="2"))) == ["3"]


def test_documents_of_one_value_are_paged_too(documents: Documents) -> None:
    documents.commit([Put(f"stores/a/stock/{n}", {"shard": n % 2}) for n in range(6)])
    query = Query("stores/a/stock", equal=("shard", 1), after="1", limit=1)
    assert ids(documents.find(query)) == ["3"]


def test_a_query_by_a_field_follows_the_field(stocked: Documents) -> None:
    stocked.commit([Put(f"{A}/1", {"gtin": "7"}), Put(f"{B}/1", {}, merge=False)])
    query = Query("stock", group=True, equal=("gtin", "1"))
    assert [each.path for each in stocked.find(query)] == ["stock/1", f"{AB}/1"]


NO_QUERIES = {
    "a document": Query("stores/a"),
    "a group by path": Query("stores/a/stock", group=True),
    "a field with a dot": Query(A, order_by="a.b"),
    "a field with a quote": Query(A, equal=('a"b', 1)),
    "a list": Query(A, equal=("a", [1])),
    "a descending order of paths": Query(A, descending=True),
    "a limit of nothing": Query(A, limit=0),
    "a page of a group": Query("stock", group=True, after="1"),
    "a page in another order": Query(A, order_by="a", after="1"),
}


@pytest.mark.parametrize("query", NO_QUERIES.values(), ids=NO_QUERIES)
def test_what_is_no_query_is_refused(documents: Documents, query: Query) -> None:
    with pytest.raises(DocumentsError):
        documents.find(query)


# ---------------------------------------------------------------- watches


ALL = Query("things", limit=100)


def test_a_watch_shows_the_whole_result_at_once(documents: Documents) -> None:
    documents.commit([Put("things/b", {"x": 2}), Put("things/a", {"x": 1}), Put("others/c", {})])
    with Shown(documents, ALL) as shown:
        assert shown.next() == documents.find(ALL)


def test_a_watch_shows_that_nothing_is_there(documents: Documents) -> None:
    with Shown(documents, ALL) as shown:
        assert shown.next() == []


CHANGES: dict[str, tuple[Put | Delete, dict[str, Data]]] = {
    "a new document": (Put("things/b", {"x": 2}), {"a": {"x": 1}, "b": {"x": 2}}),
    "a changed one": (Put("things/a", {"x": 2}), {"a": {"x": 2}}),
    "a merged one": (Put("things/a", {"y": 2}, merge=True), {"a": {"x": 1, "y": 2}}),
    "a deleted one": (Delete("things/a"), {}),
}


@pytest.mark.parametrize("writer", [0, 1], ids=["of its own client", "of another client"])
@pytest.mark.parametrize(("write", "result"), CHANGES.values(), ids=CHANGES)
def test_a_watch_shows_a_change(
    open_documents: Open, write: Put | Delete, result: dict[str, Data], writer: int
) -> None:
    clients = [open_documents(), open_documents()]
    clients[writer].commit([Put("things/a", {"x": 1})])
    with Shown(clients[0], ALL) as shown:
        shown.next()
        clients[writer].commit([write])
        assert {each.id: each.data for each in shown.next()} == result


def test_a_watch_keeps_the_newest_in_order(documents: Documents) -> None:
    query = Query("changes", order_by="order", descending=True, limit=3)
    with Shown(documents, query) as shown:
        for order in range(6):
            documents.commit([Put(f"changes/{order * 7 % 10}", {"order": order})])
        newest = shown.until(lambda found: [each.data["order"] for each in found] == [5, 4, 3])
    assert newest == documents.find(query)


def test_a_watch_fills_up_after_a_delete(documents: Documents) -> None:
    documents.commit([Put(f"things/{n}", {"n": n}) for n in range(4)])
    with Shown(documents, Query("things", order_by="n", limit=2)) as shown:
        assert ids(shown.next()) == ["0", "1"]
        documents.commit([Delete("things/0")])
        assert ids(shown.next()) == ["1", "2"]


def test_a_watch_of_a_group_and_a_value_shows_what_joins_and_leaves(stocked: Documents) -> None:
    query = Query("stock", group=True, equal=("gtin", "2"), limit=10)
    with Shown(stocked, query) as shown:
        assert [each.path for each in shown.next()] == [f"{A}/2", f"{B}/2"]
        stocked.commit([Put(f"{AB}/9", {"gtin": "2"}), Put(f"{A}/2", {"gtin": "x"})])
        assert [each.path for each in shown.next()] == [f"{AB}/9", f"{B}/2"]


def test_a_watch_never_shows_half_a_commit(open_documents: Open) -> None:
    writer, watcher = open_documents(), open_documents()
    paths = [f"things/{n}" for n in range(20)]
    with Shown(watcher, ALL) as shown:
        shown.next()
        for x in range(10):
            writer.commit([Put(path, {"x": x}) for path in paths])
        values: set[int] = set()
        while values != {9}:
            values = {each.data["x"] for each in shown.next()}
            assert len(values) == 1


def test_a_watch_does_not_show_the_same_twice(documents: Documents) -> None:
    with Shown(documents, Query("things", order_by="n", limit=1)) as shown:
        documents.commit([Put("things/a", {"n": 1})])
        shown.until(lambda found: ids(found) == ["a"])
        documents.commit([Put("things/b", {"n": 2})])  # beyond the limit: the result is the same
        documents.commit([Put("things/c", {"n": 0})])
        assert ids(shown.next()) == ["c"]


def test_a_closed_watch_is_silent(documents: Documents) -> None:
    with Shown(documents, ALL) as closed, Shown(documents, ALL) as open_one:
        closed.next()
        open_one.next()
        closed.close()
        documents.commit([Put("things/a", {})])
        open_one.next()
    assert closed.results.empty()
    assert closed.failures.empty()


def test_an_error_of_the_watcher_ends_its_watch_and_is_told(documents: Documents) -> None:
    told: list[Exception] = []
    ended = threading.Event()
    error = ValueError("the watcher's own")

    def changed(_: list[Document]) -> None:
        raise error

    def failed(found: Exception) -> None:
        told.append(found)
        ended.set()

    documents.watch(ALL, changed, failed)
    assert ended.wait(WAIT_S)
    assert told == [error]


@pytest.mark.parametrize("limit", [None, 1001])
def test_a_watch_without_bound_is_refused(documents: Documents, limit: int | None) -> None:
    with pytest.raises(DocumentsError, match="needs a limit"):
        documents.watch(Query("things", limit=limit), lambda _: None, lambda _: None)


# ---------------------------------------------------------------- the end


def test_a_closed_database_raises_and_its_watches_are_silent(open_documents: Open) -> None:
    documents, other = open_documents(), open_documents()
    shown = Shown(documents, ALL)
    with shown:
        shown.next()
        documents.close()
        other.commit([Put("things/a", {})])
    with pytest.raises(DocumentsError):
        documents.get("things/a")
    with pytest.raises(DocumentsError):
        documents.commit([Put("things/b", {})])
    assert shown.results.empty()
    assert shown.failures.empty()


def test_closing_twice_is_no_error(open_documents: Open) -> None:
    documents = open_documents()
    documents.close()
    documents.close()


def test_the_description_names_the_database(documents: Documents) -> None:
    assert any(word in documents.description for word in ("SQLite", "Firestore"))
