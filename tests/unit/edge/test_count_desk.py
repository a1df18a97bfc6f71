"""Count sessions from their opening to their approval, as they are kept in the file."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.counts import CountState, CountTotals
from edge.errors import InputConflict, InputError, NothingSuch
from edge.local.routes import find_route
from edge.shop.count_routes import CountRoutes
from edge.storage.counts import Counts, Differences
from edge.storage.database import Database, open_database
from edge.wire_counts import CountAct, CountOrder, CountWish
from tests.support.counting import CountedStore
from tests.support.engine import GTIN, OTHER_GTIN, epc

FLOOR = CountOrder(zones=["floor"])
FOUR = CountTotals(expected=4, found=3, missing=2, unexpected=1, skus=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[CountedStore]:
    one = CountedStore(path, floor=[1, 2, 3, 4], back=[5])
    yield one
    one.db.close()


def counted(store: CountedStore) -> str:
    """Open and close a count of the floor, in which 1, 2 and 5 are found."""
    count = store.desk.open(FLOOR, "api")
    store.press(1, 2)
    store.press(5, 1)
    store.desk.close(count, "api")
    return count


def test_a_count_is_kept_with_what_it_has_found(store: CountedStore) -> None:
    count = counted(store)
    head = store.head(count)
    assert (head.state, head.totals) == (CountState.CLOSED, FOUR)
    assert (head.plan.readers, head.plan.opened_by) == (("hand",), "api")
    assert store.counts.differences(count) == {GTIN: Differences(["3", "4"], ["5"])}
    assert store.counts.presses(count) == 2


def test_nothing_changes_before_a_person_says_so(store: CountedStore) -> None:
    counted(store)
    assert store.present() == {"floor": 4, "back": 1}


def test_an_approval_becomes_the_stock(store: CountedStore) -> None:
    count = counted(store)
    applied = store.desk.approve(count, "api")
    assert applied.events == {"missing": 2, "moved": 1}
    assert store.present() == {"floor": 3}
    assert store.head(count).applied == applied


def test_an_approval_that_is_said_again_is_answered_the_same(store: CountedStore) -> None:
    count = counted(store)
    assert store.desk.approve(count, "api") == store.desk.approve(count, "api")
    assert store.present() == {"floor": 3}


def test_what_is_written_off_has_departed(store: CountedStore) -> None:
    count = counted(store)
    assert store.desk.approve(count, "api", writes_off=True).events == {"departed": 2, "moved": 1}


def test_a_cancelled_count_changes_nothing(store: CountedStore) -> None:
    count = counted(store)
    store.desk.cancel(count, "api")
    assert store.head(count).state is CountState.CANCELLED
    assert store.present() == {"floor": 4, "back": 1}


def test_a_count_goes_on_in_the_next_life_of_the_agent(store: CountedStore, path: Path) -> None:
    count = store.desk.open(FLOOR, "api")
    store.press(1)
    again = CountedStore(path)
    again.clock.advance(60)
    again.press(1, 2, 5)
    assert again.head(count).totals == FOUR
    again.desk.close(count, "api")
    assert again.desk.approve(count, "api").events == {"missing": 2, "moved": 1}
    again.db.close()


def test_a_list_of_items_is_what_is_expected(store: CountedStore) -> None:
    epcs = [epc(1).hex(), epc(9, OTHER_GTIN).hex()]
    count = store.desk.open(CountOrder(zones=["floor"], epcs=epcs), "api")
    store.press(1, 2)
    store.desk.close(count, "api")
    assert store.counts.differences(count) == {
        GTIN: Differences([], ["2"]),
        OTHER_GTIN: Differences(["9"], []),
    }
    applied = store.desk.approve(count, "api")
    assert applied.events == {"missing": 2}, "of what was there, 3 and 4 were not found"


def test_a_count_of_several_zones_leaves_items_where_they_were(store: CountedStore) -> None:
    count = store.desk.open(CountOrder(zones=["floor", "back"]), "api")
    store.press(1, 2, 3, 4, 5, 6)
    store.desk.close(count, "api")
    assert store.desk.approve(count, "api").events == {"arrived": 1}
    assert store.present() == {"floor": 5, "back": 1}


def test_fixed_readers_count_where_there_is_no_handheld_left(store: CountedStore) -> None:
    store.desk.open(FLOOR, "api")
    back = store.desk.open(CountOrder(zones=["back"]), "api")
    assert store.head(back).plan.readers == ("a",)


WRONG: dict[str, tuple[CountOrder, str]] = {
    "an unknown zone": (CountOrder(zones=["attic"]), "zone attic is none of: back, fitting, floor"),
    "an unknown reader": (
        CountOrder(zones=["floor"], readers=["b"]),
        "reader b is none of: hand, a",
    ),
    "a reader that does not cover the zone": (
        CountOrder(zones=["fitting"], readers=["a"]),
        "reader a has no antenna in fitting",
    ),
    "two lists": (CountOrder(zones=["floor"], epcs=[], quantities={}), "either epcs or quantities"),
    "a list with a tag that is no item": (
        CountOrder(zones=["floor"], epcs=[epc(1).hex(), "e280"]),
        "entry 2: e280 is no item",
    ),
}


@pytest.mark.parametrize(("order", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_counted_is_refused(
    store: CountedStore, order: CountOrder, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        store.desk.open(order, "api")


def test_a_count_opened_twice_with_one_id_is_one(store: CountedStore) -> None:
    order = CountOrder(zones=["floor"], id="q4")
    assert store.desk.open(order, "api") == store.desk.open(order, "api") == "q4"
    assert len(store.counts.heads(9)) == 1


TOO_SOON = {
    "approved while it runs": ("approve",),
    "closed when it is cancelled": ("cancel", "close"),
    "approved when it is cancelled": ("cancel", "approve"),
    "cancelled when it is approved": ("close", "approve", "cancel"),
}


@pytest.mark.parametrize("acts", TOO_SOON.values(), ids=TOO_SOON)
def test_a_count_cannot_be_what_its_state_forbids(
    store: CountedStore, acts: tuple[str, ...]
) -> None:
    count = store.desk.open(FLOOR, "api")
    for act in acts[:-1]:
        getattr(store.desk, act)(count, "api")
    with pytest.raises(InputConflict):
        getattr(store.desk, acts[-1])(count, "api")


def test_a_count_that_is_not_there_is_named(store: CountedStore) -> None:
    with pytest.raises(NothingSuch, match="there is no count q4"):
        store.desk.close("q4", "api")


def test_an_order_of_head_offices_that_cannot_be_is_kept_with_the_reason(
    store: CountedStore,
) -> None:
    order = CountOrder(zones=["attic"])
    with pytest.raises(InputError):
        store.desk.obey(CountWish(CountAct.OPEN, "q4", order), "head office")
    head = store.head("q4")
    assert (head.state, head.note) == (
        CountState.REFUSED,
        "zone attic is none of: back, fitting, floor",
    )


def test_head_office_opens_closes_and_approves(store: CountedStore) -> None:
    store.desk.obey(CountWish(CountAct.OPEN, "q4", FLOOR), "head office")
    store.press(1)
    for act in (CountAct.CLOSE, CountAct.APPROVE):
        store.desk.obey(CountWish(act, "q4"), "head office")
    assert store.head("q4").applied.events == {"missing": 3}


def test_old_counts_go_and_those_that_wait_stay(store: CountedStore) -> None:
    counts = Counts(store.db, kept=3)
    kept = counted(store)
    for number in range(5):
        order = CountOrder(zones=["back"], id=f"c{number}", readers=["a"])
        store.desk.open(order, "api")
        store.desk.cancel(f"c{number}", "api")
    counts.prune()
    assert [head.plan.id for head in counts.heads(9)] == ["c4", "c3", "c2", kept]
    assert store.db.rows("SELECT DISTINCT count FROM count_items") == [(1,), (4,), (5,), (6,)]


# The routes, as tills and commands ask.


def ask(store: CountedStore, method: str, target: str, body: object = None) -> Any:  # noqa: ANN401 JSON
    def reading() -> AbstractContextManager[Database]:
        return closing(open_database(store.db.path, read_only=True))

    call = find_route(CountRoutes(store.desk, reading).routes(), method, target)
    answer = call.answer(b"" if body is None else json.dumps(body).encode())
    return json.loads(msgspec.json.encode(answer.body))


def test_a_count_is_made_over_http(store: CountedStore) -> None:
    opened = ask(store, "POST", "/counts", {"zones": ["floor"]})
    assert (opened["state"], opened["opened_by"], opened["expected"]) == ("running", "api", 4)
    name = opened["id"]
    store.press(1, 5)
    assert ask(store, "GET", f"/counts/{name}/progress")["found"] == 2
    closed = ask(store, "POST", f"/counts/{name}/close?by=command")
    assert (closed["closed_by"], closed["unit_accuracy"]) == ("command", 0.0)
    [line] = ask(store, "GET", f"/counts/{name}")["lines"]
    assert (line["missing_serials"], line["unexpected_serials"]) == (["2", "3", "4"], ["5"])
    approved = ask(store, "POST", f"/counts/{name}/approve", {"writes_off": True})
    assert approved["applied"] == {"departed": 3, "moved": 1}
    assert [one["id"] for one in ask(store, "GET", "/counts")["counts"]] == [name]


BAD: dict[str, tuple[str, str, object, str]] = {
    "no JSON object": ("POST", "/counts", [], "a count: Expected `object`"),
    "an unknown field": ("POST", "/counts", {"zones": ["floor"], "zone": 1}, "zone"),
    "no zone": ("POST", "/counts", {"zones": []}, "zones"),
    "a wrong GTIN": ("POST", "/counts", {"zones": ["floor"], "quantities": {"1": 1}}, "quantities"),
    "another speaker": ("POST", "/counts?by=me", {"zones": ["floor"]}, "by: expected one of"),
    "no such count": ("GET", "/counts/q4", None, "there is no count q4"),
}


@pytest.mark.parametrize(("method", "target", "body", "words"), BAD.values(), ids=BAD)
def test_what_makes_no_sense_is_refused_by_its_place(
    store: CountedStore, method: str, target: str, body: object, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        ask(store, method, target, body)
