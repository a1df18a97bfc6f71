"""From a reader's configuration to drivers of it, one for each connection."""

from edge.clock import Clock
from edge.config import ReaderConfig
from edge.llrp.session import LinkMemory, LlrpSession
from edge.llrp.settings import LlrpSettings
from edge.readers.desk import Desk
from edge.readers.driver import LlrpDriver, ReaderDriver
from edge.readers.links import TcpLink


class DriverFactory:
    """Makes fresh drivers of one reader, which know what the last one has learned."""

    def __init__(self, config: ReaderConfig, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._settings = llrp_settings(config)
        self._memory = LinkMemory()
        self.desk = Desk()

    def build(self) -> ReaderDriver:
        """Make a driver, which opens nothing before its start()."""
        link = TcpLink(self._config.host, self._config.port)
        session = LlrpSession(self._settings, self._memory)
        return LlrpDriver(link, session, self._clock, self.desk)


def llrp_settings(config: ReaderConfig) -> LlrpSettings:
    return LlrpSettings(antenna_ports=tuple(antenna.port for antenna in config.antennas))
