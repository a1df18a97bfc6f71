"""Which report of a count session is said next, and when: pure.

One session is told at a time: the parts of its lines first, where it has ended, and its head last.
What is not noted is said again, ever more slowly; nothing else waits for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.wire_counts import CountHeader, CountNoted, CountRow

LOOK_S = 3.0  # from one look for news to the next: a document takes a write a second
AGAIN_S = 5.0
AGAIN_MAX_S = 300.0


@dataclass(frozen=True, slots=True)
class CountNews:
    """A session that head office does not know as it is."""

    head: CountHeader
    parts: Sequence[Sequence[CountRow]]


@dataclass(frozen=True, slots=True)
class CountSaying:
    """What a report is to hold."""

    head: CountHeader
    part: int
    lines: Sequence[CountRow]


class CountTelling:
    """`jitter` gives a number from 0 to 1."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._news: CountNews | None = None
        self._part = 0  # of those that are noted, the last
        self._due_s = 0.0
        self._tries = 0

    def is_looking(self, now_s: float) -> bool:
        """Tell whether the file should be asked for news now."""
        return self._news is None and now_s >= self._due_s

    def begin(self, news: CountNews | None, now_s: float) -> None:
        """Take what the file has; None where head office knows all."""
        self._news, self._part, self._tries = news, 0, 0
        self._due_s = now_s + LOOK_S if news is None else now_s

    def due(self, now_s: float) -> CountSaying | None:
        """Give what is to be said now, if anything; it counts as said."""
        if self._news is None or now_s < self._due_s:
            return None
        wait_s = min(AGAIN_S * 2 ** min(self._tries, 16), AGAIN_MAX_S)
        self._due_s = now_s + wait_s * (1 + self._jitter() / 2)
        self._tries += 1
        head, parts = self._news.head, self._news.parts
        if self._part < len(parts):
            return CountSaying(head, self._part + 1, parts[self._part])
        return CountSaying(head, 0, ())

    def heard(self, noted: CountNoted, now_s: float) -> CountHeader | None:
        """Take head office's word; give the head of a session that it knows whole by now."""
        news = self._news
        if news is None or (noted.count, noted.rev) != (news.head.id, news.head.rev):
            return None
        expected = self._part + 1 if self._part < len(news.parts) else 0
        if noted.part != expected:
            return None
        self._due_s, self._tries = now_s, 0
        if noted.part:
            self._part += 1
            return None
        self._news, self._due_s = None, now_s + LOOK_S
        return news.head

    def forget(self) -> None:
        """Begin anew: the link was lost, or the file could not be written."""
        self._news, self._due_s = None, 0.0
