"""Tagtally's own LLRP client."""

from edge.clock import SystemClock
from edge.errors import ReaderError
from edge.llrp import Fault, FrameDecoder
from edge.llrp.reports import ReportDecoder
from edge.llrp.session import LlrpSession
from edge.llrp.settings import LlrpSettings
from edge.readers.driver import LlrpDriver
from edge.readers.links import TcpLink


def decode(stream: bytes) -> int:
    frames, decoder, faults, tags = FrameDecoder(), ReportDecoder(), list[Fault](), 0
    frames.feed(stream)
    while frame := frames.next_frame():
        tags += len(decoder.decode(frame.body, 0, faults))
    return tags


def read(port: int, reads: int) -> int:
    session = LlrpSession(LlrpSettings(antenna_ports=(1, 2, 3, 4)))
    driver = LlrpDriver(TcpLink("127.0.0.1", port), session, SystemClock())
    driver.start()
    tags = 0
    try:
        while tags < reads:
            tags += len(driver.poll(1.0).reads)
    except ReaderError:  # it has closed
        pass
    return tags
