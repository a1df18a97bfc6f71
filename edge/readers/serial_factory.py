"""From a serial reader's configuration to drivers of it, one for each connection."""

from concurrent.futures import Future

from edge.clock import Clock
from edge.config import SerialReaderConfig
from edge.errors import ReaderError
from edge.llrp.operations import Operation, Outcome
from edge.readers.desk import Desk
from edge.readers.driver import ReaderDriver
from edge.readers.serial_config import AUTO, probe_for, session_of, session_of_found
from edge.readers.serial_driver import ProbingDriver, SerialDriver
from edge.readers.serial_link import serial_line


class ClosedDesk(Desk):
    """Where nothing is done: serial readers read, and do nothing else to tags."""

    def ask(self, operation: Operation) -> Future[Outcome]:
        del operation
        raise ReaderError("operations on tags are done by LLRP readers only")


class SerialDriverFactory:
    """Makes fresh drivers of one reader; raises ConfigError for what `check_readers` told."""

    def __init__(self, config: SerialReaderConfig, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self.desk = ClosedDesk()

    def build(self) -> ReaderDriver:
        """Make a driver, which opens nothing before its start()."""
        config, line = self._config, serial_line(self._config.device)
        if config.protocol != AUTO:
            return SerialDriver(line, session_of(config), self._clock)
        return ProbingDriver(
            line,
            probe_for(config.bauds),
            lambda found: session_of_found(config, found),
            self._clock,
        )
