"""From a reader's configuration to a driver of it."""

from edge.clock import Clock
from edge.config import AnyReaderConfig, ReaderConfig, SerialReaderConfig
from edge.llrp.rospec import LlrpSettings
from edge.llrp.session import LlrpSession
from edge.readers.driver import LlrpDriver, ReaderDriver
from edge.readers.links import TcpLink
from edge.readers.serial_config import AUTO, probe_for, session_of, session_of_found
from edge.readers.serial_driver import ProbingDriver, SerialDriver
from edge.readers.serial_link import serial_line


def build_driver(config: AnyReaderConfig, clock: Clock) -> ReaderDriver:
    """Make a fresh driver, which opens nothing before its start().

    Raises ConfigError for what `check_readers` has complained of.
    """
    if isinstance(config, SerialReaderConfig):
        return _serial_driver(config, clock)
    return _llrp_driver(config, clock)


def _llrp_driver(config: ReaderConfig, clock: Clock) -> LlrpDriver:
    settings = LlrpSettings(antenna_ports=tuple(antenna.port for antenna in config.antennas))
    return LlrpDriver(TcpLink(config.host, config.port), LlrpSession(settings), clock)


def _serial_driver(config: SerialReaderConfig, clock: Clock) -> ReaderDriver:
    line = serial_line(config.device)
    if config.protocol != AUTO:
        return SerialDriver(line, session_of(config), clock)
    return ProbingDriver(
        line, probe_for(config.bauds), lambda found: session_of_found(config, found), clock
    )
