"""Whatever happens between a view's reading and its watch, what viewers hold ends as the documents.

The store counts, restarts and sends snapshots, as the bridge commits it; results of the watch come
late, doubled or not at all, and the store goes on between any two questions of the view.
"""

import itertools
from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.documents import paths, shapes
from cloud.documents.interface import Document, Query
from cloud.live.events import Event, Line, Stock, StockChanged
from cloud.live.names import Names
from cloud.live.views import StockView
from tests.support.clocks import ManualClock
from tests.support.head_office import StoreWriter
from tests.support.scripted_documents import ScriptedDocuments

GTINS = [f"{number:014d}" for number in range(shapes.NEWEST_CHANGES + 10)]

COUNT = st.tuples(
    st.just("count"),
    st.dictionaries(st.sampled_from(GTINS[:4]), st.integers(0, 9), min_size=1, max_size=3),
)
RESTART = st.tuples(st.just("restart"), st.booleans())
MANY = st.tuples(st.just("many"), st.integers(shapes.NEWEST_CHANGES - 2, len(GTINS)))
LOOK = st.tuples(st.just("watch looks"), st.none())  # its result is on the way
TELL = st.tuples(st.just("watch tells"), st.sampled_from([1, 1, 2]))  # so often: the oldest of them
WORLD_DOES = st.one_of(COUNT, COUNT, COUNT, LOOK, LOOK, RESTART, MANY)
# After so many more questions of the view, this happens before it asks on.
MEANWHILE = st.tuples(
    st.just("meanwhile"), st.tuples(st.integers(0, 2), st.lists(WORLD_DOES, min_size=1, max_size=5))
)
STEPS = st.lists(
    st.one_of(COUNT, RESTART, MANY, LOOK, LOOK, TELL, TELL, MEANWHILE, MEANWHILE),
    min_size=10,
    max_size=40,
)


class Viewer:
    """Holds what a page would hold, and looks that nothing in it ever becomes older."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}

    def hear(self, event: Event | None) -> None:
        match event:
            case Stock(_, lines):
                told = {line.gtin: line for line in lines}
                assert self.lines.keys() <= told.keys()
                self._take(told)
            case StockChanged(_, lines):
                self._take({line.gtin: line for line in lines})

    def _take(self, told: dict[str, Line]) -> None:
        for gtin, line in told.items():
            known = self.lines.get(gtin, line)
            assert (line.term, line.ver) >= (known.term, known.ver)
            self.lines[gtin] = line


class World:
    def __init__(self) -> None:
        self.documents, clock = ScriptedDocuments(), ManualClock()
        self.store = StoreWriter(self.documents, "muc-01", clock)
        self.view = StockView(self.documents, Names(self.documents, clock), "muc-01")
        self.viewer = Viewer()
        self.coming: deque[list[Document]] = deque()
        self.viewer.hear(self.view.begin(self.documents.result(self.view.query)))

    def play(self, act: str, how: object) -> None:
        match act, how:
            case "count", dict():
                self.store.count({gtin: {"floor": count} for gtin, count in how.items()})
            case "many", int():
                for gtin in GTINS[:how]:
                    self.store.count({gtin: {"floor": self.store.cursor.applied}})
            case "restart", bool():
                self.store.restart(is_snapshot=how)
            case "watch looks", _:
                self.coming.append(self.documents.result(self.view.query))
            case "watch tells", int():
                self.tell(times=how)
            case "meanwhile", (int(skip), list(acts)):
                self.meanwhile(skip, acts)

    def tell(self, times: int = 1) -> None:
        if self.coming:
            found = self.coming.popleft()
            for _ in range(times):
                self.viewer.hear(self.view.follow(found))

    def meanwhile(self, skip: int, acts: list[tuple[str, object]]) -> None:
        left = itertools.count(skip, -1)

        def happen() -> None:
            if next(left) == 0:
                for act, how in acts:
                    self.play(act, how)

        self.documents.after_question = happen

    def is_behind(self) -> bool:
        """Ask the view, and let nothing happen meanwhile."""
        waiting, self.documents.after_question = self.documents.after_question, lambda: None
        try:
            return self.view.is_behind()
        finally:
            self.documents.after_question = waiting

    def truth(self) -> dict[str, tuple[dict[str, int], int]]:
        found = self.documents.result(Query(paths.stock("muc-01")))
        lines = [shapes.stock_line(document) for document in found]
        return {line.gtin: (line.zones, line.ver) for line in lines}

    def held(self) -> dict[str, tuple[dict[str, int], int]]:
        return {gtin: (line.zones, line.ver) for gtin, line in self.viewer.lines.items()}


@settings(deadline=None, max_examples=300)
@given(steps=STEPS)
def test_a_viewer_ends_with_what_the_documents_hold_and_never_goes_back(
    steps: list[tuple[str, object]],
) -> None:
    world = World()
    for act, how in steps:
        world.play(act, how)
    world.documents.after_question = lambda: None
    world.play("watch looks", None)
    while world.coming:
        world.tell()
    assert world.held() == world.truth()


@settings(deadline=None, max_examples=300)
@given(steps=STEPS)
def test_a_view_that_has_missed_something_is_behind(steps: list[tuple[str, object]]) -> None:
    world = World()
    for act, how in steps:
        world.play(act, how)
        assert world.is_behind() or world.held() == world.truth()
