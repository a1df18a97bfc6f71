"""The whole line with real processes: simulated reader, agent, mosquitto, bridge, Firestore.

What Firestore holds is read back by a client of its own, which shares no code with the product.
"""

import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from deploy.demo.line import Line
from tests.support.browser import launch, open_page
from tests.support.line import MakeLine, Stock, eventually, firestore_client, shown
from tests.support.shared import shared_data

TRACE = "reads/r420_29_tags.csv"  # 49,184 reads of 29 tags in 626 s, by a real Impinj R420


def truth(line: Line) -> Stock:
    return _flat(line.truth()["stock"])


def in_sqlite(line: Line) -> Stock:
    with closing(sqlite3.connect(line.database)) as db:
        return Counter(
            {(gtin, zone): n for gtin, zone, n in db.execute("SELECT * FROM stock WHERE count")}
        )


def in_firestore(line: Line) -> Stock:
    stores = firestore_client(line).collection("stores")
    documents = stores.document(line.store.store_id).collection("stock").stream(timeout=20)
    return _flat({document.id: document.get("zones") for document in documents})


def _flat(stock: dict[str, dict[str, int]]) -> Stock:
    return Counter(
        {(gtin, zone): n for gtin, zones in stock.items() for zone, n in zones.items() if n}
    )


def _has_settled(line: Line) -> bool:
    is_quiet = line.truth_file.exists() and bool(line.truth()["quiet"])
    return is_quiet and truth(line) == in_sqlite(line) == in_firestore(line)


def _play(line: Line, seconds: int, seed: int) -> None:
    arguments = ["--duration", str(seconds), "--seed", str(seed)]
    line.start(["run", "demo", "--truth", str(line.truth_file), *arguments])


def test_firestore_holds_the_simulators_truth_by_sku_and_zone(make_line: MakeLine) -> None:
    line = make_line(absence_s=4)
    _play(line, seconds=8, seed=11)
    eventually(lambda: _has_settled(line), line)
    assert in_firestore(line) == truth(line)
    assert truth(line).total() > 100
    assert {zone for _, zone in truth(line)} == {"floor", "back"}


@pytest.mark.parametrize("part", ["agent", "cloud"])
def test_counts_end_equal_to_the_truth_after_kill_9_of(part: str, make_line: MakeLine) -> None:
    line = make_line(absence_s=4)
    _play(line, seconds=12, seed=12)
    eventually(lambda: in_firestore(line).total() > 20, line)
    program = line.agent if part == "agent" else line.cloud
    assert program is not None
    program.kill()
    before = truth(line)
    eventually(lambda: truth(line) != before, line, but=program)
    line.start_agent() if part == "agent" else line.start_cloud()
    eventually(lambda: _has_settled(line), line)
    assert in_firestore(line) == in_sqlite(line) == truth(line)


@pytest.mark.shared_data
@pytest.mark.parametrize(("absence_s", "known", "present"), [(900, 25, 25), (60, 25, 12)])
def test_a_recorded_reader_is_accounted_for_tag_by_tag(
    absence_s: float, known: int, present: int, make_line: MakeLine
) -> None:
    trace = shared_data(TRACE)
    line = make_line(absence_s=absence_s, zones=("ceiling",))
    line.start(["replay", str(trace), "--speed", "60"])
    assert line.simulator is not None
    assert line.simulator.wait(timeout_s=60) == 0
    eventually(lambda: _items(line) == (known, present), line, but=line.simulator)
    eventually(lambda: in_firestore(line) == in_sqlite(line), line, but=line.simulator)
    assert in_firestore(line).total() == present
    assert _on_the_page(line) == in_sqlite(line)
    assert _strays(line) == 4


def _on_the_page(line: Line) -> Stock:
    with (
        launch() as browser,
        open_page(browser, f"{line.address}stores/{line.store.store_id}") as (page, _),
    ):
        page.get_by_test_id("sku-row").first.wait_for()
        return shown(page)


def _items(line: Line) -> tuple[int, int]:
    """Give how many items are known, and how many of them are present."""
    with closing(sqlite3.connect(line.database)) as db:
        states = [state for (state,) in db.execute("SELECT state FROM items")]
    return len(states), states.count("present")


def _strays(line: Line) -> int:
    """Give how many tags are kept apart, each with its reason."""
    with closing(sqlite3.connect(line.database)) as db:
        return len([reason for (reason,) in db.execute("SELECT reason FROM strays") if reason])
