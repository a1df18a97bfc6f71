"""All feeds: begun with the first viewer, over some time after the last.

However many look at a store, its documents are read and watched once.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cloud.documents.interface import Documents
from cloud.live.count_reader import CountReader
from cloud.live.feed import Feed, Patience, Viewer
from cloud.live.names import Names
from cloud.live.views import CountsView, StockView, StoresView, View
from edge.clock import Clock

_COUNTS = "/counts"  # behind a store's id, in which no slash is
_STORES = ""  # the feed of all stores; no store id is empty


@dataclass(frozen=True, slots=True)
class Counters:
    feeds: int
    viewers: int
    lagged: int  # how often a viewer was too slow and was told the whole anew
    reopened: int  # how often a watch was opened anew


class Live:
    """May be used from any thread.  Never waits for the database, except for close()."""

    def __init__(
        self, documents: Documents, clock: Clock, patience: Patience | None = None
    ) -> None:
        self._documents, self._clock = documents, clock
        self._patience = patience or Patience()
        self._names = Names(documents, clock)
        self.counted = CountReader(documents, self._names)
        self._lock = threading.Lock()
        self._feeds: dict[str, Feed] = {}
        self._lagged = self._reopened = 0  # of feeds that are gone
        self._is_ended = False

    @contextlib.contextmanager
    def stores(self, wake: Callable[[], None]) -> Iterator[Viewer]:
        """Look at all stores; `wake` is called from other threads and must not wait."""
        with self._look(_STORES, lambda: StoresView(self._documents), wake) as viewer:
            yield viewer

    @contextlib.contextmanager
    def stock(self, store_id: str, wake: Callable[[], None]) -> Iterator[Viewer]:
        """Look at the stock of one store; raise ProtocolError for what can be no store's id."""
        with self._look(
            store_id, lambda: StockView(self._documents, self._names, store_id), wake
        ) as viewer:
            yield viewer

    @contextlib.contextmanager
    def counts(self, store_id: str, wake: Callable[[], None]) -> Iterator[Viewer]:
        """Look at the newest count sessions of one store."""
        name = f"{store_id}{_COUNTS}"
        with self._look(name, lambda: CountsView(self._documents, store_id), wake) as viewer:
            yield viewer

    def counters(self) -> Counters:
        with self._lock:
            feeds = [feed for feed in self._feeds.values() if not feed.is_over]
            return Counters(
                feeds=len(feeds),
                viewers=sum(feed.viewers for feed in feeds),
                lagged=self._lagged + sum(feed.lagged for feed in self._feeds.values()),
                reopened=self._reopened + sum(feed.reopened for feed in self._feeds.values()),
            )

    def end(self) -> None:
        """Tell all viewers, now and later, that there is no more; waits for nothing."""
        with self._lock:
            self._is_ended = True
            for feed in self._feeds.values():
                feed.stop()

    def close(self, timeout_s: float = 5.0) -> None:
        """End, and wait for the threads, each for `timeout_s` at most."""
        self.end()
        for feed in self._feeds.values():
            feed.join(timeout_s)

    @contextlib.contextmanager
    def _look(
        self, key: str, view: Callable[[], View], wake: Callable[[], None]
    ) -> Iterator[Viewer]:
        viewer = Viewer(wake)
        feed = self._attach(key, view, viewer)
        try:
            yield viewer
        finally:
            feed.detach(viewer)

    def _attach(self, key: str, view: Callable[[], View], viewer: Viewer) -> Feed:
        with self._lock:
            feed = self._feeds.get(key)
            if feed and feed.attach(viewer):
                return feed
            if feed:
                self._lagged += feed.lagged
                self._reopened += feed.reopened
            feed = Feed(self._documents, view(), self._clock, self._patience)
            feed.attach(viewer)
            if self._is_ended:
                feed.stop()
            else:
                self._feeds[key] = feed
                feed.start()
            return feed
