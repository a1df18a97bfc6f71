"""From a reader's configuration to a driver of it."""

from edge.clock import Clock
from edge.config import ReaderConfig
from edge.llrp.rospec import LlrpSettings
from edge.llrp.session import LlrpSession
from edge.readers.driver import LlrpDriver, ReaderDriver
from edge.readers.links import TcpLink


def build_driver(config: ReaderConfig, clock: Clock) -> ReaderDriver:
    """Make a fresh driver, which opens nothing before its start()."""
    settings = LlrpSettings(antenna_ports=tuple(antenna.port for antenna in config.antennas))
    return LlrpDriver(TcpLink(config.host, config.port), LlrpSession(settings), clock)
