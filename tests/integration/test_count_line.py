"""A count session over the whole line: handheld, agent, mosquitto, bridge, documents, HTTP."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cloud.documents import counts as shapes
from cloud.documents import paths
from cloud.documents.embedded import EmbeddedDocuments
from deploy.demo.broker import Broker
from deploy.demo.processes import free_port
from tests.support.agent_process import START_S, until
from tests.support.serial_store import SerialStore, serial_store

ZONE = "hand-floor"
_CLOUD = """\
[documents]
kind = "embedded"
path = "documents.db"
[mqtt]
host = "127.0.0.1"
port = {broker_port}
[web]
host = "127.0.0.1"
port = {web_port}
"""


class Chain:
    """A store with a handheld, a broker, and head office in one process."""

    def __init__(self, folder: Path, store: SerialStore, broker_port: int) -> None:
        self.store, self._port = store, free_port()
        self._documents = folder / "documents.db"
        config = folder / "cloud.toml"
        config.write_text(
            _CLOUD.format(broker_port=broker_port, web_port=self._port), encoding="utf-8"
        )
        program = store.start_cloud(config)
        program.wait_for_port(self._port, START_S)

    def http(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/api/v1/stores/test-01{path}",
            data,
            {"Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  as above
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def count(self, name: str) -> dict[str, Any]:
        """Give a count as head office has it; empty where it has none."""
        status, told = self.http("GET", f"/counts/{name}")
        return told if status == 200 else {"count": {"state": None, "found": 0}, "lines": []}

    def document(self, name: str) -> shapes.CountDoc:
        with closing(EmbeddedDocuments(self._documents)) as documents:
            found = documents.get(paths.count("test-01", name))
            assert found is not None
            return shapes.count(found)

    def is_known(self) -> bool:
        status, told = self.http("GET", "")
        return status == 200 and bool(told["store"]["online"])


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    broker = Broker(tmp_path, 0)
    with serial_store(tmp_path, broker.port) as store:
        broker.start()
        try:
            store.add("hand", "tsl", antennas=1, duration_s=0, options="handheld = true")
            store.readers["hand"].fault("idle")
            yield Chain(tmp_path, store, broker.port)
        finally:
            broker.stop()


def test_head_office_opens_a_count_follows_it_and_approves_it(chain: Chain) -> None:
    store = chain.store
    store.start_counting()
    until(chain.is_known, "the store is known", 30)
    there = {gtin: sum(zones.values()) for gtin, zones in store.truth()["stock"].items()}
    first = min(there)
    order = {"zones": [ZONE], "quantities": {**there, first: there[first] + 1}, "id": "q4"}
    assert chain.http("POST", "/counts", order)[0] == 202
    until(lambda: chain.count("q4")["count"]["state"] == "running", "it runs", 30)
    store.readers["hand"].clear("idle")
    total = sum(there.values())
    until(lambda: chain.count("q4")["count"]["found"] == total, "all of it is told", 60)
    store.readers["hand"].fault("idle")

    assert chain.http("POST", "/counts/q4/close", {})[0] == 202
    until(lambda: bool(chain.count("q4")["lines"]), "its lines are told", 30)
    told = chain.count("q4")
    assert {line["gtin"]: line["found"] for line in told["lines"]} == there
    assert {line["gtin"]: line["missing"] for line in told["lines"] if line["missing"]} == {
        first: 1
    }
    assert told["count"]["unit_accuracy"] == pytest.approx(1 - 1 / (total + 1))
    assert store.stock() == {}

    assert chain.http("POST", "/counts/q4/approve", {})[0] == 202
    until(lambda: chain.count("q4")["count"]["state"] == "approved", "it is approved", 30)
    assert chain.count("q4")["count"]["applied"] == {"arrived": total}
    assert store.stock() == store.truth()["stock"]
    document = chain.document("q4")
    assert (document.found, document.missing, document.unexpected) == (total, 1, 0)
    assert (document.opened_by, document.zones) == ("head office", [ZONE])


def test_an_order_that_cannot_be_followed_is_told_with_the_reason(chain: Chain) -> None:
    chain.store.start_counting()
    until(chain.is_known, "the store is known", 30)
    status, heard = chain.http("POST", "/counts", {"zones": ["attic"]})
    assert status == 202
    name = heard["id"]
    until(lambda: chain.count(name)["count"]["state"] == "refused", "it is refused", 30)
    assert chain.count(name)["count"]["note"] == f"zone attic is none of: {ZONE}"


def test_a_store_that_does_not_hear_is_told_to_whoever_asked(chain: Chain) -> None:
    agent = chain.store.start_counting()
    until(chain.is_known, "the store is known", 30)
    agent.stop()
    status, told = chain.http("POST", "/counts", {"zones": [ZONE]})
    assert (status, "no agent has heard" in told["error"]) == (503, True)


def test_what_is_no_order_is_refused_by_its_field(chain: Chain) -> None:
    status, told = chain.http("POST", "/counts", {"zones": [], "quantities": {"12": 1}})
    assert status == 422
    assert "body.zones" in told["error"]
    assert "body.quantities" in told["error"]
