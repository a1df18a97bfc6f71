"""tagtally-edge sale, return, receipt, awaited and refill, as a person uses them."""

import contextlib
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.engine.refill import Minimums
from edge.errors import ReaderError
from edge.health import Health
from edge.llrp.operations import Outcome
from edge.local.control import ControlServer, Facts, TellFacts, ask_agent, socket_path
from edge.local.documents import Kind, Meant, ReceiptDocument, TillDocument, read_document
from edge.lock import exclusive
from edge.shop.looks import Looks
from edge.shop.till_desk import TillDesk
from edge.shop.till_looks import TillLooks
from edge.shop.till_routes import TillRoutes
from tests.support.clocks import ManualClock
from tests.support.tills import GTIN, KINDS, OTHER_GTIN, Shop
from tests.support.waiting import wait_until

CONFIG = """
store.id = "muc-01"
mqtt.host = "broker.example.org"
storage.path = "store.db"
readers = [{ name = "a", protocol = "llrp", host = "h", antennas = [{ port = 1, zone = "floor" }] }]
zones = [{ name = "floor" }, { name = "back", kind = "back_room" }]
"""


class Store:
    """A store's file and configuration; an agent's socket when `answering`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "store.db"
        (folder / "store.toml").write_text(CONFIG, encoding="utf-8")
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._shops: list[Shop] = []

    def shop(self) -> Shop:
        """Open the file as an agent does; it is closed at the end."""
        self._shops.append(Shop(self.path))
        return self._shops[-1]

    def answer(self) -> None:
        """Serve commands as an agent does."""
        self._threads.append(threading.Thread(target=self._serve, daemon=True))
        self._threads[-1].start()
        wait_until(self._answers)

    def _answers(self) -> bool:
        with contextlib.suppress(ReaderError):
            return isinstance(ask_agent(socket_path(self.path), TellFacts(), 5), Facts)
        return False

    def _serve(self) -> None:
        with exclusive(self.path):
            looks = Looks("muc-01", self.path, Health([]), ManualClock())
            reading = TillLooks(looks.reading, KINDS, lambda: Minimums(0))
            desk = ThreadedDesk(self.path)
            routes = TillRoutes(desk, reading).routes()  # type: ignore[arg-type]  # it does the same
            done = Outcome(done=True, detail="done")
            server = ControlServer(socket_path(self.path), set(), lambda *_: done, dict, routes)
            server.serve(self._stop)

    def end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(10)
        for shop in self._shops:
            shop.db.close()

    def run(self, *arguments: str, text: str | None = None) -> Result:
        command = [*arguments, "--config", str(self.folder / "store.toml")]
        return CliRunner().invoke(main, command, input=text)


class ThreadedDesk:
    """A desk that opens the file anew for each call: whoever serves may call from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def _desk(self) -> Iterator[TillDesk]:
        shop = Shop(self._path)
        with contextlib.closing(shop.db):
            yield shop.desk

    def tell(self, kind: Kind, document: TillDocument, meant: Sequence[Meant]) -> bytes:
        with self._desk() as desk:
            return desk.tell(kind, document, meant)

    def expect(self, document: ReceiptDocument, meant: Sequence[Meant]) -> bytes:
        with self._desk() as desk:
            return desk.expect(document, meant)

    def close(self, receipt: str) -> None:
        with self._desk() as desk:
            desk.close(receipt)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = Store(tmp_path)
    yield one
    one.end()


def test_a_sale_by_hand_says_what_has_become_of_each_item(store: Store) -> None:
    store.shop().read(1)
    store.answer()
    result = store.run("sale", f"(01){GTIN}(21)1", f"(01){GTIN}(21)2", OTHER_GTIN, "e200341201")
    assert result.exit_code == 65
    assert "lines[3].epc: expected an EPC in hex" in result.stderr
    result = store.run(
        "sale", f"(01){GTIN}(21)1", f"(01){GTIN}(21)2", OTHER_GTIN, "e2003412012345678901"
    )
    assert [line.strip() for line in result.stdout.splitlines()[1:]] == [
        f"{GTIN} 1: sold; it was present",
        f"{GTIN} 2: sold; it was never read here",
        f"{OTHER_GTIN}: 1 awaited until readers show which",
        "e2003412012345678901: noted; it is no item: tid",
    ]
    again = store.run("return", f"(01){GTIN}(21)1", "--zone", "back", "--id", "r1", "--json")
    assert json.loads(again.stdout)["lines"][0]["outcome"] == "returned"
    assert store.shop().counts() == {"back": 1}


def test_an_id_that_was_used_for_something_else_is_refused(store: Store) -> None:
    store.shop()
    store.answer()
    assert store.run("sale", GTIN, "--id", "s1").exit_code == 0
    result = store.run("sale", OTHER_GTIN, "--id", "s1")
    assert (result.exit_code, "was told before" in result.stderr) == (65, True)


def test_where_no_agent_runs_nothing_is_told(store: Store) -> None:
    store.shop()
    for command in (["sale", GTIN], ["return", GTIN], ["receipt", "close", "a1"]):
        result = store.run(*command)
        assert (result.exit_code, "its agent does not run" in result.stderr) == (69, True)


def test_a_delivery_is_announced_shown_and_closed(store: Store) -> None:
    store.shop()
    store.answer()
    csv = f"kind,id,supplier,due,gtin,quantity\nreceipt,a1,ACME,2026-11-25T08:00:00Z,{GTIN},3\n"
    (store.folder / "a.csv").write_text(csv, encoding="utf-8")
    added = store.run("receipt", "add", str(store.folder / "a.csv"))
    assert added.stdout == "receipt a1: 3 expected, due 2026-11-25T08:00:00Z\n"
    store.shop().read(1, 2)
    assert store.run("receipt", "list").stdout.splitlines()[1].split() == (
        ["a1", "ACME", "2026-11-25", "08:00Z", "open", "3", "2", "1", "0"]
    )
    closed = store.run("receipt", "close", "a1")
    assert closed.stdout.splitlines()[-1].split() == [GTIN, "any", "3", "2", "1", "0"]
    shown = json.loads(store.run("receipt", "show", "a1", "--json").stdout)
    assert (shown["receipt"]["missing"], shown["receipt"]["closed"] is None) == (1, False)


WRONG = {
    "a receipt that is not there": (["receipt", "show", "a9"], "there is no receipt a9"),
    "a name that none can have": (["receipt", "close", "../x"], "no receipt can have this name"),
    "a sale among the receipts": (["receipt", "add", "-"], "expected receipts only"),
}


@pytest.mark.parametrize(("command", "told"), WRONG.values(), ids=WRONG)
def test_what_makes_no_sense_is_told(store: Store, command: list[str], told: str) -> None:
    store.shop()
    sale = msgspec.json.encode({"kind": "sale", "id": "s1", "lines": [{"gtin": GTIN}]})
    result = store.run(*command, text=sale.decode())
    assert (result.exit_code, told in result.stderr) == (65, True)


def test_what_to_bring_is_shown_without_an_agent(store: Store) -> None:
    shop = store.shop()
    assert store.run("refill").stdout == "nothing to bring\n"
    shop.read(1, 2, 3, zone="back")
    row = store.run("refill").stdout.splitlines()[1]
    assert row.split() == [GTIN, "0", "2", "2", "3", "in", "back"]
    assert json.loads(store.run("refill", "--json").stdout)["bring"] == 2


def test_what_is_awaited_is_shown_without_an_agent(store: Store) -> None:
    shop = store.shop()
    assert store.run("awaited").stdout == "none\n"
    said = msgspec.json.encode({"id": "s1", "lines": [{"gtin": GTIN, "quantity": 2}]})
    shop.desk.tell(Kind.SALE, *read_document(said, TillDocument))
    assert store.run("awaited").stdout.splitlines()[1].split()[:3] == ["sale/s1", GTIN, "2"]
    assert json.loads(store.run("awaited", "--json").stdout)["left"] == 2


def test_there_is_no_receipt_where_none_was_told(store: Store) -> None:
    store.shop()
    assert store.run("receipt", "list").stdout == "none\n"
    assert store.run("receipt", "list", "--json").stdout == ""
