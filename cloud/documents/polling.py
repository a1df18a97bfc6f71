"""Watches for a database that cannot call back: one thread looks again and again.

A watch costs one look at the number of its collection's last commit, and its query only when that
number has moved.
"""

import logging
import threading
from collections.abc import Callable

from cloud.documents.interface import Document, Query
from edge.errors import DocumentsError

MAX_WATCHES = 1000
JOIN_S = 5.0

# Gives the query's result and the number of the last commit behind it; None if that is not above
# the one given.
Look = Callable[[Query, int], tuple[int, list[Document]] | None]

_log = logging.getLogger(__name__)


def tell(failed: Callable[[Exception], None], error: Exception) -> None:
    """Call `failed`; its own error is logged, since a database's thread has nobody to tell it."""
    try:
        failed(error)
    except Exception:  # noqa: BLE001  (the top of a thread)
        _log.exception("the end of a watch could not be told")


class PolledWatch:
    """One watch; all but `close` belongs to the poller's thread."""

    def __init__(
        self,
        query: Query,
        changed: Callable[[list[Document]], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._query, self._changed, self._failed = query, changed, failed
        self._last_commit = -1
        self._shown: list[tuple[str, str]] | None = None
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def look(self, look: Look) -> None:
        """Call `changed` if the result is another one; on any error end, and tell `failed`."""
        try:
            found = look(self._query, self._last_commit)
            if found is None:
                return
            self._last_commit, documents = found
            result = [(document.path, document.version) for document in documents]
            if result != self._shown and not self.closed:
                self._shown = result
                self._changed(documents)
        except Exception as error:  # noqa: BLE001  (the top of a thread: it is told)
            if not self.closed:
                self.closed = True
                _log.warning("watch of %s ends: %s", self._query.collection, error)
                tell(self._failed, error)


class Poller:
    """The thread behind all watches of one database; begins with the first of them."""

    def __init__(self, look: Look, poll_s: float) -> None:
        self._look, self._poll_s = look, poll_s
        self._watches: list[PolledWatch] = []
        self._lock = threading.Lock()  # of _watches and _thread
        self._wake = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def add(self, watch: PolledWatch) -> None:
        """Look at once, then every `poll_s`."""
        with self._lock:
            if self._stopped:
                raise DocumentsError("the database is closed")
            self._watches = [each for each in self._watches if not each.closed]
            if len(self._watches) >= MAX_WATCHES:
                raise DocumentsError(f"{MAX_WATCHES} watches are open, and no more are allowed")
            self._watches.append(watch)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="documents-poller")
                self._thread.daemon = True
                self._thread.start()
        self._wake.set()

    def close(self) -> None:
        """End all watches; none is called any more when this returns, in JOIN_S at most."""
        with self._lock:
            self._stopped = True
            for watch in self._watches:
                watch.close()
            thread = self._thread
        self._wake.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(JOIN_S)

    def _run(self) -> None:
        while not self._stopped:
            with self._lock:
                self._watches = [watch for watch in self._watches if not watch.closed]
                watches = list(self._watches)
            for watch in watches:
                watch.look(self._look)
            self._wake.wait(self._poll_s)
            self._wake.clear()
