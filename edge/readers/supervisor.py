"""One reader's life after life: build a driver, start it, poll it, and when it fails do so again.

What a reader says reaches the buffer in its order: the word that it is lost comes after its last
reads.  Between two lives it backs off with jitter up to a ceiling; a stop ends the wait at once.
"""

import logging
import threading
from collections.abc import Callable

import tenacity

from edge.clock import Clock
from edge.errors import ProtocolError, ReaderError, ReaderRefused
from edge.model import HealthEvent, HealthKind, Polled
from edge.readers.buffer import ReadBuffer
from edge.readers.driver import ReaderDriver

POLL_S = 0.25  # also how long a stop waits for a silent reader
STEADY_S = 60.0  # who lived that long begins with short waits again
_AFTER_LOSS = tenacity.wait_exponential(multiplier=0.5, max=30) + tenacity.wait_random(0, 0.5)
# A reader has one place for a client.  Impinj's gives the place of a client that it does not hear
# any more away 3.5 s after another has asked for it: an earlier attempt is in vain.
_AFTER_REFUSAL = tenacity.wait_exponential(multiplier=4, max=30) + tenacity.wait_random(0, 0.5)

_log = logging.getLogger(__name__)


class Supervisor:
    """The body of one thread: run() returns only after stop is set.

    ReaderError and ProtocolError are what readers do; anything else is a bug and leaves run().
    """

    def __init__(
        self,
        reader: str,
        build: Callable[[], ReaderDriver],
        buffer: ReadBuffer,
        clock: Clock,
        stop: threading.Event,
    ) -> None:
        self._reader, self._build, self._buffer = reader, build, buffer
        self._clock, self._stop = clock, stop
        self._retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((ReaderError, ProtocolError)),
            wait=_wait,
            sleep=tenacity.sleep_using_event(stop),
            stop=tenacity.stop_when_event_set(stop),
            before_sleep=self._log_failure,
            retry_error_callback=lambda _: None,
        )

    def run(self) -> None:
        while not self._stop.is_set():
            self._retrying.copy()(self._live)
        self._tell(HealthKind.LOST, "the agent stopped")

    def _live(self) -> None:
        """Serve one driver; return at a stop or after a steady life, else raise what ended it."""
        if self._stop.is_set():
            return
        began_s = self._clock.now().monotonic_s
        driver = self._build()
        try:
            driver.start()
            while not self._stop.is_set():
                self._buffer.put(self._reader, driver.poll(POLL_S))
        except (ReaderError, ProtocolError) as error:
            if isinstance(error, ReaderRefused):
                self._tell(HealthKind.REFUSED, str(error))
            self._tell(HealthKind.LOST, str(error))
            if self._clock.now().monotonic_s - began_s < STEADY_S:
                raise
            _log.warning("reader=%s lost: %s; connecting anew", self._reader, error)
        finally:
            driver.stop()

    def _tell(self, kind: HealthKind, detail: str) -> None:
        event = HealthEvent(kind, detail, self._clock.now().utc_us)
        self._buffer.put(self._reader, Polled(health=(event,)))

    def _log_failure(self, attempt: tenacity.RetryCallState) -> None:
        wait_s = attempt.next_action.sleep if attempt.next_action else 0.0
        _log.warning("reader=%s %s; again in %.1f s", self._reader, _failure(attempt), wait_s)


def _wait(attempt: tenacity.RetryCallState) -> float:
    refused = isinstance(_failure(attempt), ReaderRefused)
    return (_AFTER_REFUSAL if refused else _AFTER_LOSS)(attempt)


def _failure(attempt: tenacity.RetryCallState) -> BaseException | None:
    return attempt.outcome.exception() if attempt.outcome else None
