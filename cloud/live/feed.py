"""One watch, its thread, and the viewers of it.

The thread opens the watch, turns what it brings into events and hands them out; it opens a watch
anew that has failed, or that is silent while the documents have moved on (listeners are known to
die without a word).  Nothing waits without a limit, and no viewer can make another wait: each has
a bounded queue, and one that is full is emptied and told the whole instead.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from cloud.documents.interface import Document, Documents
from cloud.live.events import Event, Lost, Whole
from cloud.live.views import View
from edge.clock import Clock
from edge.errors import DocumentsError

log = logging.getLogger(__name__)

QUEUE_EVENTS = 64  # of one viewer


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a feed waits, in seconds."""

    first_s: float = 15.0  # for a new watch's first result
    silence_s: float = 15.0  # then the documents are asked whether the watch has missed something
    grace_s: float = 5.0  # for what it has missed, if it is only late
    again_s: float = 1.0  # before a watch is opened anew; doubled each time that this fails
    again_at_most_s: float = 15.0
    linger_s: float = 20.0  # after the last viewer has gone: a page that is reloaded costs nothing
    step_s: float = 0.5  # how often the above is looked at


class Viewer:
    """One viewer's bounded queue: any thread puts, one takes."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._ended = False

    @property
    def is_ended(self) -> bool:
        """No more will come; look again with a new viewer."""
        return self._ended

    def take(self) -> list[Event]:
        """Give what has come since the last time; never waits."""
        with self._lock:
            events, self._events = self._events, []
        return events

    def put(self, event: Event, catch_up: list[Event]) -> bool:
        """Add an event, or when there is no room put `catch_up` in the place of all; say which."""
        with self._lock:
            has_room = len(self._events) < QUEUE_EVENTS
            self._events = [*self._events, event] if has_room else catch_up
        self._wake()
        return has_room

    def end(self) -> None:
        self._ended = True
        self._wake()


class Inbox:
    """The latest result of one watch; a later one takes its place, each being the whole."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._found: list[Document] | None = None
        self._failure: Exception | None = None

    def put(self, found: list[Document]) -> None:
        with self._changed:
            self._found = found
            self._changed.notify()

    def fail(self, failure: Exception) -> None:
        with self._changed:
            self._failure = failure
            self._changed.notify()

    def take(self, timeout_s: float) -> list[Document] | None:
        """Give a result not taken yet, or None; raise DocumentsError if the watch failed."""
        with self._changed:
            self._changed.wait_for(lambda: self._found is not None or self._failure, timeout_s)
            found, self._found = self._found, None
            if found is None and self._failure:
                raise DocumentsError(f"watch ended: {self._failure}") from self._failure
            return found


class Feed:
    """Begun with start(); over some time after its last viewer has gone, or by stop()."""

    def __init__(self, documents: Documents, view: View, clock: Clock, patience: Patience) -> None:
        self._documents, self._view, self._clock = documents, view, clock
        self._patience = patience
        self._lock = threading.Lock()  # never held while the database is asked
        self._viewers: set[Viewer] = set()
        self._left_s = clock.now().monotonic_s  # when the last viewer went
        self._whole: Whole | None = None
        self._lost: Lost | None = None
        self._heard_at_us: int | None = None
        self._over = False
        self._stopping = threading.Event()
        self._is_known = False  # the view need not begin anew
        self._failures = 0  # since a watch was steady
        self._name = view.query.collection
        self._thread = threading.Thread(target=self._run, name=f"feed {self._name}", daemon=True)
        self.lagged = 0  # how often a viewer was too slow
        self.reopened = 0  # how often the watch was opened anew

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Tell all viewers at once, and end soon; join() waits for that."""
        self._stopping.set()
        self._end_viewers()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    @property
    def is_over(self) -> bool:
        return self._over

    @property
    def viewers(self) -> int:
        return len(self._viewers)

    def attach(self, viewer: Viewer) -> bool:
        """Add a viewer, who is told the whole once it is known; False if this feed is over."""
        with self._lock:
            if self._over:
                return False
            self._viewers.add(viewer)
            for event in self._catch_up():
                viewer.put(event, [])
            return True

    def detach(self, viewer: Viewer) -> None:
        with self._lock:
            self._viewers.discard(viewer)
            self._left_s = self._clock.now().monotonic_s

    def _run(self) -> None:
        try:
            while not self._is_over():
                self._watch()
                self._pause()
        except Exception:
            log.exception("feed=%s ended by a fault of this program", self._name)
        self._end_viewers()

    def _end_viewers(self) -> None:
        with self._lock:
            self._over = True
            for viewer in self._viewers:
                viewer.end()

    def _is_over(self) -> bool:
        """Decide, and stay with it: from then on nobody can attach."""
        with self._lock:
            idle_s = self._clock.now().monotonic_s - self._left_s
            is_idle = not self._viewers and idle_s >= self._patience.linger_s
            self._over = self._over or is_idle
            return self._over

    def _watch(self) -> None:
        """Watch from the first result until the watch is no good any more.

        Watches end now and then by nature.  Viewers hear of it if the next one fails too.
        """
        inbox, has_begun = Inbox(), False
        try:
            watch = self._documents.watch(self._view.query, inbox.put, inbox.fail)
            try:
                has_begun = self._begin(inbox)
                self._follow(inbox)
            finally:
                watch.close()
        except DocumentsError as error:
            self._failures += 1
            if has_begun and self._failures == 1:
                log.info("feed=%s is watched anew: %s", self._name, error)
                return
            level = logging.INFO if self._lost else logging.WARNING  # once
            log.log(level, "feed=%s has lost its documents: %s", self._name, error)
            self._tell(Lost(str(error), self._heard_at_us))

    def _begin(self, inbox: Inbox) -> bool:
        found = self._next(inbox, self._patience.first_s)
        if found is not None:
            self._take(found)
        elif not self._over:
            raise DocumentsError(f"no answer within {self._patience.first_s:.0f} s")
        return True

    def _follow(self, inbox: Inbox) -> None:
        steady_s = self._clock.now().monotonic_s + self._patience.silence_s
        while not self._is_over():
            found = self._next(inbox, self._patience.silence_s)
            if found is None and not self._over and self._view.is_behind():
                found = self._next(inbox, self._patience.grace_s)  # it may be on its way
                if found is None:
                    log.warning("feed=%s was silent while its documents moved on", self._name)
                    self._is_known = False
                    return
            if found is not None:
                self._take(found)
            now = self._clock.now()
            self._heard_at_us = now.utc_us
            if now.monotonic_s >= steady_s:
                self._failures = 0

    def _take(self, found: list[Document]) -> None:
        """Let the view take a result; what a view has failed at, it must begin anew."""
        is_known, self._is_known = self._is_known, False
        event = self._view.follow(found) if is_known else self._view.begin(found)
        self._is_known = True
        self._heard_at_us = self._clock.now().utc_us
        self._tell(self._view.whole() if self._lost else event)

    def _next(self, inbox: Inbox, timeout_s: float) -> list[Document] | None:
        """Give the watch's next result; None after the time, or when the feed is over."""
        until_s = self._clock.now().monotonic_s + timeout_s
        while not self._is_over() and self._clock.now().monotonic_s < until_s:
            found = inbox.take(self._patience.step_s)
            if found is not None:
                return found
        return None

    def _pause(self) -> None:
        """Wait before the watch is opened anew; the longer, the oftener it has failed."""
        if self._over:
            return
        self.reopened += 1
        wait_s = self._patience.again_s * 2 ** min(self._failures - 1, 10)
        self._stopping.wait(min(wait_s, self._patience.again_at_most_s) if self._failures else 0)

    def _tell(self, event: Event | None) -> None:
        if event is None:
            return
        lost = event if isinstance(event, Lost) else None
        whole = self._whole if lost else self._view.whole()
        with self._lock:
            self._whole, self._lost = whole, lost
            for viewer in self._viewers:
                self.lagged += not viewer.put(event, self._catch_up())

    def _catch_up(self) -> list[Event]:
        return [event for event in (self._whole, self._lost) if event is not None]
