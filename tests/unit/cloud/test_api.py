"""The HTTP API and the page's files, asked over a real socket."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cloud.documents import paths
from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import Put
from edge.errors import DocumentsError
from edge.wire import ReaderStatus
from tests.support.head_office import RunningWeb, StoreWriter, name_products
from tests.support.scripted_documents import ScriptedDocuments

SHIRT, JEANS = "04012345678901", "04012345678918"


@pytest.fixture
def documents(tmp_path: Path) -> Iterator[EmbeddedDocuments]:
    documents = EmbeddedDocuments(tmp_path / "documents.db", poll_s=0.02)
    yield documents
    documents.close()


@pytest.fixture
def munich(documents: EmbeddedDocuments) -> StoreWriter:
    name_products(documents, {SHIRT: "Oxford shirt"})
    store = StoreWriter(documents, "muc-01")
    readers = [ReaderStatus("back-1", up=False, detail="no route", last_read_at_us=7)]
    store.status("Munich", readers=readers, present=6, skus=2, pending=3, program="edge 1")
    store.count({SHIRT: {"floor": 4, "back": 2}, JEANS: {"floor": 0}})
    return store


@pytest.fixture
def web(documents: EmbeddedDocuments) -> Iterator[RunningWeb]:
    with RunningWeb(documents) as web:
        yield web


@pytest.fixture
def client(web: RunningWeb) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=web.url, timeout=20) as client:
        yield client


def test_stores_are_listed_with_state_totals_and_readers(
    client: httpx.Client, munich: StoreWriter
) -> None:
    StoreWriter(munich.documents, "ber-02").status("Berlin", online=False)
    munich.documents.commit([Put(paths.store("dub-01"), {"store": "dub-01", "name": "Dublin"})])
    answer = client.get("/api/v1/stores").raise_for_status().json()
    states = {store["store"]: store["state"] for store in answer["stores"]}
    assert states == {"ber-02": "offline", "dub-01": "never", "muc-01": "online"}
    assert not answer["is_cut"]
    found = client.get("/api/v1/stores/muc-01").raise_for_status().json()["store"]
    assert (found["name"], found["program"]) == ("Munich", "edge 1")
    assert (found["present"], found["skus"], found["pending"]) == (6, 2, 3)
    assert found["readers"] == [
        {"name": "back-1", "up": False, "detail": "no route", "last_read_at_us": 7}
    ]
    assert 0 <= answer["now_us"] - found["heard_at_us"] < 60_000_000


def test_stock_is_given_by_gtin_and_zone(client: httpx.Client, munich: StoreWriter) -> None:
    answer = client.get("/api/v1/stores/muc-01/stock").raise_for_status().json()
    assert (answer["store"], answer["position"]) == ("muc-01", "1.2")
    shirt, jeans = sorted(answer["lines"], key=lambda line: line["ver"])
    at_us = shirt.pop("changed_at_us")
    assert shirt == {
        "gtin": SHIRT,
        "name": "Oxford shirt",
        "zones": {"floor": 4, "back": 2},
        "present": 6,
        "missing": 0,
        "term": 1,
        "ver": 1,
    }
    assert (jeans["gtin"], jeans["name"], jeans["zones"]) == (JEANS, "", {"floor": 0})
    assert at_us <= answer["now_us"]
    munich.count({JEANS: {"floor": 5}})
    again = client.get("/api/v1/stores/muc-01/stock").raise_for_status().json()
    assert again["position"] in {"1.2", "1.3"}


REFUSED = {
    "a store nobody has heard of": ("GET", "/api/v1/stores/ber-02", 404, "'ber-02' was ever heard"),
    "its stock": ("GET", "/api/v1/stores/ber-02/stock", 404, "'ber-02' was ever heard of"),
    "what can be no store's id": ("GET", "/api/v1/stores/Ber_02/stock", 422, "store_id"),
    "events of what can be no store": ("GET", "/api/v1/stores/Ber_02/events", 422, "store_id"),
    "another path": ("GET", "/api/v1/shops", 404, "there is nothing at /api/v1/shops"),
    "a file that is not there": ("GET", "/assets/nothing.js", 404, "nothing at /assets/nothing.js"),
    "a file outside": ("GET", "/assets/..%2fapi%2fapp.py", 404, "there is nothing at"),
    "writing": ("POST", "/api/v1/stores", 405, "POST is not allowed at /api/v1/stores"),
}


@pytest.mark.usefixtures("munich")
@pytest.mark.parametrize(("method", "path", "status", "text"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_answered_says_why(
    method: str, path: str, status: int, text: str, client: httpx.Client
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert text in answer.json()["error"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_without_documents_the_api_says_so_and_the_page_still_comes() -> None:
    documents = ScriptedDocuments(broken=DocumentsError("no answer in 10 s"))
    with RunningWeb(documents) as web, httpx.Client(base_url=web.url, timeout=20) as client:
        answer = client.get("/api/v1/stores")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.json() == {"error": "the documents cannot be had: no answer in 10 s"}
        assert client.get("/").status_code == 200
        assert client.get("/healthz").json()["documents"] == "scripted"


FILES = {
    "the page": ("/", "text/html; charset=utf-8", "no-cache"),
    "the page of a store": ("/stores/muc-01", "text/html; charset=utf-8", "no-cache"),
    "a module": ("/assets/app.js", "text/javascript; charset=utf-8", "no-cache"),
    "a style": ("/assets/style/base.css", "text/css; charset=utf-8", "no-cache"),
    "the icon": ("/favicon.ico", "image/svg+xml", "no-cache"),
    "what others wrote": (
        "/assets/vendor/htm-3.1.1-preact-standalone/standalone.module.js",
        "text/javascript; charset=utf-8",
        "public, max-age=31536000, immutable",
    ),
}


@pytest.mark.parametrize(("path", "kind", "caching"), FILES.values(), ids=FILES)
def test_files_come_with_their_kind_and_with_orders_for_caches_and_browsers(
    path: str, kind: str, caching: str, client: httpx.Client
) -> None:
    answer = client.get(path).raise_for_status()
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (kind, caching)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_file_that_a_browser_has_is_not_sent_again(client: httpx.Client) -> None:
    tag = client.get("/assets/app.js").headers["ETag"]
    assert client.get("/assets/app.js", headers={"If-None-Match": tag}).status_code == 304


def test_each_answer_has_its_schema_in_openapi(client: httpx.Client) -> None:
    api = client.get("/api/v1/openapi.json").raise_for_status().json()
    assert set(api["paths"]) == {
        "/api/v1/stores",
        "/api/v1/stores/{store_id}",
        "/api/v1/stores/{store_id}/stock",
        "/api/v1/stores/{store_id}/counts",
        "/api/v1/stores/{store_id}/counts/{count_id}",
        "/api/v1/stores/{store_id}/counts/{count_id}/{act}",
        "/api/v1/events",
        "/api/v1/stores/{store_id}/events",
        "/healthz",
    }
    stock = api["paths"]["/api/v1/stores/{store_id}/stock"]["get"]["responses"]
    assert "StockAnswer" in json.dumps(stock["200"])
    assert "Problem" in json.dumps(stock["404"])
    lines = api["components"]["schemas"]["Line"]["properties"]
    assert {"gtin", "name", "zones", "present", "missing", "changed_at_us"} <= set(lines)
    events = api["paths"]["/api/v1/events"]["get"]["responses"]["200"]
    assert set(events["content"]) == {"text/event-stream"}
