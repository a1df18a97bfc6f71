"""Live views over Firestore's own listeners, against its official emulator."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from cloud.documents.firestore import connect_emulator
from cloud.documents.interface import Documents
from cloud.live.feed import Patience
from edge.counts import Basis, CountState
from edge.wire_counts import CountHeader, CountRow
from tests.support.head_office import RunningWeb, StoreWriter, name_products

SHIRT = "04012345678901"


@pytest.fixture
def documents(emulator_project: tuple[str, str]) -> Iterator[Documents]:
    documents = connect_emulator(*emulator_project)
    yield documents
    documents.close()


@pytest.fixture
def munich(documents: Documents) -> StoreWriter:
    name_products(documents, {SHIRT: "Oxford shirt"})
    store = StoreWriter(documents, "muc-01")
    store.status("Munich")
    store.count({SHIRT: {"floor": 4}})
    return store


def lines(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    """Give the lines of stock that a stream tells of, one after the other."""
    for text in answer.iter_lines():
        if text.startswith("data: "):
            yield from json.loads(text.removeprefix("data: ")).get("lines", ())


def test_a_committed_delta_reaches_a_browser(documents: Documents, munich: StoreWriter) -> None:
    with (
        RunningWeb(documents) as web,
        httpx.stream("GET", f"{web.url}/api/v1/stores/muc-01/events", timeout=30) as answer,
    ):
        told = lines(answer)
        first = next(told)
        assert (first["name"], first["zones"]) == ("Oxford shirt", {"floor": 4})
        for floor in range(5, 15):
            munich.count({SHIRT: {"floor": floor}})
            while next(told)["zones"] != {"floor": floor}:
                pass


def test_a_feed_that_asks_again_and_again_finds_a_quiet_listener_in_order(
    documents: Documents, munich: StoreWriter
) -> None:
    watchful = Patience(silence_s=0.2, grace_s=5, step_s=0.02)
    with (
        RunningWeb(documents, patience=watchful) as web,
        httpx.stream("GET", f"{web.url}/api/v1/stores/muc-01/events", timeout=30) as answer,
    ):
        told = lines(answer)
        next(told)
        for floor in (5, 6):
            munich.count({SHIRT: {"floor": floor}})
            while next(told)["zones"] != {"floor": floor}:
                pass
        counters = web.app.state.web.live.counters()
    assert (counters.feeds, counters.reopened) == (3, 0)


def test_a_count_reaches_a_browser_and_is_read_with_its_lines(
    documents: Documents, munich: StoreWriter
) -> None:
    head = CountHeader(
        "q4",
        1,
        CountState.CLOSED,
        ["floor"],
        ["hand"],
        Basis.STATE,
        "api",
        opened_at_us=10,
        found=2,
        events={"arrived": 2},
        parts=1,
    )
    older = msgspec.structs.replace(head, id="q3", opened_at_us=5)
    with (
        RunningWeb(documents) as web,
        httpx.stream("GET", f"{web.url}/api/v1/stores/muc-01/events", timeout=30) as answer,
    ):
        told = counts_told(answer)
        assert next(told) == []
        munich.session(older)
        assert next(told) == ["q3"]
        munich.session(head, [CountRow(SHIRT, 0, 2, 0, 2, [], ["1", "2"])])
        assert next(told) == ["q4", "q3"]
        url = f"{web.url}/api/v1/stores/muc-01/counts/q4"
        [line] = httpx.get(url, timeout=30).json()["lines"]
    assert (line["name"], line["unexpected_serials"]) == ("Oxford shirt", ["1", "2"])


def counts_told(answer: httpx.Response) -> Iterator[list[str]]:
    """Give the ids of the counts that a stream tells of, one message after the other."""
    for text in answer.iter_lines():
        if text.startswith("data: "):
            told = json.loads(text.removeprefix("data: "))
            if "counts" in told:
                yield [one["id"] for one in told["counts"]]
