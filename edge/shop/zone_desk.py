"""What people tell the agent about zones: hear nothing there for a while; record a walk.

| route                    | body              | does                                              |
| ------------------------ | ----------------- | ------------------------------------------------- |
| GET /zones/muted         |                   | gives the zones, each with the seconds left       |
| POST /zones/{zone}/mute  | {"minutes": 30}   | hears nothing there for so long; 0 ends it        |
| POST /walk               |                   | keeps what is read from now on                    |
| POST /walk/{zone}        |                   | writes that as the zone's trace, beside the file  |

Any thread may ask; what the engine must know reaches it as an order in its own thread.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge.engine.pipeline import Pipeline
from edge.errors import InputConflict, InputError, NothingSuch, StorageError
from edge.local.routes import Answer, Request, Route
from edge.recorder import Recorder
from edge.trace import write_trace

ORDER_S = 10.0
MAX_MUTE_MIN = 1440


class MuteWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minutes: float


class Walked(msgspec.Struct, frozen=True):
    """Where the trace of a walk is; `missed` reads found no room."""

    path: str
    reads: int
    missed: int


@dataclass(frozen=True, slots=True)
class _Mute:
    zone: str
    for_s: float

    def decide(self, pipeline: Pipeline) -> None:
        if not pipeline.mute(self.zone, self.for_s):
            raise InputConflict(f"zone {self.zone}: no reader has been heard yet")

    def write(self) -> None:
        """Keep nothing: a new start listens to all zones."""


class ZoneDesk:
    """`folder` is where the traces of walks are written."""

    def __init__(self, recorder: Recorder, zones: Collection[str], folder: Path) -> None:
        self._recorder = recorder
        self._zones, self._folder = sorted(zones), folder

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/zones/muted", lambda _: Answer(dict(self._recorder.muted()))),
            Route("POST", "/zones/{zone}/mute", self._mute_answer),
            Route("POST", "/walk", self._begin_answer),
            Route("POST", "/walk/{zone}", lambda asked: Answer(self.end_walk(_zone(asked)))),
        ]

    def mute(self, zone: str, minutes: float) -> None:
        """Raise GatewayError where that cannot be."""
        self._check(zone)
        if not 0 <= minutes <= MAX_MUTE_MIN:
            raise InputError(f"minutes: expected a number from 0 to {MAX_MUTE_MIN}, got {minutes}")
        try:
            self._recorder.order(_Mute(zone, minutes * 60)).result(ORDER_S)
        except TimeoutError as error:
            raise StorageError(f"zone {zone}: the engine has not done it in time") from error

    def begin_walk(self) -> None:
        self._recorder.tape.start()

    def end_walk(self, zone: str) -> Walked:
        """Write what was read since the begin.  Raises GatewayError where that cannot be."""
        self._check(zone)
        taped = self._recorder.tape.stop()
        path = self._folder / f"walk-{zone}.csv"
        try:
            write_trace(path, taped.reads)
        except OSError as error:
            raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
        return Walked(str(path), sum(map(len, taped.reads.values())), taped.missed)

    def _mute_answer(self, request: Request) -> Answer:
        try:
            wish = msgspec.json.decode(request.body, type=MuteWish)
        except msgspec.MsgspecError as error:
            raise InputError(f'expected {{"minutes": NUMBER}}: {error}') from error
        self.mute(_zone(request), wish.minutes)
        return Answer(dict(self._recorder.muted()))

    def _begin_answer(self, _: Request) -> Answer:
        self.begin_walk()
        return Answer({})

    def _check(self, zone: str) -> None:
        if zone not in self._zones:
            raise NothingSuch(f"zone {zone}: expected one of {', '.join(self._zones)}")


def _zone(request: Request) -> str:
    return request.arguments["zone"]
