"""What viewers are told, with watches that fail, fall silent, or are no longer needed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from cloud.documents import paths, shapes
from cloud.documents.interface import Put, Query
from cloud.live.events import Event, Lost, Stock, StockChanged, Stores, StoresChanged
from cloud.live.feed import QUEUE_EVENTS, Patience, Viewer
from cloud.live.hub import Live
from edge.errors import DocumentsError, ProtocolError
from tests.support.clocks import ManualClock
from tests.support.head_office import StoreWriter
from tests.support.scripted_documents import ScriptedDocuments
from tests.support.sync import eventually

SHIRT, JEANS = "04012345678901", "04012345678918"
PATIENCE = Patience(
    first_s=15, silence_s=15, again_s=0.01, again_at_most_s=0.02, linger_s=20, step_s=0.005
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def documents() -> ScriptedDocuments:
    return ScriptedDocuments()


@pytest.fixture
def store(documents: ScriptedDocuments, clock: ManualClock) -> StoreWriter:
    store = StoreWriter(documents, "muc-01", clock)
    store.status("Munich")
    store.count({SHIRT: {"floor": 4}})
    return store


@pytest.fixture
def live(documents: ScriptedDocuments, clock: ManualClock) -> Iterator[Live]:
    live = Live(documents, clock, PATIENCE)
    yield live
    live.close()


class Looking:
    """Looks as long as the test lasts, and remembers all that it was told."""

    def __init__(self, stack: ExitStack, live: Live, store_id: str | None = "muc-01") -> None:
        self.told: list[Event] = []
        self._woken = threading.Event()
        wake = self._woken.set
        look = live.stores(wake) if store_id is None else live.stock(store_id, wake)
        self.viewer: Viewer = stack.enter_context(look)

    def until(self, is_it: Callable[[Event], bool], what: str) -> Event:
        """Give the last event once it is the one that is waited for."""

        def has_come() -> bool:
            self.told += self.viewer.take()
            return bool(self.told) and is_it(self.told[-1])

        eventually(has_come, what)
        return self.told[-1]

    def floor(self, gtin: str, count: int) -> None:
        """Wait for a count, in the whole or in a change."""
        self.until(
            lambda event: (
                isinstance(event, Stock | StockChanged)
                and {line.gtin: line.zones for line in event.lines}.get(gtin) == {"floor": count}
            ),
            f"{count} of {gtin}",
        )


@pytest.fixture
def look(live: Live) -> Iterator[Callable[..., Looking]]:
    with ExitStack() as stack:
        yield lambda store_id="muc-01": Looking(stack, live, store_id)


Look = Callable[..., Looking]


def test_the_whole_comes_first_and_then_each_change(
    look: Look, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    looking = look()
    looking.floor(SHIRT, 4)
    for floor in (3, 2, 1):
        store.count({SHIRT: {"floor": floor}})
        documents.tell()
        looking.floor(SHIRT, floor)
    assert [type(event) for event in looking.told] == [Stock, *[StockChanged] * 3]


def test_stores_are_told_alike(
    look: Look, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    looking = look(None)
    looking.until(lambda event: isinstance(event, Stores), "all stores")
    store.status("Munich", online=False)
    documents.tell()
    looking.until(lambda event: isinstance(event, StoresChanged), "the store's goodbye")


@pytest.mark.usefixtures("store")
def test_many_viewers_cost_one_watch_and_one_reading(
    look: Look, live: Live, documents: ScriptedDocuments
) -> None:
    for viewer in [look() for _ in range(20)]:
        viewer.floor(SHIRT, 4)
    assert len(documents.watches) == len(documents.finds) == 1
    assert (live.counters().feeds, live.counters().viewers) == (1, 20)


def test_a_viewer_who_takes_nothing_is_told_the_whole_and_delays_nobody(
    look: Look, live: Live, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    slow, quick = look(), look()
    changes = QUEUE_EVENTS + 5
    for floor in range(5, 5 + changes):
        quick.floor(SHIRT, floor - 1)
        store.count({SHIRT: {"floor": floor}})
        documents.tell()
    quick.floor(SHIRT, 4 + changes)
    found = slow.viewer.take()
    assert isinstance(found[0], Stock)
    assert len(found) <= QUEUE_EVENTS
    told = {line.gtin: line for event in found for line in getattr(event, "lines", ())}
    assert told[SHIRT].zones == {"floor": 4 + changes}
    assert live.counters().lagged == 1
    assert [type(event) for event in quick.told] == [Stock, *[StockChanged] * changes]


def test_a_watch_that_ends_is_opened_anew_and_goes_on_where_it_was(
    look: Look, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    looking = look()
    looking.floor(SHIRT, 4)
    store.count({SHIRT: {"floor": 9}})
    documents.fail(DocumentsError("stream removed"))
    looking.floor(SHIRT, 9)
    assert [type(event) for event in looking.told] == [Stock, StockChanged]
    assert [watch.is_closed for watch in documents.watches] == [True, False]
    assert documents.finds == [Query(paths.stock("muc-01"))]


def test_a_watch_that_ends_and_cannot_be_opened_anew_is_told_with_the_time_it_was_good(
    look: Look, documents: ScriptedDocuments, store: StoreWriter, clock: ManualClock
) -> None:
    looking = look()
    looking.floor(SHIRT, 4)
    heard_at_us = clock.now().utc_us
    documents.answers_at_once = False
    documents.fail(DocumentsError("stream removed"))
    eventually(lambda: len(documents.watches) == 2, "a second watch")
    clock.advance(PATIENCE.first_s)
    lost = looking.until(lambda event: isinstance(event, Lost), "that it was lost")
    assert lost == Lost("no answer within 15 s", heard_at_us)
    store.count({SHIRT: {"floor": 9}})
    eventually(lambda: len(documents.watches) == 3, "a third watch")
    documents.tell()
    looking.floor(SHIRT, 9)
    assert [type(event) for event in looking.told] == [Stock, Lost, Stock]


def test_a_watch_that_ends_again_and_again_is_told(
    look: Look, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    looking = look()
    looking.floor(SHIRT, 4)
    for watches in (2, 3):
        documents.fail(DocumentsError("stream removed"))
        eventually(lambda more=watches: len(documents.watches) == more, "a watch")  # type: ignore[misc]
    looking.until(lambda event: isinstance(event, Stock), "the whole")
    assert Lost in [type(event) for event in looking.told]
    assert store.cursor.applied == 1


def test_what_a_view_has_failed_at_is_read_anew(
    look: Look, documents: ScriptedDocuments, store: StoreWriter
) -> None:
    looking = look()
    looking.floor(SHIRT, 4)
    store.count({SHIRT: {"floor": 9}})
    change = documents.result(shapes.newest_changes("muc-01"))[0]
    documents.commit([Put(change.path, {"rows": "[]"}, merge=True)])
    documents.tell()
    looking.floor(SHIRT, 9)
    assert isinstance(looking.told[-1], Stock)


def test_while_the_documents_cannot_be_had_whoever_comes_is_told_what_is_known_and_of_when(
    look: Look, documents: ScriptedDocuments, store: StoreWriter, clock: ManualClock
) -> None:
    first = look()
    first.floor(SHIRT, 4)
    documents.broken = DocumentsError("no answer in 10 s")
    documents.fail(DocumentsError("stream removed"))
    is_gone = Lost("no answer in 10 s", clock.now().utc_us)
    first.until(lambda event: event == is_gone, "that the documents are gone")
    late = look()
    late.until(lambda event: event == is_gone, "the same")
    assert [type(event) for event in late.told] == [Stock, Lost]
    documents.broken = None
    late.floor(SHIRT, 4)
    assert isinstance(late.told[-1], Stock)
    assert store.cursor.applied == 1


def test_a_watch_that_never_answers_is_opened_anew(
    look: Look, documents: ScriptedDocuments, store: StoreWriter, clock: ManualClock
) -> None:
    documents.answers_at_once = False
    looking = look()
    eventually(lambda: bool(documents.watches), "a watch")
    documents.answers_at_once = True
    clock.advance(PATIENCE.first_s)
    looking.floor(SHIRT, store.cursor.applied + 3)
    assert looking.told[0] == Lost("no answer within 15 s", None)


def test_a_watch_that_is_silent_while_the_documents_move_on_is_opened_anew(
    look: Look, documents: ScriptedDocuments, store: StoreWriter, clock: ManualClock
) -> None:
    looking = look()
    looking.floor(SHIRT, 4)
    asked = len(documents.gets)
    store.count({SHIRT: {"floor": 3}})
    clock.advance(PATIENCE.silence_s)
    eventually(lambda: len(documents.gets) > asked, "a question")
    clock.advance(PATIENCE.grace_s)
    looking.floor(SHIRT, 3)
    assert [type(event) for event in looking.told] == [Stock, Stock]
    assert len(documents.watches) == 2


def test_a_watch_that_is_only_late_is_waited_for(
    look: Look, documents: ScriptedDocuments, store: StoreWriter, clock: ManualClock
) -> None:
    looking = look()
    looking.floor(SHIRT, 4)
    asked = len(documents.gets)
    store.count({SHIRT: {"floor": 3}})
    clock.advance(PATIENCE.silence_s)
    eventually(lambda: len(documents.gets) > asked, "a question")
    documents.tell()
    looking.floor(SHIRT, 3)
    assert [type(event) for event in looking.told] == [Stock, StockChanged]
    assert len(documents.watches) == 1


@pytest.mark.usefixtures("store")
def test_a_watch_that_is_silent_because_nothing_happens_is_left_alone(
    look: Look, documents: ScriptedDocuments, clock: ManualClock
) -> None:
    look().floor(SHIRT, 4)
    asked = len(documents.gets)
    for times in range(1, 4):
        clock.advance(PATIENCE.silence_s)
        eventually(lambda more=times: len(documents.gets) >= asked + more, "a question")  # type: ignore[misc]
    assert len(documents.watches) == 1


@pytest.mark.usefixtures("store")
def test_a_page_that_is_reloaded_costs_nothing_and_one_that_stays_away_ends_the_watch(
    live: Live, documents: ScriptedDocuments, clock: ManualClock
) -> None:
    for _ in range(2):
        with ExitStack() as stack:
            Looking(stack, live).floor(SHIRT, 4)
        clock.advance(PATIENCE.linger_s - 1)
    assert len(documents.open_watches()) == 1
    clock.advance(1)
    eventually(lambda: not documents.open_watches(), "the end of the watch")
    assert live.counters().feeds == 0
    with ExitStack() as stack:
        Looking(stack, live).floor(SHIRT, 4)
    assert len(documents.watches) == 2


@pytest.mark.usefixtures("store")
def test_when_it_ends_all_viewers_are_told_at_once_and_new_ones_too(
    look: Look, live: Live, documents: ScriptedDocuments
) -> None:
    viewers = [look(), look(None)]
    viewers[0].floor(SHIRT, 4)
    live.end()
    assert all(looking.viewer.is_ended for looking in viewers)
    assert look().viewer.is_ended
    live.close()
    assert documents.open_watches() == []


@pytest.mark.usefixtures("store")
def test_a_fault_of_the_program_ends_the_viewers_and_the_next_one_begins_anew(
    look: Look, documents: ScriptedDocuments, caplog: pytest.LogCaptureFixture
) -> None:
    documents.broken = ZeroDivisionError("a fault")  # type: ignore[assignment]
    looking = look()
    eventually(lambda: looking.viewer.is_ended, "the end")
    assert "ended by a fault of this program" in caplog.text
    documents.broken = None
    look().floor(SHIRT, 4)


def test_what_can_be_no_stores_id_is_refused(live: Live) -> None:
    with pytest.raises(ProtocolError, match="store id"), live.stock("../x", lambda: None):
        pass


def test_a_viewer_who_left_is_not_told_any_more(
    live: Live, documents: ScriptedDocuments, store: StoreWriter, look: Look
) -> None:
    stays = look()
    with ExitStack() as stack:
        left = Looking(stack, live)
        left.floor(SHIRT, 4)
    store.count({SHIRT: {"floor": 3}})
    stays.floor(SHIRT, 4)
    documents.tell()
    stays.floor(SHIRT, 3)
    assert left.viewer.take() == []
