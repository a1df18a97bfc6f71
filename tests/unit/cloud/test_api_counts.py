"""Counts over the HTTP API: results, and what stores are told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from cloud.documents.embedded import EmbeddedDocuments
from edge.counts import Basis, CountState
from edge.errors import BrokerError
from edge.wire import Command, Status, Wish
from edge.wire_counts import CountAct, CountHeader, CountOrder, CountRow, CountWish
from tests.support.head_office import RunningWeb, StoreWriter, name_products

SHIRT = "04012345678901"
HEAD = CountHeader(
    "q4",
    5,
    CountState.CLOSED,
    ["floor"],
    ["hand"],
    Basis.QUANTITIES,
    "api",
    opened_at_us=10,
    expected=4,
    found=4,
    missing=1,
    unexpected=1,
    skus=2,
    exact_skus=1,
    parts=1,
)
URL = "/api/v1/stores/muc-01/counts"


class Broker:
    def __init__(self) -> None:
        self.heard: list[Command] = []
        self.is_away = False

    def __call__(self, command: Command) -> Status:
        if self.is_away:
            raise BrokerError("muc-01: no agent has heard the command within 10 s")
        self.heard.append(command)
        return Status("muc-01", 1, "b", online=True)


@pytest.fixture
def documents(tmp_path: Path) -> Iterator[EmbeddedDocuments]:
    documents = EmbeddedDocuments(tmp_path / "documents.db", poll_s=0.02)
    yield documents
    documents.close()


@pytest.fixture
def munich(documents: EmbeddedDocuments) -> StoreWriter:
    name_products(documents, {SHIRT: "Oxford shirt"})
    store = StoreWriter(documents, "muc-01")
    store.status("Munich")
    return store


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def client(
    documents: EmbeddedDocuments, munich: StoreWriter, broker: Broker
) -> Iterator[httpx.Client]:
    assert munich
    with (
        RunningWeb(documents, command=broker) as web,
        httpx.Client(base_url=web.url, timeout=20) as client,
    ):
        yield client


def test_a_count_is_told_with_its_lines_and_names(
    client: httpx.Client, munich: StoreWriter
) -> None:
    munich.session(HEAD, [CountRow(SHIRT, 4, 3, 1, 0, ["6789"])])
    told = client.get(f"{URL}/q4").raise_for_status().json()
    assert (told["count"]["unit_accuracy"], told["count"]["sku_accuracy"]) == (0.5, 0.5)
    [line] = told["lines"]
    assert (line["name"], line["missing_serials"]) == ("Oxford shirt", ["6789"])


def test_the_newest_counts_come_first(client: httpx.Client, munich: StoreWriter) -> None:
    munich.session(HEAD)
    munich.session(msgspec.structs.replace(HEAD, id="q5", opened_at_us=20))
    told = client.get(URL).raise_for_status().json()
    assert [one["id"] for one in told["counts"]] == ["q5", "q4"]


def test_a_store_is_told_to_open_a_count(client: httpx.Client, broker: Broker) -> None:
    answer = client.post(URL, json={"zones": ["floor"], "quantities": {SHIRT: 3}})
    assert answer.status_code == 202
    [command] = broker.heard
    order = CountOrder(zones=["floor"], quantities={SHIRT: 3})
    assert (command.wish, command.count) == (
        Wish.COUNT,
        CountWish(CountAct.OPEN, answer.json()["id"], order),
    )


def test_a_store_is_told_to_approve_and_to_write_off(client: httpx.Client, broker: Broker) -> None:
    assert client.post(f"{URL}/q4/approve", json={"writes_off": True}).status_code == 202
    [command] = broker.heard
    assert command.count == CountWish(CountAct.APPROVE, "q4", writes_off=True)


REFUSED: dict[str, tuple[str, Any, tuple[int, str]]] = {
    "no zone": (URL, {"zones": []}, (422, "body.zones")),
    "an unknown field": (URL, {"zones": ["floor"], "zone": "x"}, (422, "body.zone")),
    "a negative number": (
        URL,
        {"zones": ["floor"], "quantities": {SHIRT: -1}},
        (422, "quantities"),
    ),
    "a zone that is no name": (URL, {"zones": ["__x"]}, (422, "zones")),
    "an unknown act": (f"{URL}/q4/count", {}, (422, "path.act")),
    "an id that is no name": (f"{URL}/Q%204/close", {}, (422, "path.count_id")),
    "an unknown store": ("/api/v1/stores/ber-02/counts", {"zones": ["floor"]}, (404, "ber-02")),
}


@pytest.mark.parametrize(("url", "body", "error"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused_and_told_to_nobody(
    client: httpx.Client, broker: Broker, url: str, body: object, error: tuple[int, str]
) -> None:
    answer = client.post(url, json=body)
    status, words = error
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert broker.heard == []


def test_what_a_page_of_elsewhere_may_send_is_no_order(
    client: httpx.Client, broker: Broker
) -> None:
    answer = client.post(
        URL, content=b'{"zones": ["floor"]}', headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 422
    assert broker.heard == []


def test_a_store_that_has_not_heard_is_told(client: httpx.Client, broker: Broker) -> None:
    broker.is_away = True
    answer = client.post(URL, json={"zones": ["floor"]})
    assert (answer.status_code, "no agent has heard" in answer.json()["error"]) == (503, True)


def test_a_service_without_a_broker_says_so(
    documents: EmbeddedDocuments, munich: StoreWriter
) -> None:
    assert munich
    with RunningWeb(documents) as web:
        answer = httpx.post(f"{web.url}{URL}", json={"zones": ["floor"]}, timeout=20)
    assert (answer.status_code, "[mqtt] is missing" in answer.json()["error"]) == (503, True)


def test_a_count_that_is_not_there_is_named(client: httpx.Client) -> None:
    answer = client.get(f"{URL}/q9")
    assert answer.status_code == 404
    assert answer.json()["error"] == "store 'muc-01' has no count 'q9'"
