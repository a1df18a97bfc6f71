"""mosquitto on a loopback port, with a configuration made for it."""

import shutil
from pathlib import Path

from deploy.demo.processes import Program, free_port
from edge.errors import ConfigError

# Nothing is kept on disk: durability lives in the stores' SQLite files and in the documents.
# Queues are bounded by bytes, not by mosquitto's default of 1000 messages, which it drops silently.
_CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
set_tcp_nodelay true
max_queued_messages 0
max_queued_bytes 67108864
max_packet_size 1052672
log_dest stderr
log_type error
log_type warning
log_type notice
"""


class Broker:
    """One mosquitto; `stop()` it.  `start()` again keeps the port."""

    def __init__(self, folder: Path, preferred_port: int = 0) -> None:
        self.port = free_port(preferred_port)
        self._folder = folder
        self._program: Program | None = None

    def start(self) -> None:
        configuration = self._folder / "mosquitto.conf"
        configuration.write_text(_CONFIGURATION.format(port=self.port), encoding="utf-8")
        command = [find_mosquitto(), "-c", str(configuration)]
        self._program = Program("mosquitto", command, self._folder / "mosquitto.log")
        self._program.wait_for_port(self.port, timeout_s=10)

    @property
    def program(self) -> Program:
        if self._program is None:
            raise RuntimeError("the broker was not started")
        return self._program

    def stop(self) -> None:
        if self._program is not None:
            self._program.stop()


def find_mosquitto() -> str:
    """Find the program; Debian keeps it out of an ordinary user's PATH."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise ConfigError("mosquitto is missing: install the package mosquitto")
    return found
