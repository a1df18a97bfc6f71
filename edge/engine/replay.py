"""A recording through the engine: its events, and where each tag was, second by second."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge.engine.changes import EngineSettings, KnownItem
from edge.engine.pipeline import Pipeline
from edge.engine.profiles import Profile
from edge.engine.weights import GENERIC, Weights
from edge.engine.zones import Antenna
from edge.model import (
    HealthEvent,
    HealthKind,
    ItemEvent,
    ItemState,
    Polled,
    Sgtin,
    TagRead,
    Tick,
    ZoneKind,
)

_HOLD_US = 10_000_000  # a live reader ticks at least so often


@dataclass(frozen=True, slots=True)
class Moment:
    """What was decided up to `at_us`, and where the present items are by then."""

    at_us: int
    events: Sequence[ItemEvent]
    places: Mapping[Sgtin, str]  # the same mapping at each moment: read it before the next


def replay(  # noqa: PLR0913  # an engine's arguments
    recordings: Mapping[str, Sequence[TagRead]],
    zones: Mapping[Antenna, str],
    kinds: Mapping[str, ZoneKind],
    settings: EngineSettings,
    *,
    weights: Weights = GENERIC,
    profiles: Mapping[str, Profile] | None = None,
    every_s: float = 1.0,
) -> Iterator[Moment]:
    """Play the reads of readers, in the order of their stamps, and yield every so many seconds.

    The readers are taken to be up from the first read to the last, and to tick in between and once
    after, so that the last epoch is decided too.
    """
    queues = {reader: sorted(reads, key=_stamp) for reader, reads in recordings.items() if reads}
    if not queues:
        return
    first_us = min(reads[0].at_us for reads in queues.values())
    last_us = max(reads[-1].at_us for reads in queues.values())
    pipeline = Pipeline(settings, zones, [], kinds=kinds, profiles=profiles, weights=weights)
    for reader in queues:
        up = HealthEvent(HealthKind.CONNECTED, "replay", first_us)
        pipeline.feed(reader, Polled(tick=Tick(first_us), health=(up,)))
    places: dict[Sgtin, str] = {}
    taken = dict.fromkeys(queues, 0)
    step_us, epoch_us = round(every_s * 1e6), round(settings.epoch_s * 1e6)
    for start_us in range(first_us, last_us + 1, step_us):
        for at_us in _stops(start_us, start_us + step_us):
            for reader, reads in queues.items():
                begin = end = taken[reader]
                while end < len(reads) and reads[end].at_us < at_us:
                    end += 1
                taken[reader] = end
                pipeline.feed(reader, Polled(reads=reads[begin:end], tick=Tick(at_us)))
        if start_us + step_us > last_us:
            for reader in queues:
                pipeline.feed(reader, Polled(tick=Tick(start_us + step_us + epoch_us)))
        changes = pipeline.take()
        for item in changes.items:
            _place(places, item)
        yield Moment(start_us + step_us, changes.events, places)


def moves_and_seconds(
    reads: Sequence[TagRead], reader: str, zones: Mapping[Antenna, str], weights: Weights
) -> tuple[int, dict[Sgtin, list[str]]]:
    """Give how often tags have moved, and each one's zone by the second ("" where it has none)."""
    moves = 0
    seconds: dict[Sgtin, list[str]] = {}
    moments = replay({reader: reads}, zones, {}, EngineSettings(), weights=weights)
    for number, moment in enumerate(moments):
        moves += sum(event.kind == "moved" for event in moment.events)
        for sgtin in moment.places:
            seconds.setdefault(sgtin, [""] * number)
        for sgtin, places in seconds.items():
            places.append(moment.places.get(sgtin, ""))
    return moves, seconds


def _place(places: dict[Sgtin, str], item: KnownItem) -> None:
    sgtin = Sgtin(item.gtin, item.serial)
    if item.state is ItemState.PRESENT:
        places[sgtin] = item.zone
    else:
        places.pop(sgtin, None)


def _stops(start_us: int, end_us: int) -> Iterator[int]:
    """Cut a long step into pieces that no reader is silent for."""
    yield from range(start_us + _HOLD_US, end_us, _HOLD_US)
    yield end_us


def _stamp(read: TagRead) -> int:
    return read.at_us
