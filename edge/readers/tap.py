"""A link that shows somebody else what the reader says, as it comes off the wire."""

from collections.abc import Callable

from edge.readers.links import Link

Tap = Callable[[bytes], object]  # its answer is of no interest


class TappedLink:
    """All that it does the other link does."""

    def __init__(self, link: Link, tap: Tap) -> None:
        self._link, self._tap = link, tap
        self.open, self.write = link.open, link.write
        self.close, self.abort = link.close, link.abort

    def read(self, timeout_s: float) -> bytes:
        received = self._link.read(timeout_s)
        self._tap(received)
        return received
