"""What people tell the agent about zones: hear nothing there for a while; record a walk.

Any thread may ask; what the engine must know reaches it as an order in its own thread.
"""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge.engine.pipeline import Pipeline
from edge.errors import InputConflict, InputError, NothingSuch, StorageError
from edge.local.http import Answer, Request, Route
from edge.recorder import Order
from edge.tape import Tape
from edge.trace import write_trace

ORDER_S = 10.0
MAX_MUTE_S = 86_400.0


@dataclass(frozen=True, slots=True)
class _Mute:
    zone: str
    for_s: float

    def decide(self, pipeline: Pipeline) -> None:
        if not pipeline.mute(self.zone, self.for_s):
            raise InputConflict(f"zone {self.zone}: no reader has been heard yet")

    def write(self) -> None:
        """Keep nothing: a new start listens to all zones."""


class _MuteWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minutes: float


class ZoneDesk:
    """`folder` is where the traces of walks are written."""

    def __init__(
        self,
        order: Callable[[Order], Future[None]],
        pipeline: Pipeline,
        tape: Tape,
        zones: Collection[str],
        folder: Path,
    ) -> None:
        self._order, self._pipeline, self._tape = order, pipeline, tape
        self._zones, self._folder = sorted(zones), folder

    def mute(self, zone: str, for_s: float) -> None:
        """Have the engine hear nothing in a zone for so long; 0 ends it.

        Raises GatewayError where that cannot be.
        """
        self._check(zone)
        if not 0 <= for_s <= MAX_MUTE_S:
            most = f"{MAX_MUTE_S / 60:g}"
            raise InputError(f"minutes: expected a number from 0 to {most}, got {for_s / 60:g}")
        try:
            self._order(_Mute(zone, for_s)).result(ORDER_S)
        except TimeoutError as error:
            raise StorageError(f"zone {zone}: the engine has not done it in time") from error

    def muted(self) -> Mapping[str, float]:
        return self._pipeline.muted()

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/zones/muted", lambda _: Answer(dict(self.muted()))),
            Route("POST", "/zones/{zone}/mute", self._mute_answer),
        ]

    def _mute_answer(self, request: Request) -> Answer:
        try:
            wish = msgspec.json.decode(request.body, type=_MuteWish)
        except msgspec.MsgspecError as error:
            raise InputError(f'expected {{"minutes": NUMBER}}: {error}') from error
        self.mute(request.arguments["zone"], wish.minutes * 60)
        return Answer(dict(self.muted()))

    def begin_walk(self) -> None:
        self._tape.start()

    def end_walk(self, zone: str) -> tuple[str, int, int]:
        """Write what was read since the begin; give the trace's path, its reads and those missed.

        Raises GatewayError where that cannot be.
        """
        self._check(zone)
        taped = self._tape.stop()
        path = self._folder / f"walk-{zone}.csv"
        try:
            write_trace(path, taped.reads)
        except OSError as error:
            raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
        return str(path), sum(map(len, taped.reads.values())), taped.missed

    def _check(self, zone: str) -> None:
        if zone not in self._zones:
            raise NothingSuch(f"zone {zone}: expected one of {', '.join(self._zones)}")
