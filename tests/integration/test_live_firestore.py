"""Live views over Firestore's own listeners, against its official emulator."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from cloud.documents.firestore import connect_emulator
from cloud.documents.interface import Documents
from cloud.live.feed import Patience
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
    assert (counters.feeds, counters.reopened) == (2, 0)
