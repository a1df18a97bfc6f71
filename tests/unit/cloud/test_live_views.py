"""What is told of documents: the chain of changes, the stock of a store, all stores."""

import pytest

from cloud.documents import paths, shapes
from cloud.documents.interface import MAX_WATCHED, Delete, Document
from cloud.live.events import Line, Position, Stock, StockChanged, Stores, StoresChanged
from cloud.live.names import FEW, KNOWN_FOR_S, UNKNOWN_FOR_S, Names
from cloud.live.views import StockView, StoresView, chain
from edge.errors import DocumentsError
from edge.model import StockRow
from tests.support.clocks import ManualClock
from tests.support.head_office import StoreWriter, name_products
from tests.support.scripted_documents import ScriptedDocuments

SHIRT, JEANS, COAT = "04012345678901", "04012345678918", "04012345678925"


def change(term: int, from_ver: int, to_ver: int) -> Document:
    put = shapes.put_change(
        "muc-01",
        f"{term:08d}{to_ver:08d}",
        [StockRow(SHIRT, to_ver, {"floor": to_ver}, 0)],
        term=term,
        from_ver=from_ver,
        to_ver=to_ver,
        received_at_us=5,
    )
    return Document(put.path, put.data, "1")


UNREADABLE = Document("stores/muc-01/changes/0000000000000099", {"term": "?"}, "1")

# at (term, ver): what the watch shows, and up to which vers the chain goes (None: broken)
CHAINS: dict[str, tuple[tuple[int, int], list[Document], list[int] | None]] = {
    "nothing": ((1, 4), [], []),
    "all of it is known": ((1, 4), [change(1, 2, 4), change(1, 0, 2)], []),
    "the next one": ((1, 4), [change(1, 4, 5)], [5]),
    "newest first, as watches show them": ((1, 4), [change(1, 5, 9), change(1, 4, 5)], [5, 9]),
    "one begins within what is known": ((1, 4), [change(1, 2, 6)], [6]),
    "one is missing": ((1, 4), [change(1, 6, 7), change(1, 4, 5)], None),
    "one cannot be read": ((1, 4), [UNREADABLE, change(1, 4, 5)], [5]),
    "one that cannot be read is missing": ((1, 4), [change(1, 5, 6), UNREADABLE], None),
    "a new term, though it seems to go on": ((1, 4), [change(2, 4, 5)], None),
    "a new term from nothing": ((1, 4), [change(2, 0, 5)], None),
    "what is left of an old term": ((2, 4), [change(1, 8, 9), change(1, 4, 5)], []),
    "an old term and the next one": ((2, 4), [change(1, 8, 9), change(2, 4, 5)], [5]),
}


@pytest.mark.parametrize(("at", "found", "reached"), CHAINS.values(), ids=CHAINS)
def test_changes_are_taken_as_an_unbroken_chain_of_one_term(
    at: tuple[int, int], found: list[Document], reached: list[int] | None
) -> None:
    links = chain(Position(*at), found)
    assert (None if links is None else [link.data["to_ver"] for link in links]) == reached


@pytest.fixture
def documents() -> ScriptedDocuments:
    return ScriptedDocuments()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(documents: ScriptedDocuments, clock: ManualClock) -> StoreWriter:
    return StoreWriter(documents, "muc-01", clock)


@pytest.fixture
def view(documents: ScriptedDocuments, clock: ManualClock) -> StockView:
    return StockView(documents, Names(documents, clock), "muc-01")


def begin(view: StockView, documents: ScriptedDocuments) -> Stock:
    told = view.begin(documents.find(view.query))
    assert isinstance(told, Stock)
    return told


def zones(lines: tuple[Line, ...]) -> dict[str, dict[str, int]]:
    return {line.gtin: line.zones for line in lines}


def test_a_store_without_stock_has_none(view: StockView, documents: ScriptedDocuments) -> None:
    assert begin(view, documents) == Stock(Position(), ())


def test_the_stock_is_read_whole_with_its_names(
    view: StockView, documents: ScriptedDocuments, store: StoreWriter, clock: ManualClock
) -> None:
    name_products(documents, {SHIRT: "Oxford shirt"})
    store.count({SHIRT: {"floor": 4, "back": 2}, JEANS: {"floor": 0}}, missing=1)
    at_us = clock.now().utc_us
    assert begin(view, documents) == Stock(
        Position(1, 2),
        (
            Line(SHIRT, "Oxford shirt", {"floor": 4, "back": 2}, 6, 1, at_us, term=1, ver=1),
            Line(JEANS, "", {"floor": 0}, 0, 1, at_us, term=1, ver=2),
        ),
    )


def test_a_change_is_told_by_its_lines_alone_and_reads_no_stock(
    view: StockView, documents: ScriptedDocuments, store: StoreWriter, clock: ManualClock
) -> None:
    store.count({SHIRT: {"floor": 4}, JEANS: {"floor": 1}})
    begin(view, documents)
    documents.finds.clear()
    clock.advance(60)
    store.count({SHIRT: {"floor": 3, "back": 1}})
    told = view.follow(documents.find(view.query))
    at_us = clock.now().utc_us
    line = Line(SHIRT, "", {"floor": 3, "back": 1}, 4, 0, at_us, term=1, ver=3)
    assert told == StockChanged(Position(1, 3), (line,))
    assert documents.finds == [view.query]


def test_several_changes_at_once_are_told_as_one_with_the_last_counts(
    view: StockView, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    store.count({SHIRT: {"floor": 5}})
    begin(view, documents)
    for floor in (4, 3, 2):
        store.count({SHIRT: {"floor": floor}})
    told = view.follow(documents.find(view.query))
    assert isinstance(told, StockChanged)
    assert (told.position, zones(told.lines)) == (Position(1, 4), {SHIRT: {"floor": 2}})


def test_the_same_result_again_tells_nothing(
    view: StockView, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    store.count({SHIRT: {"floor": 4}})
    begin(view, documents)
    assert view.follow(documents.find(view.query)) is None


def test_more_changes_than_a_watch_shows_read_the_stock_anew(
    view: StockView, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    begin(view, documents)
    for number in range(shapes.NEWEST_CHANGES + 1):
        store.count({f"{number:014d}": {"floor": 1}})
    told = view.follow(documents.find(view.query))
    assert isinstance(told, Stock)
    assert len(told.lines) == shapes.NEWEST_CHANGES + 1


def test_a_snapshot_of_a_new_term_reads_the_stock_anew(
    view: StockView, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    store.count({SHIRT: {"floor": 4}, JEANS: {"floor": 1}})
    begin(view, documents)
    store.restart(is_snapshot=True)
    store.count({SHIRT: {"floor": 9}})
    told = view.follow(documents.find(view.query))
    assert isinstance(told, Stock)
    assert told.position == Position(2, 1)
    assert zones(told.lines) == {SHIRT: {"floor": 9}, JEANS: {"floor": 1}}


def test_deltas_committed_between_the_reading_of_cursor_and_stock_are_neither_lost_nor_turned_back(
    view: StockView, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    store.count({SHIRT: {"floor": 4}})
    shown = documents.find(view.query)

    def meanwhile() -> None:
        documents.after_question = lambda: None
        assert documents.gets == [paths.cursor("muc-01")]
        store.count({SHIRT: {"floor": 3}})
        store.count({JEANS: {"floor": 1}})

    documents.after_question = meanwhile
    told = view.begin(shown)
    assert isinstance(told, Stock)
    assert zones(told.lines) == {SHIRT: {"floor": 3}, JEANS: {"floor": 1}}
    assert told.position == Position(1, 1)
    again = view.follow(documents.find(view.query))
    assert again == StockChanged(Position(1, 3), ())


def test_a_view_is_behind_when_the_cursor_is_elsewhere(
    view: StockView, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    store.count({SHIRT: {"floor": 4}})
    begin(view, documents)
    assert not view.is_behind()
    store.count({SHIRT: {"floor": 3}})
    assert view.is_behind()


def test_rows_that_cannot_be_read_are_a_failure_and_not_a_gap_in_the_counts(
    view: StockView, documents: ScriptedDocuments
) -> None:
    begin(view, documents)
    good = change(1, 0, 1)
    bad = Document(good.path, {**good.data, "term": 0, "rows": "[]"}, "1")
    with pytest.raises(DocumentsError, match=r"rows cannot be read"):
        view.follow([bad])


def test_stores_are_told_whole_then_as_they_change_and_go(documents: ScriptedDocuments) -> None:
    munich, berlin = StoreWriter(documents, "muc-01"), StoreWriter(documents, "ber-02")
    munich.status("Munich")
    berlin.status("Berlin")
    view = StoresView(documents)
    whole = view.begin(documents.find(view.query))
    assert isinstance(whole, Stores)
    assert [store.name for store in whole.stores] == ["Berlin", "Munich"]
    assert view.follow(documents.find(view.query)) is None
    munich.status("Munich", online=False)
    documents.commit([Delete(paths.store("ber-02"))])
    told = view.follow(documents.find(view.query))
    assert isinstance(told, StoresChanged)
    assert [(store.store, store.online) for store in told.stores] == [("muc-01", False)]
    assert told.gone == ("ber-02",)


def test_more_stores_than_are_watched_are_said_to_be_more(documents: ScriptedDocuments) -> None:
    view = StoresView(documents)
    found = [Document(f"stores/s-{n}", {"store": f"s-{n}"}, "1") for n in range(MAX_WATCHED)]
    whole, almost = view.begin(found), view.begin(found[1:])
    assert isinstance(whole, Stores)
    assert isinstance(almost, Stores)
    assert (whole.is_cut, almost.is_cut) == (True, False)


def test_all_stores_are_asked_in_turn_whether_the_watch_has_missed_them(
    documents: ScriptedDocuments,
) -> None:
    stores = [StoreWriter(documents, f"s-{number}") for number in range(3)]
    view = StoresView(documents)
    view.begin([])
    assert not view.is_behind()
    for store in stores:
        store.status()
    assert view.is_behind()
    view.begin(documents.find(view.query))
    stores[2].status(present=5)
    assert sorted(view.is_behind() for _ in stores) == [False, False, True]


def gtins(count: int) -> list[str]:
    return [f"{number:014d}" for number in range(count)]


def test_few_names_are_asked_for_one_by_one_and_remembered(
    documents: ScriptedDocuments, clock: ManualClock
) -> None:
    names = Names(documents, clock)
    name_products(documents, {SHIRT: "Oxford shirt"})
    names.learn([SHIRT, JEANS])
    names.learn([SHIRT, JEANS])
    assert (names.of(SHIRT), names.of(JEANS)) == ("Oxford shirt", "")
    assert documents.gets == [paths.product(SHIRT), paths.product(JEANS)]


def test_many_names_are_read_at_once(documents: ScriptedDocuments, clock: ManualClock) -> None:
    names = Names(documents, clock)
    name_products(documents, {gtin: f"name of {gtin}" for gtin in gtins(FEW + 1)})
    names.learn(gtins(FEW + 1))
    assert names.of(gtins(1)[0]) == "name of 00000000000000"
    assert (len(documents.finds), documents.gets) == (1, [])


def test_a_name_given_later_is_found_after_a_while(
    documents: ScriptedDocuments, clock: ManualClock
) -> None:
    names = Names(documents, clock)
    names.learn([SHIRT])
    name_products(documents, {SHIRT: "Oxford shirt"})
    clock.advance(UNKNOWN_FOR_S - 1)
    names.learn([SHIRT])
    assert names.of(SHIRT) == ""
    clock.advance(1)
    names.learn([SHIRT])
    assert names.of(SHIRT) == "Oxford shirt"


def test_names_that_were_changed_are_found_when_many_are_wanted_after_an_hour(
    documents: ScriptedDocuments, clock: ManualClock
) -> None:
    names = Names(documents, clock)
    many = gtins(FEW + 1)
    name_products(documents, dict.fromkeys(many, "old"))
    names.learn(many)
    name_products(documents, dict.fromkeys(many, "new"))
    clock.advance(KNOWN_FOR_S - 1)
    names.learn(many)
    assert names.of(many[0]) == "old"
    clock.advance(1)
    names.learn(many)
    assert names.of(many[0]) == "new"


def test_a_store_with_many_unnamed_skus_does_not_read_the_catalogue_again_and_again(
    documents: ScriptedDocuments, clock: ManualClock
) -> None:
    names = Names(documents, clock)
    for _ in range(5):
        names.learn(gtins(500))
        clock.advance(30)
    assert len(documents.finds) == 1
