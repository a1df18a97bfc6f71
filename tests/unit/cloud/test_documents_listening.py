"""Firestore's `Listen`, by the protocol's own description (google/firestore/v1/firestore.proto)."""

import queue
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import grpc
import pytest
from google.cloud.firestore_v1.types import firestore as types

from cloud.documents.interface import Document, Put, Query
from cloud.documents.listening import Call, Listener
from cloud.documents.values import Buffer, write_buffer
from edge.errors import DocumentsError

ROOT = "projects/demo-x/databases/(default)/documents"
QUERY = Query("things", order_by="n", limit=10)
WAIT_S = 10.0


class Cancelled(grpc.RpcError):  # type: ignore[misc]
    def details(self) -> str:
        return "cancelled"


class Stream:
    """A call whose answers a test gives; as gRPC, it reads the requests in a thread of its own."""

    def __init__(self, requests: Iterator[Buffer]) -> None:
        self.request = types.ListenRequest.pb(next(requests))
        self._answers: queue.Queue[types.ListenResponse | Exception | None] = queue.Queue()
        self._reader = threading.Thread(target=lambda: list(requests))
        self._reader.start()

    def answer(self, *answers: types.ListenResponse | Exception | None) -> None:
        for answer in answers:
            self._answers.put(answer)

    def cancel(self) -> None:
        self._answers.put(Cancelled())

    def __iter__(self) -> Iterator[types.ListenResponse]:
        while (answer := self._answers.get(timeout=WAIT_S)) is not None:
            if isinstance(answer, Exception):
                raise answer
            yield answer

    def join(self) -> None:
        self._reader.join(WAIT_S)
        assert not self._reader.is_alive()


class Watched:
    def __init__(self, query: Query = QUERY, silence_s: float = WAIT_S) -> None:
        self.shown: queue.Queue[list[Document]] = queue.Queue()
        self.failed: queue.Queue[Exception] = queue.Queue()
        self.listener = Listener(query, ROOT, self.shown.put, self.failed.put, silence_s=silence_s)
        self.listener.start(self._open)

    def _open(self, requests: Iterator[Buffer]) -> Call:
        self.stream = Stream(requests)
        return self.stream

    def next(self) -> list[tuple[str, object]]:
        return [(each.path, each.data.get("n")) for each in self.shown.get(timeout=WAIT_S)]

    def error(self) -> Exception:
        return self.failed.get(timeout=WAIT_S)

    def end(self) -> None:
        self.listener.close()
        self.listener.join()
        self.stream.join()


@pytest.fixture
def watched() -> Iterator[Watched]:
    found = Watched()
    yield found
    found.end()


def wrapped(answer: Buffer) -> types.ListenResponse:
    found: types.ListenResponse = types.ListenResponse.wrap(answer)
    return found


def changed(name: str, n: object, at: int = 1) -> types.ListenResponse:
    document = write_buffer(Put(name, {"n": n}), ROOT).update
    document.update_time.seconds = at
    answer = types.ListenResponse.pb()()
    answer.document_change.document.CopyFrom(document)
    answer.document_change.target_ids.append(1)
    return wrapped(answer)


def left(name: str) -> types.ListenResponse:
    answer = types.ListenResponse.pb(changed(name, 0))
    del answer.document_change.target_ids[:]
    answer.document_change.removed_target_ids.append(1)
    return wrapped(answer)


def turn(kind: str, targets: tuple[int, ...] = (1,)) -> types.ListenResponse:
    change = types.TargetChange(target_change_type=kind, target_ids=targets)
    return types.ListenResponse(target_change=change)


ADDED, CURRENT, RESET = turn("ADD"), turn("CURRENT"), turn("RESET")
CONSISTENT = turn("NO_CHANGE", ())
GONE = types.ListenResponse(document_delete={"document": f"{ROOT}/things/a"})
OUT = types.ListenResponse(document_remove={"document": f"{ROOT}/things/a"})
FIRST = (ADDED, changed("things/a", 2), changed("things/b", 1), CURRENT, CONSISTENT)


def test_the_query_is_asked_for_below_its_parent() -> None:
    watched = Watched(Query("stores/a/changes", order_by="order", descending=True, limit=50))
    request = watched.stream.request
    watched.end()
    assert request.database == "projects/demo-x/databases/(default)"
    assert request.add_target.query.parent == f"{ROOT}/stores/a"
    asked = request.add_target.query.structured_query
    assert [each.collection_id for each in asked.from_] == ["changes"]
    assert asked.limit.value == 50
    assert [(each.field.field_path, each.direction) for each in asked.order_by] == [
        ("order", 2),
        ("__name__", 2),
    ]


def test_nothing_is_shown_before_the_result_is_consistent(watched: Watched) -> None:
    watched.stream.answer(ADDED, CONSISTENT, changed("things/a", 2), CONSISTENT, CURRENT)
    watched.stream.answer(changed("things/b", 1), CONSISTENT)
    assert watched.next() == [("things/b", 1), ("things/a", 2)]
    assert watched.shown.empty()


CHANGES = {
    "a changed document": (changed("things/a", 0, at=2), [("things/a", 0), ("things/b", 1)]),
    "a deleted one": (GONE, [("things/b", 1)]),
    "one that the server no longer shows": (OUT, [("things/b", 1)]),
    "one that left the query": (left("things/a"), [("things/b", 1)]),
}


@pytest.mark.parametrize(("answer", "result"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_folded_into_the_result(
    watched: Watched, answer: types.ListenResponse, result: list[tuple[str, object]]
) -> None:
    watched.stream.answer(*FIRST)
    watched.next()
    watched.stream.answer(answer, CONSISTENT)
    assert watched.next() == result


def test_a_reset_forgets_what_was_and_shows_nothing_until_it_is_consistent_again(
    watched: Watched,
) -> None:
    watched.stream.answer(*FIRST)
    watched.next()
    watched.stream.answer(RESET, CONSISTENT, changed("things/c", 5, at=3), CURRENT, CONSISTENT)
    assert watched.next() == [("things/c", 5)]


def test_the_same_result_is_not_shown_twice(watched: Watched) -> None:
    watched.stream.answer(*FIRST, CONSISTENT, RESET, *FIRST, changed("things/c", 9), CONSISTENT)
    assert [len(watched.next()), len(watched.next())] == [2, 3]


def test_a_change_of_one_target_only_is_no_consistent_moment(watched: Watched) -> None:
    watched.stream.answer(*FIRST, changed("things/c", 0), turn("NO_CHANGE"))
    watched.stream.answer(changed("things/d", 0), CONSISTENT)
    assert [len(watched.next()), len(watched.next())] == [2, 4]


IN_ORDER: dict[str, list[object]] = {
    "null, truth, numbers, times, text, bytes": [
        None,
        False,
        True,
        -1.5,
        0,
        2,
        datetime(2026, 1, 1, tzinfo=UTC),
        "",
        "Z",
        "a",
        b"",
        b"a",
    ],
    "whole numbers among floats": [-1, 0.5, 1, 1.5],
    "text by code points": ["a", "aa", "b", "ä", "店", "👕"],
}


@pytest.mark.parametrize("values", IN_ORDER.values(), ids=IN_ORDER)
def test_the_result_is_in_the_order_of_firestore(watched: Watched, values: list[object]) -> None:
    """The order of types and values: firebase.google.com/docs/firestore/manage-data/data-types."""
    backwards = list(reversed(list(enumerate(values))))
    watched.stream.answer(*(changed(f"things/{99 - i}", value) for i, value in backwards))
    watched.stream.answer(CURRENT, CONSISTENT)
    assert [value for _, value in watched.next()] == values


def refused() -> types.ListenResponse:
    change = types.TargetChange(target_change_type="REMOVE", cause={"code": 7, "message": "no!"})
    return types.ListenResponse(target_change=change)


ENDS: dict[str, tuple[Callable[[], types.ListenResponse | Exception | None], str]] = {
    "the target is refused": (refused, "refused: no!"),
    "the count does not add up": (
        lambda: types.ListenResponse(filter={"target_id": 1, "count": 7}),
        "2 documents, Firestore counts 7",
    ),
    "the stream breaks": (Cancelled, "cancelled"),
    "the stream ends": (lambda: None, "ended the stream"),
}


@pytest.mark.parametrize(("end", "told"), ENDS.values(), ids=ENDS)
def test_every_end_of_the_stream_is_told_once(
    watched: Watched, end: Callable[[], types.ListenResponse | Exception | None], told: str
) -> None:
    watched.stream.answer(*FIRST)
    watched.next()
    watched.stream.answer(end())
    error = watched.error()
    assert isinstance(error, DocumentsError)
    assert told in str(error)
    watched.end()
    assert watched.failed.empty()


def test_a_count_that_adds_up_is_no_news(watched: Watched) -> None:
    watched.stream.answer(*FIRST, types.ListenResponse(filter={"target_id": 1, "count": 2}))
    watched.stream.answer(changed("things/c", 0), CONSISTENT)
    assert [len(watched.next()), len(watched.next())] == [2, 3]


def test_a_stream_that_falls_silent_is_taken_for_dead() -> None:
    watched = Watched(silence_s=0.05)
    watched.stream.answer(*FIRST)
    watched.next()
    assert "silent" in str(watched.error())
    watched.end()


def test_a_closed_watch_tells_nothing(watched: Watched) -> None:
    watched.stream.answer(*FIRST)
    watched.next()
    watched.end()
    assert watched.failed.empty()
