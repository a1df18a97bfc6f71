"""Sales, returns and notices, as the desk takes them: what is done, answered, and done once."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.errors import InputConflict, InputError, StorageError
from edge.local.documents import (
    Kind,
    ReceiptDocument,
    TillDocument,
    read_document,
)
from edge.model import ZoneKind
from edge.recorder import Order
from edge.shop import till_desk as module
from edge.shop.till_answers import till_of
from edge.storage.events import Events
from edge.storage.receipts import Receipts
from tests.support.tills import GTIN, OTHER_GTIN, Shop

TAGGED = {"gtin": GTIN, "serial": "1"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def shop(path: Path) -> Iterator[Shop]:
    one = Shop(path)
    yield one
    one.db.close()


def tell(
    shop: Shop, kind: Kind, *lines: object, document: str = "d1", **others: object
) -> dict[str, Any]:
    text = msgspec.json.encode({"id": document, "lines": lines, **others})
    told = shop.desk.tell(kind, *read_document(text, TillDocument))
    return msgspec.json.decode(told, type=dict[str, Any])


def sell(
    shop: Shop, *lines: object, document: str = "d1", **others: object
) -> list[dict[str, Any]]:
    return list(tell(shop, Kind.SALE, *lines, document=document, **others)["lines"])


def take_back(
    shop: Shop, *lines: object, document: str = "d1", **others: object
) -> list[dict[str, Any]]:
    return list(tell(shop, Kind.RETURN, *lines, document=document, **others)["lines"])


def expect(shop: Shop, *lines: object, document: str = "a1") -> dict[str, Any]:
    text = msgspec.json.encode({"id": document, "lines": lines})
    told = shop.desk.expect(*read_document(text, ReceiptDocument))
    return msgspec.json.decode(told, type=dict[str, Any])


def events(shop: Shop) -> list[tuple[str, str, str]]:
    newest = Events(shop.db).newest(100)
    return [(event.kind.value, event.serial, event.zone) for event in reversed(newest)]


# What is sold.


def test_a_sale_closes_the_item_at_once(shop: Shop) -> None:
    shop.read(1, 2)
    answer = sell(shop, TAGGED)
    assert answer == [{"outcome": "sold", "gtin": GTIN, "serial": "1", "was": "present"}]
    assert shop.counts() == {"floor": 1}
    shop.read(1, 2)
    assert shop.counts() == {"floor": 1}


def test_an_item_that_nobody_has_read_is_sold_and_noted(shop: Shop) -> None:
    assert sell(shop, TAGGED) == [{"outcome": "sold", "gtin": GTIN, "serial": "1"}]
    assert events(shop) == [("sold", "1", "till")]
    shop.read(1, zone="till")
    assert shop.counts() == {}


def test_an_epc_that_is_no_item_is_noted_and_the_rest_is_done(shop: Shop) -> None:
    shop.read(1)
    noted, sold = sell(shop, {"epc": "e2003412012345678901"}, TAGGED)
    assert noted == {"outcome": "noted", "epc": "e2003412012345678901", "reason": "tid"}
    assert (sold["outcome"], shop.counts()) == ("sold", {})


def test_what_is_sold_already_stays_so(shop: Shop) -> None:
    shop.read(1)
    sell(shop, TAGGED)
    [answer] = sell(shop, TAGGED, document="d2")
    assert (answer["outcome"], answer["was"]) == ("unchanged", "sold")


def test_what_comes_back_is_at_the_till(shop: Shop) -> None:
    shop.read(1)
    sell(shop, TAGGED)
    [answer] = take_back(shop, TAGGED)
    assert (answer["outcome"], answer["was"], shop.counts()) == ("returned", "sold", {"till": 1})


def test_or_where_the_till_says_that_it_is(shop: Shop) -> None:
    take_back(shop, TAGGED, zone="back")
    assert shop.counts() == {"back": 1}


def test_a_zone_that_the_store_has_not_is_refused(shop: Shop) -> None:
    with pytest.raises(InputError, match="zone: expected one of floor, back, till, dock, got moon"):
        sell(shop, TAGGED, zone="moon")
    assert shop.orders == 0


def test_what_is_sold_by_gtin_is_the_item_at_the_till_or_the_next_that_goes(shop: Shop) -> None:
    shop.read(1)
    for _ in range(60):
        shop.read(2, zone="till")
        shop.read(1)
    [answer] = sell(shop, {"gtin": GTIN, "quantity": 2})
    assert answer == {"outcome": "counted", "gtin": GTIN, "serials": ["2"], "awaited": 1}
    assert shop.counts() == {"floor": 1}
    shop.pass_time(70)
    assert shop.counts() == {}
    assert [event for event in events(shop) if event[0] in {"sold", "missing"}] == [
        ("sold", "2", "till"),
        ("sold", "1", "floor"),
    ]


def test_a_sale_by_gtin_is_awaited_by_the_next_life_too(shop: Shop, path: Path) -> None:
    shop.read(1, 2)
    sell(shop, {"gtin": GTIN, "quantity": 1})
    again = Shop(path)
    again.at_us = shop.at_us
    again.read(2)
    again.pass_time(59)
    again.read(2)
    again.pass_time(10)
    assert [kind for kind, serial, _ in events(again) if serial == "1"] == ["arrived", "sold"]
    again.db.close()


def test_the_answer_says_when_it_was(shop: Shop) -> None:
    told = tell(shop, Kind.SALE, TAGGED, at="2020-01-01T00:00:00Z")
    assert told["at"] == "2020-01-01T00:00:00Z"


def test_a_till_whose_clock_is_ahead_sells_now(shop: Shop) -> None:
    told = tell(shop, Kind.SALE, TAGGED, at="2100-01-01T00:00:00Z")
    assert not told["at"].startswith("2100")


# Told again.


def test_what_is_told_again_is_answered_the_same_and_not_done_again(shop: Shop) -> None:
    shop.read(1, 2, 3)
    first = tell(shop, Kind.SALE, TAGGED, {"gtin": GTIN})
    take_back(shop, TAGGED, document="d9")
    before = shop.counts()
    assert tell(shop, Kind.SALE, TAGGED, {"gtin": GTIN}) == first
    assert shop.counts() == before


def test_also_by_the_next_life(shop: Shop, path: Path) -> None:
    shop.read(1)
    first = sell(shop, TAGGED)
    again = Shop(path)
    assert sell(again, TAGGED) == first
    again.db.close()


def test_another_document_of_the_same_id_is_refused(shop: Shop) -> None:
    shop.read(1, 2)
    sell(shop, TAGGED)
    with pytest.raises(InputConflict, match="sale d1 was told before, and said something else"):
        sell(shop, {"gtin": GTIN, "serial": "2"})
    assert shop.counts() == {"floor": 1}


def test_sales_and_returns_have_ids_of_their_own(shop: Shop) -> None:
    shop.read(1)
    sell(shop, TAGGED)
    take_back(shop, TAGGED)
    assert shop.counts() == {"till": 1}


def test_two_that_tell_the_same_before_either_is_written_are_answered_the_same(
    shop: Shop,
) -> None:
    orders: list[Order] = []

    class Late:
        def ask(self, _: object) -> Future[None]:
            raise NotImplementedError

        def order(self, order: Order) -> Future[None]:
            order.decide(shop.pipeline)
            orders.append(order)
            done: Future[None] = Future()
            done.set_result(None)
            return done

    shop.read(1)
    desk = module.TillDesk(shop.db, Late(), shop.clock, {"floor": ZoneKind.SALES_FLOOR})
    said = read_document(msgspec.json.encode({"id": "d1", "lines": [TAGGED]}), TillDocument)
    assert desk.tell(Kind.SALE, *said) == desk.tell(Kind.SALE, *said)
    for order in orders:
        order.write()


def test_what_could_not_be_written_is_told_and_can_be_told_again(shop: Shop) -> None:
    shop.read(1)
    shop.fails = StorageError("the disk is full")
    with pytest.raises(StorageError, match="the disk is full"):
        sell(shop, TAGGED)
    shop.fails = None
    assert sell(shop, TAGGED)[0]["outcome"] == "sold"


def test_who_is_not_answered_in_time_is_told_to_tell_it_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        def __init__(self) -> None:
            self.asked: list[Future[None]] = []

        def ask(self, _: object) -> Future[None]:
            raise NotImplementedError

        def order(self, _: Order) -> Future[None]:
            self.asked.append(Future())
            return self.asked[-1]

    monkeypatch.setattr(module, "ANSWER_S", 0.05)
    silent = Silent()
    desk = module.TillDesk(shop.db, silent, shop.clock, {"floor": ZoneKind.SALES_FLOOR})
    said = read_document(msgspec.json.encode({"id": "d1", "lines": [TAGGED]}), TillDocument)
    with pytest.raises(StorageError, match="tell it again"):
        desk.tell(Kind.SALE, *said)
    assert silent.asked[0].cancelled()


# What is to be delivered.


def test_what_arrives_is_received(shop: Shop) -> None:
    answer = expect(shop, {"gtin": GTIN, "quantity": 3}, {"gtin": OTHER_GTIN, "serial": "5"})
    assert (answer["expected"], answer["received"]) == (4, 0)
    shop.read(1, 2, zone="dock")
    shop.read(5, zone="dock", gtin=OTHER_GTIN)
    [row] = Receipts(shop.db).all()
    assert (row.received, row.missing, row.over) == (3, 1, 0)


def test_lines_of_one_gtin_are_one(shop: Shop) -> None:
    expect(shop, {"gtin": GTIN, "quantity": 3}, {"gtin": GTIN, "quantity": 2})
    [line] = Receipts(shop.db).lines("a1")
    assert (line.expected, line.serial) == (5, "")


def test_an_item_that_is_here_already_is_received(shop: Shop) -> None:
    shop.read(1)
    assert expect(shop, TAGGED, {"gtin": GTIN, "serial": "2"})["received"] == 1


def test_a_notice_that_is_told_again_is_one_notice(shop: Shop) -> None:
    first = expect(shop, {"gtin": GTIN, "quantity": 3})
    shop.read(1)
    assert expect(shop, {"gtin": GTIN, "quantity": 3}) == first
    assert [row.received for row in Receipts(shop.db).all()] == [1]


def test_what_is_no_item_cannot_be_expected(shop: Shop) -> None:
    with pytest.raises(InputError, match=r"lines\[1\].epc: expected an item, got e200341201"):
        expect(shop, TAGGED, {"epc": "e2003412012345678901"})
    assert Receipts(shop.db).all() == []


def test_a_receipt_is_closed(shop: Shop) -> None:
    expect(shop, {"gtin": GTIN, "quantity": 3})
    shop.desk.close("a1")
    shop.read(1)
    [row] = Receipts(shop.db).all()
    assert (row.closed_at_us is None, row.missing) == (False, 3)


TILLS = {
    "a point of sale": ({"a": ZoneKind.SALES_FLOOR, "z": ZoneKind.POINT_OF_SALE}, "z", "z"),
    "the first of several": (
        {"t2": ZoneKind.POINT_OF_SALE, "t1": ZoneKind.POINT_OF_SALE},
        "t1",
        "t1",
    ),
    "a floor where there is none": (
        {"back": ZoneKind.BACK_ROOM, "floor": ZoneKind.SALES_FLOOR},
        "floor",
        None,
    ),
    "whatever there is": ({"back": ZoneKind.BACK_ROOM}, "back", None),
}


@pytest.mark.parametrize(("zones", "zone", "returns"), TILLS.values(), ids=TILLS)
def test_the_till_is_where_the_store_has_it(
    zones: dict[str, ZoneKind], zone: str, returns: str | None
) -> None:
    assert (till_of(zones).zone, till_of(zones).returns) == (zone, returns)
