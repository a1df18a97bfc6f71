"""A real browser that fails the test for whatever the page complains of.

Where Chromium is absent the tests are skipped with the reason, unless nothing may be left out
(TAGTALLY_REQUIRE_ALL=1).
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launch() -> Iterator[Browser]:
    """Run Chromium; until it ends, this thread has an event loop running, and takes no other."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        reason = f"no browser: none of {', '.join(PROGRAMS)} is installed"
        if os.environ.get("TAGTALLY_REQUIRE_ALL") == "1":
            pytest.fail(f"{reason}, and TAGTALLY_REQUIRE_ALL is 1", pytrace=False)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield browser
        browser.close()


class Complaints:
    """What a page has complained of; a test may expect some of it, for a while."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        self._is_expected: Callable[[str], bool] = lambda _text: False
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._add(f"exception: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    @contextmanager
    def expected(self, *parts: str) -> Iterator[None]:
        """Let complaints pass that hold one of the parts, while the block lasts."""
        self._is_expected = lambda text: any(part in text for part in parts)
        yield
        self._is_expected = lambda _text: False

    def _add(self, text: str) -> None:
        if not self._is_expected(text):
            self.texts.append(text)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._add(f"console {message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        # The page closes its streams itself when it goes on to another view.
        if not (request.url.endswith("/events") and request.failure == "net::ERR_ABORTED"):
            self._add(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._add(f"answer {response.status}: {response.url}")


@contextmanager
def open_page(browser: Browser, url: str, **options: Any) -> Iterator[tuple[Page, Complaints]]:  # noqa: ANN401  (Playwright's own, of new_context)
    """Open a page of its own; when the block ends, nothing may have been complained of."""
    context = browser.new_context(**options)
    page = context.new_page()
    complaints = Complaints(page)
    page.goto(url)
    yield page, complaints
    context.close()
    assert complaints.texts == []
