"""Our driver under its supervisor, against whatever listens on a port; what it tells is kept."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edge.clock import SystemClock
from edge.llrp.session import LinkMemory, LlrpSession
from edge.llrp.settings import LlrpSettings
from edge.model import TagRead
from edge.readers.driver import LlrpDriver
from edge.readers.links import TcpLink
from edge.readers.supervisor import Supervisor
from tests.support.llrp_line import HastyEvent, NotedBuffer

PATIENCE_S = 30.0


class Driving:
    """What has been read by now; `stop` ends it, and tells how long that took."""

    def __init__(self, port: int, settings: LlrpSettings) -> None:
        self.buffer, self.reads = NotedBuffer(), list[TagRead]()
        self._stop, self._memory, self._clock = HastyEvent(), LinkMemory(), SystemClock()
        self._port, self._settings = port, settings
        supervisor = Supervisor("peer", self._build, self.buffer, self._clock, self._stop)
        self._thread = threading.Thread(target=supervisor.run, name="driving", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> float:
        began_s = time.monotonic()
        self._stop.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "the driver does not stop"
        self._take(0.0)
        return time.monotonic() - began_s

    def read_until(self, is_enough: Callable[[list[TagRead]], bool]) -> list[TagRead]:
        deadline_s = time.monotonic() + PATIENCE_S
        while not is_enough(self.reads):
            told = [f"{one.event.kind}: {one.event.detail}" for one in self.buffer.heard]
            assert time.monotonic() < deadline_s, f"{len(self.reads)} reads are not enough; {told}"
            self._take(0.1)
        return self.reads

    def told(self) -> list[str]:
        return [f"{one.event.kind}: {one.event.detail}" for one in self.buffer.heard]

    def _take(self, timeout_s: float) -> None:
        for batch in self.buffer.take(timeout_s):
            self.reads += batch.polled.reads

    def _build(self) -> LlrpDriver:
        link = TcpLink("127.0.0.1", self._port)
        return LlrpDriver(link, LlrpSession(self._settings, self._memory), self._clock)


@contextmanager
def driving(port: int, settings: LlrpSettings) -> Iterator[Driving]:
    one = Driving(port, settings)
    one.start()
    try:
        yield one
    finally:
        one.stop()
