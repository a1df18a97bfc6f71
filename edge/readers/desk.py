"""Where other threads leave orders for a reader, and see how it is; its own thread serves it.

The desk outlives the connections: a fresh driver goes on with what waits.
"""

import queue
from concurrent.futures import Future

from edge.errors import ReaderError
from edge.llrp.facts import SessionFacts
from edge.llrp.operations import Operation, Outcome

_MOST_WAITING = 16

Order = tuple[Operation, Future[Outcome]]


class Desk:
    """Any thread may ask(); the reader's thread take()s, and keeps `facts` new."""

    facts: SessionFacts | None = None  # of the connection, while there is one

    def __init__(self) -> None:
        self._orders: queue.Queue[Order] = queue.Queue(_MOST_WAITING)

    def ask(self, operation: Operation) -> Future[Outcome]:
        """Have an operation done; the future is cancelled by whoever does not wait any longer.

        Raises ReaderError where there is no connection, or too much waits already.
        """
        if self.facts is None:
            raise ReaderError("the reader is not connected")
        future: Future[Outcome] = Future()
        try:
            self._orders.put_nowait((operation, future))
        except queue.Full:
            raise ReaderError(f"{_MOST_WAITING} operations wait for the reader already") from None
        return future

    def take(self) -> Order | None:
        """Give the next order that somebody still waits for."""
        while not self._orders.empty():
            operation, future = self._orders.get_nowait()
            if future.set_running_or_notify_cancel():
                return operation, future
        return None
