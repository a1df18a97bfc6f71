"""Readers used by a command, where no agent runs."""

import contextlib
import time
from collections.abc import Callable, Iterator

from edge.clock import Clock
from edge.config import ReaderConfig
from edge.errors import ReaderError
from edge.llrp.facts import SessionFacts
from edge.llrp.operations import Operation, Outcome
from edge.readers.accept import Receptions
from edge.readers.driver import LlrpDriver
from edge.readers.factory import DriverFactory
from edge.readers.tap import Tap

TIMEOUT_S = 60.0
_LOOK_S = 0.1


def perform(config: ReaderConfig, clock: Clock, operation: Operation) -> Outcome:
    """Connect, do it, and say goodbye; raise ReaderError where the reader cannot be had."""
    with _connected(config, clock) as (factory, driver):
        future = factory.desk.ask(operation)
        _poll(driver, future.done)
        return future.result(0)


def look_at(config: ReaderConfig, clock: Clock) -> SessionFacts:
    """Ask a reader what it is and can, and change nothing in it; raise ReaderError as above."""
    with _connected(config, clock, only_looks=True) as (factory, _):
        if factory.desk.facts is None:
            raise ReaderError("the reader has told nothing of itself")
        return factory.desk.facts


def record(config: ReaderConfig, clock: Clock, seconds: float, tap: Tap) -> int:
    """Read tags for so long, and show `tap` all that the reader says; give how many reads.

    Raises ReaderError as above.
    """
    with _connected(config, clock, tap=tap) as (_, driver):
        until_s, reads = time.monotonic() + seconds, 0
        while time.monotonic() < until_s:
            reads += len(driver.poll(_LOOK_S).reads)
        return reads


@contextlib.contextmanager
def _connected(
    config: ReaderConfig, clock: Clock, *, only_looks: bool = False, tap: Tap | None = None
) -> Iterator[tuple[DriverFactory, LlrpDriver]]:
    with contextlib.closing(Receptions()) as receptions:
        factory = DriverFactory(config, clock, receptions, only_looks=only_looks, tap=tap)
        driver = factory.build()
        try:
            driver.start()
            _poll(driver, lambda: factory.desk.facts is not None)
            yield factory, driver
        finally:
            driver.stop()


def _poll(driver: LlrpDriver, is_done: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + TIMEOUT_S
    while not is_done():
        if time.monotonic() > deadline_s:
            raise ReaderError(f"the reader was not ready within {TIMEOUT_S:g} s")
        driver.poll(_LOOK_S)
