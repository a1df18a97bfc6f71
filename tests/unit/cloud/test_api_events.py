"""Server-sent events: what comes in which order, heartbeats, and how streams end."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message

from cloud.api import streams
from cloud.api.streams import EventStream, stores_events
from cloud.documents import paths
from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import Delete
from cloud.live.feed import Patience
from cloud.live.hub import Live
from edge.clock import SystemClock
from edge.errors import DocumentsError
from tests.support.head_office import QUICK, RunningWeb, StoreWriter
from tests.support.scripted_documents import ScriptedDocuments
from tests.support.sync import eventually

SHIRT = "04012345678901"


@dataclass(frozen=True)
class Told:
    name: str
    event_id: str
    data: dict[str, Any]


def parse(lines: Iterator[str]) -> Iterator[Told]:
    """Read events as a browser does: fields up to an empty line."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        yield Told(fields["event"], fields.get("id", ""), json.loads(fields["data"]))
        fields = {}


@contextmanager
def listening(web: RunningWeb, path: str) -> Iterator[Iterator[Told]]:
    with httpx.stream("GET", web.url + path, timeout=20) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        yield parse(answer.iter_lines())


def until(told: Iterator[Told], name: str) -> Told:
    return next(event for event in told if event.name == name)


@pytest.fixture
def documents(tmp_path: Path) -> Iterator[EmbeddedDocuments]:
    documents = EmbeddedDocuments(tmp_path / "documents.db", poll_s=0.02)
    yield documents
    documents.close()


@pytest.fixture
def munich(documents: EmbeddedDocuments) -> StoreWriter:
    store = StoreWriter(documents, "muc-01")
    store.status("Munich")
    store.count({SHIRT: {"floor": 4}})
    return store


@pytest.fixture
def web(documents: EmbeddedDocuments) -> Iterator[RunningWeb]:
    with RunningWeb(documents) as web:
        yield web


def test_all_stores_come_whole_and_then_as_they_change(
    web: RunningWeb, munich: StoreWriter
) -> None:
    with listening(web, "/api/v1/events") as told:
        first = next(told)
        assert first.name == "stores"
        assert [store["name"] for store in first.data["stores"]] == ["Munich"]
        munich.status("Munich", online=False)
        changed = until(told, "stores_changed")
        assert [store["state"] for store in changed.data["stores"]] == ["offline"]


def test_a_store_comes_with_its_stock_whole_and_then_each_change(
    web: RunningWeb, munich: StoreWriter
) -> None:
    with listening(web, "/api/v1/stores/muc-01/events") as told:
        assert [next(told).name, (whole := next(told)).name] == ["store", "stock"]
        assert whole.event_id == whole.data["position"] == "1.1"
        assert [line["zones"] for line in whole.data["lines"]] == [{"floor": 4}]
        munich.count({SHIRT: {"floor": 3, "back": 1}})
        changed = until(told, "stock_changed")
        assert changed.event_id == "1.2"
        assert [line["zones"] for line in changed.data["lines"]] == [{"floor": 3, "back": 1}]


def test_whoever_connects_again_is_told_the_whole_with_what_was_missed(
    web: RunningWeb, munich: StoreWriter
) -> None:
    for floor in (4, 3):
        munich.count({SHIRT: {"floor": floor}})
        with listening(web, "/api/v1/stores/muc-01/events") as told:
            while until(told, "stock").data["lines"][0]["zones"] != {"floor": floor}:
                pass


def test_a_store_that_is_not_there_yet_comes_when_it_does(
    web: RunningWeb, documents: EmbeddedDocuments
) -> None:
    with listening(web, "/api/v1/stores/ber-02/events") as told:
        assert next(told).data["store"] is None
        berlin = StoreWriter(documents, "ber-02")
        berlin.status("Berlin")
        assert until(told, "store").data["store"]["name"] == "Berlin"
        assert until(told, "stock").data["lines"] == []
        assert until(told, "counts").data["counts"] == []
        assert web.app.state.web.live.counters().feeds == 3


def test_a_store_that_is_taken_away_is_null(web: RunningWeb, munich: StoreWriter) -> None:
    with listening(web, "/api/v1/stores/muc-01/events") as told:
        assert until(told, "store").data["store"]["name"] == "Munich"
        munich.documents.commit([Delete(paths.store("muc-01"))])
        assert until(told, "store").data["store"] is None


@pytest.mark.usefixtures("munich")
def test_a_store_that_nobody_knows_costs_no_watch_of_its_own(web: RunningWeb) -> None:
    for name in ("x-1", "x-2"):
        with listening(web, f"/api/v1/stores/{name}/events") as told:
            next(told)
    assert web.app.state.web.live.counters().feeds == 1


def test_lost_documents_are_told_with_the_reason_and_so_is_their_return() -> None:
    documents = ScriptedDocuments()
    StoreWriter(documents, "muc-01").status("Munich")
    with (
        RunningWeb(documents) as web,
        listening(web, "/api/v1/stores/muc-01/events") as told,
    ):
        until(told, "stock")
        documents.broken = DocumentsError("no answer in 10 s")
        documents.fail(DocumentsError("stream removed"))
        lost = until(told, "store_lost").data
        assert lost["as_of_us"] <= lost["now_us"]
        documents.broken = None
        until(told, "store")


@pytest.mark.usefixtures("munich")
def test_a_stream_on_which_nothing_happens_beats(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.05)
    for path in ("/api/v1/events", "/api/v1/stores/muc-01/events"):
        with listening(web, path) as told:
            first, second = until(told, "heartbeat").data, until(told, "heartbeat").data
            assert first["now_us"] < second["now_us"]


def test_a_browser_that_leaves_is_forgotten(web: RunningWeb, munich: StoreWriter) -> None:
    live = web.app.state.web.live
    with listening(web, "/api/v1/stores/muc-01/events") as told:
        until(told, "counts")
        assert live.counters().viewers == 3
    eventually(lambda: live.counters().viewers == 0, "that the browser is forgotten")
    munich.count({SHIRT: {"floor": 1}})


@pytest.mark.usefixtures("munich")
def test_open_streams_end_at_once_when_the_server_stops(documents: EmbeddedDocuments) -> None:
    with RunningWeb(documents) as web:
        told: list[str] = []

        def listen() -> None:
            with listening(web, "/api/v1/stores/muc-01/events") as events:
                told.extend(event.name for event in events)

        threads = [threading.Thread(target=listen) for _ in range(5)]
        for thread in threads:
            thread.start()
        eventually(lambda: web.app.state.web.live.counters().viewers == 15, "all are listening")
        began_s = time.monotonic()
        web.stop()
        for thread in threads:
            thread.join(5)
        assert time.monotonic() - began_s < 3
        assert not any(thread.is_alive() for thread in threads)


def test_a_connection_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SEND_S", 0.05)
    documents = ScriptedDocuments()
    live = Live(documents, SystemClock(), QUICK)

    async def nobody() -> Message:
        return await asyncio.Future()

    async def stuck(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Future()

    async def serve() -> None:
        stream = EventStream(stores_events(live, SystemClock()))
        async with asyncio.timeout(10):
            await stream({}, nobody, stuck)

    asyncio.run(serve())
    assert live.counters().viewers == 0
    live.close()


def test_no_wait_for_the_documents_holds_up_other_requests() -> None:
    documents = ScriptedDocuments(answers_at_once=False)
    slow = Patience(first_s=60)
    with RunningWeb(documents, patience=slow) as web:
        waiting = threading.Thread(target=lambda: httpx.get(f"{web.url}/api/v1/stores", timeout=20))
        waiting.start()
        live = web.app.state.web.live
        eventually(lambda: live.counters().viewers == 1, "a request that waits")
        assert httpx.get(f"{web.url}/healthz", timeout=2).json()["viewers"] == 1
        documents.tell()
        waiting.join(5)
        assert not waiting.is_alive()
