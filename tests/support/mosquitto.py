"""A real mosquitto on a loopback port of its own, which a test may stop, kill and start again."""

import getpass
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.demo.processes import Program, free_port

START_S = 10.0


class Mosquitto:
    def __init__(self, folder: Path, *lines: str) -> None:
        """Prepare a broker whose configuration also has the `lines`."""
        self.port = free_port()
        self._folder = folder
        self._program: Program | None = None
        user = f"user {getpass.getuser()}"  # or it gives up root, and reads no file of the test's
        configuration = [f"listener {self.port} 127.0.0.1", "persistence false", user, *lines]
        if not any(line.startswith("allow_anonymous") for line in lines):
            configuration.append("allow_anonymous true")
        (folder / "mosquitto.conf").write_text("\n".join(configuration), "utf-8")

    def start(self) -> None:
        command = [program("mosquitto"), "-c", str(self._folder / "mosquitto.conf")]
        self._program = Program("mosquitto", command, self._folder / "mosquitto.log")
        self._program.wait_for_port(self.port, START_S)

    def kill(self) -> None:
        if self._program is not None:
            self._program.kill()
            self._program = None

    def pause(self, *, paused: bool) -> None:
        """Freeze it: its port takes connections, and nobody answers; or let it go on."""
        assert self._program is not None
        self._program.send(signal.SIGSTOP if paused else signal.SIGCONT)


@pytest.fixture
def start_broker(tmp_path: Path) -> Iterator[Callable[..., Mosquitto]]:
    """Give a function that starts a broker with some lines of configuration more."""
    started: list[Mosquitto] = []

    def start(*lines: str) -> Mosquitto:
        broker = Mosquitto(tmp_path, *lines)
        started.append(broker)
        broker.start()
        return broker

    yield start
    for broker in started:
        broker.kill()


@pytest.fixture
def broker(start_broker: Callable[..., Mosquitto]) -> Mosquitto:
    return start_broker()


def program(name: str) -> str:
    """Find one of mosquitto's; Debian keeps the broker out of an ordinary user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found
