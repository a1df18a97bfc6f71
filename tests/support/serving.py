"""A simulated LLRP reader in this process that hears whatever a test makes of the air."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from edge.model import Now
from simulators.air import Air
from simulators.clock import ReaderClock
from simulators.llrp_reader import LlrpReader
from simulators.llrp_server import LlrpServer
from simulators.profile import Profile


@contextmanager
def serving(air: Air, port: int) -> Iterator[None]:
    """Serve a reader with one antenna at a loopback port."""
    start = Now(time.monotonic(), time.time_ns() // 1000)
    server = LlrpServer(LlrpReader(Profile(antennas=1), air), ReaderClock(start), "127.0.0.1", port)
    stop = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        server.close()


def _serve(server: LlrpServer, stop: threading.Event) -> None:
    while not stop.is_set():
        server.step()
