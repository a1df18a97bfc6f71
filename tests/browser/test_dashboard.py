"""The page in a real browser, against the web service on embedded documents."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cloud.documents import shapes
from cloud.documents.embedded import EmbeddedDocuments
from deploy.demo.processes import free_port
from edge.errors import DocumentsError
from edge.wire import ReaderStatus, SyncTrouble
from tests.support.browser import open_page
from tests.support.clocks import ManualClock
from tests.support.head_office import RunningWeb, StoreWriter, name_products
from tests.support.scripted_documents import ScriptedDocuments

SHIRT, JEANS, COAT = "04012345678901", "04012345678918", "04012345678925"
STREAM_ENDS = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET")


@pytest.fixture
def documents(tmp_path: Path) -> Iterator[EmbeddedDocuments]:
    documents = EmbeddedDocuments(tmp_path / "documents.db", poll_s=0.02)
    yield documents
    documents.close()


@pytest.fixture
def munich(documents: EmbeddedDocuments) -> StoreWriter:
    name_products(documents, {SHIRT: "Oxford shirt, white, M", JEANS: "Slim jeans, navy, 32"})
    store = StoreWriter(documents, "muc-01")
    readers = [
        ReaderStatus("floor-1", up=True),
        ReaderStatus("back-1", up=False, detail="no route"),
    ]
    store.status("Munich", readers=readers, present=12, missing=1, skus=3)
    store.count({SHIRT: {"floor": 4, "back": 2}, JEANS: {"floor": 1, "back": 0}})
    store.count({COAT: {"floor": 0, "back": 5}}, missing=1)
    return store


@pytest.fixture
def web(documents: EmbeddedDocuments) -> Iterator[RunningWeb]:
    with RunningWeb(documents) as web:
        yield web


def count(page: Page, gtin: str, zone: str) -> Locator:
    return page.locator(f'[data-testid=count][data-gtin="{gtin}"][data-zone="{zone}"]')


def connection(page: Page) -> Locator:
    return page.get_by_test_id("connection")


def names(page: Page) -> list[str]:
    return page.locator("[data-testid=sku-row] .name").all_text_contents()


def test_a_store_is_found_in_the_list_and_its_counts_change_as_they_are_committed(
    browser: Browser, web: RunningWeb, munich: StoreWriter
) -> None:
    with open_page(browser, web.url) as (page, _):
        expect(connection(page)).to_have_attribute("data-state", "live")
        row = page.get_by_test_id("store-row")
        expect(row).to_contain_text("Munich")
        expect(row).to_contain_text("back-1 down")
        row.get_by_role("link").click()
        expect(page).to_have_url(f"{web.url}/stores/muc-01")
        expect(count(page, SHIRT, "floor")).to_have_text("4")
        munich.count({SHIRT: {"floor": 3, "back": 3}})
        expect(count(page, SHIRT, "floor")).to_have_text("3")
        expect(count(page, SHIRT, "back")).to_have_text("3")
        expect(
            page.locator('[data-testid=zone-total][data-zone="back"] [data-value]')
        ).to_have_text("8")
        munich.count({"04012345678932": {"fitting-room": 1}})
        expect(count(page, "04012345678932", "fitting-room")).to_have_text("1")


def test_the_address_of_a_store_can_be_opened_reloaded_and_left(
    browser: Browser, web: RunningWeb, munich: StoreWriter
) -> None:
    with open_page(browser, f"{web.url}/stores/{munich.store_id}") as (page, _):
        expect(count(page, COAT, "back")).to_have_text("5")
        page.reload()
        expect(count(page, COAT, "back")).to_have_text("5")
        page.get_by_role("link", name="Stores", exact=True).click()
        expect(page.get_by_test_id("store-row")).to_have_count(1)
        page.go_back()
        expect(count(page, COAT, "back")).to_have_text("5")


def test_rows_are_searched_and_sorted(
    browser: Browser, web: RunningWeb, munich: StoreWriter
) -> None:
    with open_page(browser, f"{web.url}/stores/{munich.store_id}") as (page, _):
        expect(page.get_by_test_id("sku-row")).to_have_count(3)
        assert names(page) == ["Oxford shirt, white, M", "Slim jeans, navy, 32", "No name"]
        page.get_by_role("button", name="Back").click()
        expect(page.locator("[data-testid=sku-row] .name").first).to_have_text("No name")
        page.get_by_role("button", name="Back").click()
        assert names(page) == ["Slim jeans, navy, 32", "Oxford shirt, white, M", "No name"]
        page.keyboard.press("/")
        page.keyboard.type("navy slim")
        expect(page.get_by_test_id("found")).to_have_text("1 of 3 SKUs")
        page.get_by_test_id("search").fill(COAT[4:])
        expect(page.get_by_test_id("sku-row")).to_have_attribute("data-gtin", COAT)
        page.get_by_test_id("search").fill("socks")
        expect(page.get_by_text("No SKU is like this.")).to_be_visible()
        page.get_by_role("button", name="Show all").click()
        page.get_by_label("Only missing").check()
        expect(page.get_by_test_id("sku-row")).to_have_attribute("data-gtin", COAT)


def test_when_the_server_is_gone_the_page_says_so_and_how_old_its_numbers_are(
    browser: Browser, documents: EmbeddedDocuments, munich: StoreWriter
) -> None:
    port = free_port()
    with RunningWeb(documents, port) as first:
        opened = open_page(browser, f"{first.url}/stores/{munich.store_id}")
        page, complaints = opened.__enter__()
        expect(count(page, SHIRT, "floor")).to_have_text("4")
    with complaints.expected(*STREAM_ENDS):
        expect(connection(page)).to_have_attribute("data-state", "lost")
        banner = page.get_by_test_id("banner")
        expect(banner).to_contain_text("No connection to the server.")
        expect(banner).to_contain_text("old, as of")
        expect(count(page, SHIRT, "floor")).to_have_text("4")
        munich.count({SHIRT: {"floor": 7, "back": 0}})
        with RunningWeb(documents, port):
            expect(count(page, SHIRT, "floor")).to_have_text("7", timeout=20_000)
            expect(connection(page)).to_have_attribute("data-state", "live")
            expect(banner).to_have_count(0)
            opened.__exit__(None, None, None)


def test_a_store_that_is_offline_says_so_above_its_counts(
    browser: Browser, web: RunningWeb, munich: StoreWriter
) -> None:
    with open_page(browser, f"{web.url}/stores/{munich.store_id}") as (page, _):
        expect(page.locator("main")).to_have_attribute("data-old", "no")
        munich.status("Munich", online=False)
        expect(page.get_by_test_id("banner")).to_contain_text("This store is offline.")
        expect(page.locator("main")).to_have_attribute("data-old", "yes")
        munich.status("Munich")
        expect(page.get_by_test_id("banner")).to_have_count(0)


def test_a_store_that_is_being_rebuilt_shows_its_old_counts_as_old(
    browser: Browser, web: RunningWeb, munich: StoreWriter
) -> None:
    with open_page(browser, f"{web.url}/stores/{munich.store_id}") as (page, _):
        munich.status("Munich", trouble=SyncTrouble.REBUILDING)
        expect(page.get_by_test_id("banner")).to_contain_text("This store is being rebuilt.")
        expect(page.locator("main")).to_have_attribute("data-old", "yes")
        munich.status("Munich")
        expect(page.get_by_test_id("banner")).to_have_count(0)
        expect(page.locator("main")).to_have_attribute("data-old", "no")


def test_another_device_that_wants_the_store_is_named(
    browser: Browser, documents: EmbeddedDocuments, web: RunningWeb, munich: StoreWriter
) -> None:
    now_us = time.time_ns() // 1000
    documents.commit([shapes.put_rival(munich.store_id, "spare (d2)", rival_at_us=now_us)])
    with open_page(browser, f"{web.url}/stores/{munich.store_id}") as (page, _):
        expect(page.get_by_test_id("banner")).to_contain_text("spare (d2) was refused.")


def test_a_store_that_has_gone_quiet_is_stale_and_not_online(
    browser: Browser, documents: EmbeddedDocuments, web: RunningWeb
) -> None:
    quiet = StoreWriter(
        documents, "ber-02", ManualClock(utc_us=time.time_ns() // 1000 - 120_000_000)
    )
    quiet.status("Berlin", present=7)
    quiet.count({SHIRT: {"floor": 7}})
    with open_page(browser, web.url) as (page, _):
        row = page.get_by_test_id("store-row")
        expect(row).to_have_attribute("data-state", "stale")
        expect(row).to_contain_text("2 min ago")
        row.get_by_role("link").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("banner")).to_contain_text("This store has gone quiet.")
        expect(page.get_by_test_id("sku-row")).to_contain_text("2 min ago")


def test_when_the_server_has_no_documents_the_page_says_so_and_comes_back(browser: Browser) -> None:
    documents = ScriptedDocuments()
    store = StoreWriter(documents, "muc-01")
    store.status("Munich")
    store.count({SHIRT: {"floor": 4}})
    with RunningWeb(documents) as web, open_page(browser, f"{web.url}/stores/muc-01") as (page, _):
        expect(count(page, SHIRT, "floor")).to_have_text("4")
        documents.broken = DocumentsError("no answer in 10 s")
        documents.fail(DocumentsError("stream removed"))
        expect(connection(page)).to_have_text("No data")
        expect(page.get_by_test_id("banner")).to_contain_text("cannot reach its database")
        expect(page.get_by_test_id("banner")).to_contain_text("What you see is as of")
        expect(page.locator("main")).to_have_attribute("data-old", "yes")
        documents.broken = None
        expect(connection(page)).to_have_text("Live")
        expect(page.get_by_test_id("banner")).to_have_count(0)


def test_what_is_not_there_yet_says_what_to_do_and_comes_by_itself(
    browser: Browser, documents: EmbeddedDocuments, web: RunningWeb
) -> None:
    berlin = StoreWriter(documents, "ber-02")
    with open_page(browser, web.url) as (page, _):
        expect(page.get_by_test_id("empty")).to_contain_text("tagtally-edge run")
        page.goto(f"{web.url}/stores/ber-02")
        expect(page.get_by_test_id("empty")).to_contain_text("No store called ber-02 yet")
        berlin.status("Berlin")
        expect(page.get_by_test_id("empty")).to_contain_text("No stock yet")
        berlin.count({SHIRT: {"floor": 1}})
        expect(count(page, SHIRT, "floor")).to_have_text("1")
        page.goto(f"{web.url}/stores/Not%20an%20id")
        expect(page.get_by_test_id("empty")).to_contain_text("There is nothing here")


def test_five_thousand_skus_are_scrolled_and_searched_with_few_rows_in_the_page(
    browser: Browser, documents: EmbeddedDocuments, web: RunningWeb
) -> None:
    big = StoreWriter(documents, "big-01")
    big.status("Big")
    gtins = [f"{number:014d}" for number in range(5000)]
    for start in range(0, len(gtins), 400):
        big.count({gtin: {"floor": 1, "back": 2} for gtin in gtins[start : start + 400]})
    with open_page(browser, f"{web.url}/stores/big-01") as (page, _):
        expect(page.get_by_test_id("found")).to_have_text("5,000 SKUs")
        expect(page.get_by_test_id("sku-row").first).to_have_attribute("data-gtin", gtins[0])
        assert page.get_by_test_id("sku-row").count() < 80
        page.keyboard.press("End")
        expect(count(page, gtins[-1], "back")).to_be_in_viewport()
        big.count({gtins[-1]: {"floor": 0, "back": 3}})
        expect(count(page, gtins[-1], "back")).to_have_text("3")
        page.get_by_test_id("search").fill(gtins[2500])
        expect(page.get_by_test_id("sku-row")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (390, 844), (3840, 2160)])
def test_no_view_is_wider_than_its_screen(
    size: tuple[int, int], scheme: str, browser: Browser, web: RunningWeb, munich: StoreWriter
) -> None:
    options = {"viewport": {"width": size[0], "height": size[1]}, "color_scheme": scheme}
    for path in ("/", f"/stores/{munich.store_id}"):
        with open_page(browser, web.url + path, **options) as (page, _):
            expect(connection(page)).to_have_attribute("data-state", "live")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
