"""Paths and shapes: there and back, what cannot be, and what Firestore is told to index."""

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.apply import Cursor
from cloud.documents import counts, paths, records, shapes
from cloud.documents.interface import ABSENT, EXPIRES_AT, Document, Put
from edge.digest import shard_of
from edge.errors import DocumentsError, ProtocolError
from edge.model import StockRow
from edge.wire import ReaderStatus, Status

GTIN = "09506001343524"
ROW = StockRow(GTIN, 7, {"floor": 2, "back": 1, "old": 0}, missing=4)
CHANGE_ID = "0123456789abcdef01234567"
AT_US = 1_795_443_600_123_456
STATUS = Status(
    store="muc-01",
    term=3,
    boot="b",
    online=True,
    name="Munich",
    program="0.1.0",
    readers=[ReaderStatus("floor-1", up=True, last_read_at_us=5), ReaderStatus("dock", up=False)],
    present=3,
    missing=4,
    skus=1,
    strays=9,
    pending=2,
)
EXEMPTIONS = Path(__file__).parents[3] / "deploy" / "firestore" / "firestore.indexes.json"


def stored(put: Put) -> Document:
    return Document(put.path, put.data, "1")


# ---------------------------------------------------------------- paths

PATHS = {
    "stores/muc-01": paths.store("muc-01"),
    "stores/muc-01/sync/cursor": paths.cursor("muc-01"),
    "stores/muc-01/stock": paths.stock("muc-01"),
    f"stores/muc-01/stock/{GTIN}": paths.stock_line("muc-01", GTIN),
    "stores/muc-01/changes": paths.changes("muc-01"),
    f"stores/muc-01/changes/{CHANGE_ID}": paths.change("muc-01", CHANGE_ID),
    f"products/{GTIN}": paths.product(GTIN),
}


@pytest.mark.parametrize(("expected", "path"), PATHS.items(), ids=PATHS)
def test_a_path_is_as_the_design_has_it(expected: str, path: str) -> None:
    assert path == expected


NO_PATHS: dict[str, Callable[[], str]] = {
    "a store with a slash": lambda: paths.store("a/b"),
    "a store in capitals": lambda: paths.store("MUC"),
    "no store": lambda: paths.stock(""),
    "a store of 41 characters": lambda: paths.store("a" * 41),
    "a store of dots": lambda: paths.cursor(".."),
    "a store with a line's end": lambda: paths.store("muc\n"),
    "a GTIN of 13 digits": lambda: paths.product("9506001343524"),
    "a GTIN in another script": lambda: paths.stock_line(
        "muc-01", "\N{ARABIC-INDIC DIGIT ZERO}" * 14
    ),
    "a change id with a slash": lambda: paths.change("muc-01", "0123456789abcdef/x"),
    "a change id too short to be random": lambda: paths.change("muc-01", "1"),
}


@pytest.mark.parametrize("make", NO_PATHS.values(), ids=NO_PATHS)
def test_an_id_that_is_not_of_its_form_makes_no_path(make: Callable[[], str]) -> None:
    with pytest.raises(ProtocolError):
        make()


# ---------------------------------------------------------------- there and back


def test_a_stock_row_becomes_a_line_with_its_sum() -> None:
    put = shapes.put_stock("muc-01", ROW, term=3, changed_at_us=AT_US)
    assert put == Put(
        f"stores/muc-01/stock/{GTIN}",
        {
            "store": "muc-01",
            "gtin": GTIN,
            "shard": shard_of(GTIN),
            "zones": {"floor": 2, "back": 1, "old": 0},
            "present": 3,
            "missing": 4,
            "ver": 7,
            "term": 3,
            "changed_at_us": AT_US,
        },
    )
    line = shapes.stock_line(stored(put))
    assert (line.zones, line.present, line.missing) == (ROW.zones, 3, 4)


def put_change(rows: list[StockRow], **other: object) -> Put:
    facts: Any = {"term": 3, "from_ver": 5, "to_ver": 7, "received_at_us": AT_US}
    return shapes.put_change("muc-01", CHANGE_ID, rows, **(facts | other))


def test_a_change_keeps_its_rows_in_one_text() -> None:
    other = StockRow("00000000000017", 6, {"dock": 1}, missing=0)
    put = put_change([other, ROW])
    assert isinstance(put.data["rows"], str)
    assert shapes.change_rows(stored(put)) == [other, ROW]


def test_a_change_of_no_rows_has_none() -> None:
    assert shapes.change_rows(stored(put_change([]))) == []


def test_a_change_expires_three_days_after_it_came() -> None:
    received = datetime.fromtimestamp(AT_US // 1_000_000, UTC)
    expires_at = put_change([]).data[EXPIRES_AT]
    assert (expires_at - received).days == 3


LIVES = st.tuples(st.integers(0, 2**23 - 1), st.integers(0, 2**40 - 1))


@given(one=LIVES, other=LIVES)
def test_changes_are_ordered_by_term_then_ver(one: tuple[int, int], other: tuple[int, int]) -> None:
    orders = [put_change([], term=term, to_ver=ver).data["order"] for term, ver in (one, other)]
    assert (orders[0] < orders[1]) == (one < other)
    assert max(orders) < 2**63


def test_a_status_becomes_a_store_and_leaves_the_time_of_its_last_delta_alone() -> None:
    put = shapes.put_status(STATUS, status_at_us=AT_US)
    assert (put.path, put.merge) == ("stores/muc-01", True)
    assert not {"applied_at_us", "type", "v"} & put.data.keys()
    store = shapes.store(stored(put))
    told = {"store", "term", "boot", "online", "name", "program", "readers", "present", "missing"}
    told |= {"skus", "strays", "pending", "alarms"}
    assert {key: getattr(store, key) for key in told} == {key: getattr(STATUS, key) for key in told}
    assert (store.status_at_us, store.applied_at_us) == (AT_US, None)


def test_the_brokers_word_that_a_store_has_gone_leaves_what_the_store_said() -> None:
    will = Status("muc-01", 3, "9f2c", online=False)
    put = shapes.put_status(will, status_at_us=AT_US)
    assert (put.data, put.merge) == ({"store": "muc-01", "online": False}, True)


def test_a_store_is_written_with_no_field_that_its_shape_does_not_know() -> None:
    written = set(shapes.put_status(STATUS, status_at_us=AT_US).data)
    written |= shapes.put_applied("muc-01", applied_at_us=AT_US).data.keys()
    written |= shapes.put_rival("muc-01", "spare", rival_at_us=AT_US).data.keys()
    assert written == set(fields_of(shapes.StoreDoc))


def test_a_store_whose_delta_came_before_any_status_can_be_read() -> None:
    put = shapes.put_applied("muc-01", applied_at_us=AT_US)
    assert put.merge
    assert shapes.store(stored(put)) == shapes.StoreDoc("muc-01", applied_at_us=AT_US)


def test_a_cursor_is_written_over_the_version_it_was_decided_by() -> None:
    cursor = Cursor(term=3, boot="b", applied=7, sweep_term=2)
    put = shapes.put_cursor("muc-01", cursor, expected=ABSENT)
    assert (put.path, put.merge, put.expected) == ("stores/muc-01/sync/cursor", False, ABSENT)
    assert shapes.cursor(stored(put)) == cursor


def test_a_product_can_be_read_back() -> None:
    product = shapes.Product(GTIN, "Hemd «Ærø», weiß")
    assert shapes.product(stored(shapes.put_product(product))) == product


# ---------------------------------------------------------------- what cannot be


def row(**other: object) -> StockRow:
    return msgspec.structs.replace(ROW, **other)


UNFIT: dict[str, Callable[[], Put]] = {
    "a zone without a name": lambda: put_stock(row(zones={"": 1})),
    "a zone that Firestore reserves": lambda: put_stock(row(zones={"__name__": 1})),
    "a zone that marks bytes": lambda: put_stock(row(zones={"$bytes": 1})),
    "a zone with a name as long as a book": lambda: put_stock(row(zones={"z" * 101: 1})),
    "a negative count": lambda: put_stock(row(zones={"floor": -1})),
    "a count that no browser holds": lambda: put_stock(row(zones={"floor": 2**53})),
    "a sum that no browser holds": lambda: put_stock(row(zones={"a": 2**53 - 1, "b": 1})),
    "a negative number of missing": lambda: put_stock(row(missing=-1)),
    "a GTIN that is none": lambda: put_stock(row(gtin="x")),
    "a term of over 23 bits": lambda: put_change([], term=2**23),
    "a ver of over 40 bits": lambda: put_change([], to_ver=2**40),
    "a status with a number of over 64 bits": lambda: put_status(present=2**64),
    "a reader read after the end of time": lambda: put_status(
        readers=[ReaderStatus("r", up=True, last_read_at_us=2**60)]
    ),
    "a status of a store with a slash": lambda: put_status(store="a/b"),
}


def put_stock(unfit: StockRow) -> Put:
    return shapes.put_stock("muc-01", unfit, term=3, changed_at_us=AT_US)


def put_status(**other: object) -> Put:
    return shapes.put_status(msgspec.structs.replace(STATUS, **other), status_at_us=AT_US)


@pytest.mark.parametrize("make", UNFIT.values(), ids=UNFIT)
def test_what_no_document_may_hold_is_refused(make: Callable[[], Put]) -> None:
    with pytest.raises(ProtocolError):
        make()


def with_columns(**other: list[object]) -> dict[str, Any]:
    columns = {"gtins": ["1"], "vers": [1], "zones": ["a"], "counts": [[1]], "missing": [0]}
    return {**put_change([ROW]).data, "rows": json.dumps({**columns, **other})}


BROKEN: dict[str, tuple[Callable[[Document], object], dict[str, Any]]] = {
    "a line without a sum": (shapes.stock_line, {"gtin": GTIN}),
    "a count as text": (shapes.stock_line, {**put_stock(ROW).data, "zones": {"floor": "2"}}),
    "a cursor without a term": (shapes.cursor, {"boot": "b", "applied": 1}),
    "rows that are no JSON": (shapes.change_rows, {**put_change([]).data, "rows": "{"}),
    "rows of unequal columns": (shapes.change_rows, with_columns(vers=[])),
    "rows with a short column": (shapes.change_rows, with_columns(counts=[[]])),
    "rows with a column too few": (shapes.change_rows, with_columns(counts=[])),
}


@pytest.mark.parametrize(("read", "data"), BROKEN.values(), ids=BROKEN)
def test_a_document_that_is_not_as_expected_is_told_by_its_path(
    read: Callable[[Document], object], data: dict[str, Any]
) -> None:
    with pytest.raises(DocumentsError, match="stores/muc-01/broken"):
        read(Document("stores/muc-01/broken", data, "1"))


def test_a_field_that_a_later_program_has_added_is_ignored() -> None:
    put = put_stock(ROW)
    assert shapes.stock_line(Document(put.path, {**put.data, "later": [1]}, "1")).present == 3


# ---------------------------------------------------------------- Firestore's exemptions

KEPT_FOR_A_TIME = ("changes", "events", "deadletters", "counts", "lines")
KINDS: dict[str, Any] = {
    "stores": shapes.StoreDoc,
    "sync": Cursor,
    "stock": shapes.StockLine,
    "changes": shapes.ChangeDoc,
    "products": shapes.Product,
    "events": records.StoredEvent,
    "deadletters": records.DeadLetter,
    "counts": counts.CountDoc,
    "lines": counts.CountPartDoc,
}


def fields_of(kind: type) -> list[str]:
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind)]
    return [field.name for field in msgspec.structs.fields(kind)]


def test_firestore_is_told_of_every_field_and_indexes_only_those_we_ask_by() -> None:
    overrides = json.loads(EXEMPTIONS.read_text())["fieldOverrides"]
    told = {(each["collectionGroup"], each["fieldPath"]): each["indexes"] for each in overrides}
    assert told.keys() == {(name, field) for name in KINDS for field in fields_of(KINDS[name])}
    indexed = {(name, field) for name, fields in shapes.INDEXED.items() for field in fields}
    assert {place for place, indexes in told.items() if indexes} == indexed


def test_firestore_is_told_which_field_is_a_time_to_live() -> None:
    overrides = json.loads(EXEMPTIONS.read_text())["fieldOverrides"]
    living = [(each["collectionGroup"], each["fieldPath"]) for each in overrides if "ttl" in each]
    assert living == [(kind, EXPIRES_AT) for kind in KEPT_FOR_A_TIME]
