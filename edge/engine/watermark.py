"""The engine's time: up to where everything has been heard that the readers will still say.

It is the minimum, over the readers that are up, of the latest stamp heard from each, and it never
goes back.  A reader that has just come up may hold reads of a moment ago, so time waits for its
first stamp; but nobody holds time by more than HOLD_S, measured by the furthest reader's stamps.  A
live reader says something at least every 10 s, so one that is behind by three times as much hangs
or has a wrong clock: the others go on without it, and what it says later is late.

Drivers give stamps in UTC, corrected; with one reader whose clock is a day ahead of the others',
time is a day ahead.  When nobody who is up has said anything, time stands still.
"""

from collections.abc import Sequence
from dataclasses import dataclass

HOLD_S = 30
_HOLD_US = HOLD_S * 1_000_000


@dataclass(slots=True)
class _Reader:
    waits_from_us: int | None  # the engine's time when it came up, while nothing is heard of it
    heard_us: int | None = None  # its latest stamp
    watches_from_us: int | None = None  # since then it has never been silent for longer than HOLD_S

    def note_silence(self, stamps: Sequence[int]) -> None:
        """Begin to watch anew after every silence that was too long."""
        previous = self.heard_us
        for at_us in sorted(stamps):
            if previous is None or at_us - previous > _HOLD_US:
                self.watches_from_us = at_us
            previous = at_us if previous is None else max(previous, at_us)

    def holds_at(self) -> int | None:
        return self.waits_from_us if self.heard_us is None else self.heard_us


class Watermark:
    def __init__(self) -> None:
        self._readers: dict[str, _Reader] = {}
        self._now_us: int | None = None

    @property
    def now_us(self) -> int | None:
        """The engine's time; None before the first stamp of all."""
        return self._now_us

    def connect(self, reader: str) -> None:
        self._readers[reader] = _Reader(self._now_us)

    def lose(self, reader: str) -> None:
        self._readers.pop(reader, None)

    def hear(self, reader: str, stamps: Sequence[int]) -> None:
        """Take the stamps of one poll's reads and tick; whoever gives one is up."""
        if not stamps:
            return
        heard = self._readers.setdefault(reader, _Reader(self._now_us))
        latest = max(stamps)
        if heard.heard_us is None or latest - heard.heard_us > _HOLD_US:
            heard.note_silence(stamps)
        heard.heard_us = latest if heard.heard_us is None else max(heard.heard_us, latest)

    def advance(self) -> int | None:
        """Move time on as far as it goes, and give it; None while it stands still."""
        stamps = [r.heard_us for r in self._readers.values() if r.heard_us is not None]
        if not stamps:
            return None
        furthest = max(stamps)
        target = furthest
        for reader in self._readers.values():
            held_at = reader.holds_at()
            if held_at is None:  # it came up before there was any time
                held_at = reader.waits_from_us = min(stamps)
            if furthest - held_at <= _HOLD_US:
                target = min(target, held_at)
        self._now_us = target if self._now_us is None else max(self._now_us, target)
        return self._now_us

    def watches_from_us(self, reader: str) -> int | None:
        """Give the stamp since which this reader would have told of a tag; None if it is down."""
        known = self._readers.get(reader)
        return known.watches_from_us if known else None

    def heard_us(self, reader: str) -> int | None:
        known = self._readers.get(reader)
        return known.heard_us if known else None
