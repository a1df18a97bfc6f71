"""Counts on a store's page in a real browser: how far they are, and what differs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, expect

from cloud.documents.embedded import EmbeddedDocuments
from edge.clock import SystemClock
from edge.counts import Basis, CountState
from edge.wire_counts import CountHeader, CountRow
from tests.support.browser import open_page
from tests.support.head_office import RunningWeb, StoreWriter, name_products

SHIRT, JEANS = "04012345678901", "04012345678918"


@pytest.fixture
def documents(tmp_path: Path) -> Iterator[EmbeddedDocuments]:
    documents = EmbeddedDocuments(tmp_path / "documents.db", poll_s=0.02)
    yield documents
    documents.close()


@pytest.fixture
def munich(documents: EmbeddedDocuments) -> StoreWriter:
    name_products(documents, {SHIRT: "Oxford shirt, white, M", JEANS: "Slim jeans, navy, 32"})
    store = StoreWriter(documents, "muc-01")
    store.status("Munich", present=12, missing=1, skus=3)
    store.count({SHIRT: {"floor": 4, "back": 2}, JEANS: {"floor": 1, "back": 0}})
    return store


@pytest.fixture
def web(documents: EmbeddedDocuments) -> Iterator[RunningWeb]:
    with RunningWeb(documents) as web:
        yield web


def running(name: str = "floor-1", **facts: object) -> CountHeader:
    now_us = SystemClock().now().utc_us
    head = CountHeader(
        id=name,
        rev=1,
        state=CountState.RUNNING,
        zones=["floor", "fitting_room"],
        readers=["hand-1"],
        basis=Basis.STATE,
        opened_by="trigger",
        opened_at_us=now_us - 90_000_000,
        expected=8,
        found=3,
        missing=5,
        skus=2,
    )
    return msgspec.structs.replace(head, **facts)


def test_a_count_that_runs_shows_how_far_it_is(
    browser: Browser, web: RunningWeb, munich: StoreWriter
) -> None:
    with open_page(browser, f"{web.url}/stores/muc-01") as (page, _):
        expect(page.get_by_test_id("total-present")).to_be_visible()
        expect(page.get_by_test_id("counts")).to_have_count(0)
        munich.session(running())
        expect(page.get_by_test_id("count-progress")).to_contain_text("3 of 8 expected items found")
        munich.session(running(rev=2, found=7, missing=1))
        expect(page.get_by_test_id("count-progress")).to_contain_text("7 of 8 expected items found")


def test_a_count_that_has_ended_shows_what_differs(
    browser: Browser, web: RunningWeb, munich: StoreWriter, tmp_path: Path
) -> None:
    now_us = SystemClock().now().utc_us
    facts: dict[str, Any] = {
        "state": CountState.CLOSED,
        "closed_by": "timeout",
        "closed_at_us": now_us,
    }
    totals: dict[str, Any] = {
        "found": 8,
        "missing": 1,
        "unexpected": 1,
        "exact_skus": 1,
        "parts": 1,
    }
    lines = [
        CountRow(SHIRT, 6, 5, 1, 0, ["6789"]),
        CountRow(JEANS, 1, 2, 0, 1, [], ["4711"]),
        CountRow("04012345678925", 1, 1, 0, 0),
    ]
    munich.session(running(rev=5, **facts, **totals), lines)
    munich.session(running("back-2", opened_at_us=now_us - 20_000_000))
    with open_page(browser, f"{web.url}/stores/muc-01") as (page, _):
        counted = page.locator('[data-testid=counted][data-id="floor-1"]')
        expect(counted).to_have_attribute("data-state", "closed")
        expect(counted.get_by_test_id("counted-missing")).to_have_text("1")
        expect(counted).to_contain_text("75.0 %")
        counted.get_by_role("button", name="Show differences").click()
        rows = counted.locator("[data-testid=differences] tbody tr")
        expect(rows).to_have_count(2)
        expect(rows.first).to_contain_text("Oxford shirt, white, M")
        expect(rows.first).to_contain_text("missing 6789")
        expect(rows.last).to_contain_text("unexpected 4711")
        page.screenshot(path=tmp_path / "counts.png", full_page=True)
        approved = {"state": CountState.APPROVED, "decided_by": "head office"}
        munich.session(
            running(
                rev=6,
                **{**facts, **totals, **approved},
                decided_at_us=now_us,
                events={"missing": 1, "arrived": 1},
            )
        )
        expect(counted).to_have_attribute("data-state", "approved")
        expect(counted).to_contain_text("1 missing, 1 arrived")


def test_an_order_that_was_refused_says_why(
    browser: Browser, web: RunningWeb, munich: StoreWriter
) -> None:
    munich.session(running(state=CountState.REFUSED, note="zone attic is none of: floor"))
    with open_page(browser, f"{web.url}/stores/muc-01") as (page, _):
        counted = page.get_by_test_id("counted")
        expect(counted).to_contain_text("zone attic is none of: floor")
        expect(counted.get_by_role("button")).to_have_count(0)
