"""Antennas that have gone silent while others of the same reader go on hearing tags.

A broken cable is often no event to a reader.  Yet many an antenna has nothing before it for hours,
at a fitting room or at night, so an antenna is measured by itself:

| an antenna that …                                | is told of when it has heard nothing for   |
| ------------------------------------------------ | ------------------------------------------ |
| has heard tags before                            | the time set, and four times as long as it |
|                                                  | was ever silent before (ANTENNA_SILENT)    |
| never heard one                                  | six times the time set, once (a notice)    |

Only time counts in which the reader is connected and another antenna hears tags.  An antenna that
the reader itself calls disconnected is not told of a second time.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from edge.model import HealthEvent, HealthKind, TagRead

Told = tuple[HealthKind, str, int]  # the last is the antenna's port

_PATIENCE, _NEVER = 4, 6
_LOOKS = 60  # in the time set


@dataclass(slots=True)
class _Ear:
    """`heard_s`: when it heard a tag last, or the connection began; `longest_s` of its silences."""

    heard_s: float
    longest_s: float = 0.0
    has_heard: bool = False
    is_connected: bool = True
    is_told: bool = False


@dataclass(slots=True)
class HearingMemory:
    """What one connection leaves to the next: antennas by their port."""

    ears: dict[int, _Ear] = field(default_factory=dict)


class Hearing:
    """begin() at each connection, then take() whatever a poll has brought.

    Without `ports` all those are watched that have ever heard a tag; `silence_s` 0 watches none.
    """

    def __init__(self, memory: HearingMemory, ports: Collection[int], silence_s: float) -> None:
        self._ears, self._silence_s = memory.ears, silence_s
        self._ports = frozenset(ports)
        self._unheard: set[int] = set()  # since the last look
        self._looked_s = self._look_s = 0.0

    def begin(self, now_s: float) -> None:
        for port in self._ports - self._ears.keys():
            self._ears[port] = _Ear(now_s)
        for ear in self._ears.values():
            ear.heard_s, ear.is_connected = now_s, True
            ear.is_told = ear.is_told and not ear.has_heard  # a notice is given once
        self._plan(now_s)

    def take(
        self, reads: Sequence[TagRead], events: Iterable[HealthEvent], now_s: float
    ) -> list[Told]:
        """Take what a poll has brought; give what is to be told of which antenna."""
        told: list[Told] = []
        if not self._silence_s:
            return told
        for event in events:
            self._heed(event, now_s)
        if reads and self._unheard:
            heard = {read.antenna_port for read in reads} - {0}
            self._unheard -= heard
            for port in heard:
                told += self._hear(port, now_s)
        if now_s >= self._look_s:
            told += self._look(now_s)
            self._plan(now_s)
        return told

    def _heed(self, event: HealthEvent, now_s: float) -> None:
        """Learn which antennas the reader itself calls disconnected."""
        ear = self._ears.get(event.antenna_port or 0)
        if ear is not None and event.kind in {HealthKind.ANTENNA_DOWN, HealthKind.ANTENNA_UP}:
            ear.is_connected = event.kind is HealthKind.ANTENNA_UP
            ear.heard_s = now_s

    def _plan(self, now_s: float) -> None:
        self._looked_s, self._look_s = now_s, now_s + self._silence_s / _LOOKS
        self._unheard = set(self._ears) if self._ports else {0, *self._ears}

    def _hear(self, port: int, now_s: float) -> list[Told]:
        ear = self._ears.get(port)
        if ear is None:
            if self._ports:
                return []
            ear = self._ears[port] = _Ear(now_s)
        was_told, ear.is_told = ear.is_told and ear.has_heard, False
        ear.longest_s = max(ear.longest_s, now_s - ear.heard_s)
        ear.heard_s, ear.has_heard = now_s, True
        if not was_told:
            return []
        return [(HealthKind.ANTENNA_HEARD, f"antenna {port} hears tags again", port)]

    def _look(self, now_s: float) -> list[Told]:
        told: list[Told] = []
        others_hear = any(self._is_hearing(ear, now_s) for ear in self._ears.values())
        for port, ear in self._ears.items():
            if not others_hear:  # time that does not count
                ear.heard_s += now_s - self._looked_s
            silent_s = now_s - ear.heard_s
            if ear.is_told or not ear.is_connected or silent_s < self._limit_s(ear):
                continue
            ear.is_told = True
            text = f"antenna {port} has heard no tag for {_span(silent_s)}, and others have"
            kind = HealthKind.ANTENNA_SILENT if ear.has_heard else HealthKind.NOTICE
            told.append((kind, text, port))
        return told

    def _is_hearing(self, ear: _Ear, now_s: float) -> bool:
        """Tell whether an antenna hears tags these days; reports may come with a long period."""
        look_s, most_s = self._silence_s / _LOOKS, self._silence_s / 4
        recently_s = max(2 * look_s, min(2 * ear.longest_s, most_s))
        return ear.has_heard and now_s - ear.heard_s < recently_s

    def _limit_s(self, ear: _Ear) -> float:
        if not ear.has_heard:
            return _NEVER * self._silence_s
        return max(self._silence_s, _PATIENCE * ear.longest_s)


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
