"""What is done again and again: dropped files, and receipts that were due long ago."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from edge.engine.refill import Minimums
from edge.local import drop as drop_module
from edge.local.documents import ReceiptDocument, read_document
from edge.shop import errands as module
from edge.shop.errands import RECEIPT_OPEN_US, Errands
from edge.shop.till_looks import TillLooks
from edge.shop.till_routes import TillRoutes
from edge.storage.database import open_database
from edge.storage.receipts import Receipts
from tests.support.tills import GTIN, KINDS, Shop
from tests.support.waiting import wait_until


class Running:
    """Errands in a thread of their own, over a file; the desk has a connection of that thread."""

    def __init__(self, path: Path, drop: Path) -> None:
        self.path, self.drop = path, drop
        self.alarms: list[str | None] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.before = Shop(path)

    def start(self) -> None:
        self.before.db.close()
        self._thread.start()

    def _run(self) -> None:
        shop = Shop(self.path)
        shop.clock.advance(RECEIPT_OPEN_US / 1e6)
        looks = TillLooks(
            lambda: contextlib.closing(open_database(self.path, read_only=True)),
            KINDS,
            lambda: Minimums(0),
        )
        tills = TillRoutes(shop.desk, looks, self.drop.parent / "reports")
        Errands(shop.desk, tills, self.drop, shop.clock, self.alarms.append).run(self._stop)
        shop.db.close()

    def end(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)
        assert not self._thread.is_alive()

    def expect(self, receipt: str, **others: object) -> None:
        said = {"id": receipt, "lines": [{"gtin": GTIN, "quantity": 2}], **others}
        self.before.desk.expect(*read_document(msgspec.json.encode(said), ReceiptDocument))

    def closed(self) -> dict[str, bool]:
        with open_database(self.path, read_only=True) as db:
            return {row.id: row.closed_at_us is not None for row in Receipts(db).all()}


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(module, "LOOK_S", 0.02)
    monkeypatch.setattr(module, "AGAIN_S", 0.02)
    monkeypatch.setattr(drop_module, "STABLE_S", 0.05)
    one = Running(tmp_path / "store.db", tmp_path / "in" / "drop")
    yield one
    one.end()


def test_a_receipt_that_was_due_long_ago_is_closed_and_told(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    running.expect("old", due="2020-01-01T00:00:00Z")
    running.expect("new", due="2100-01-01T00:00:00Z")
    with caplog.at_level(logging.WARNING):
        running.start()
        wait_until(lambda: running.closed() == {"old": True, "new": False})
        wait_until(lambda: "receipt=old closed: 2 expected, 0 received, 2 missing" in caplog.text)
    report = running.drop.parent / "reports" / "old.json"
    wait_until(report.exists)
    wait_until(lambda: report.read_bytes().endswith(b"\n"))
    assert msgspec.json.decode(report.read_bytes())["receipt"]["missing"] == 2


def test_a_report_that_cannot_be_written_is_told_and_the_receipt_is_closed(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    running.drop.parent.write_text("in the way of the folder", encoding="utf-8")
    running.expect("old", due="2020-01-01T00:00:00Z")
    running.start()
    wait_until(lambda: running.closed() == {"old": True})
    wait_until(lambda: "receipt=old" in caplog.text and "cannot be written" in caplog.text)


def test_a_folder_that_cannot_be_had_is_an_alarm_until_it_can(running: Running) -> None:
    running.start()
    wait_until(lambda: bool(running.alarms))
    assert "No such file or directory" in (running.alarms[0] or "")
    running.drop.parent.mkdir()
    wait_until(lambda: running.alarms[-1] is None)
    notice = {"kind": "receipt", "id": "a1", "lines": [{"gtin": GTIN}]}
    sale = {"kind": "sale", "id": "s1", "lines": [{"gtin": GTIN, "serial": "1"}]}
    (running.drop / "a.part").write_bytes(msgspec.json.encode([notice, sale]))
    (running.drop / "a.part").rename(running.drop / "a.json")
    wait_until((running.drop / "done" / "a.json").exists)
    assert running.closed() == {"a1": False}
