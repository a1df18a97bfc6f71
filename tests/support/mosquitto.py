"""A real mosquitto on a loopback port of its own, which a test may stop, kill and start again."""

import getpass
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

START_S = 10.0


class Mosquitto:
    def __init__(self, folder: Path, *lines: str) -> None:
        """Prepare a broker whose configuration also has the `lines`."""
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        user = f"user {getpass.getuser()}"  # or it gives up root, and reads no file of the test's
        configuration = [f"listener {self.port} 127.0.0.1", "persistence false", user, *lines]
        if not any(line.startswith("allow_anonymous") for line in lines):
            configuration.append("allow_anonymous true")
        (folder / "mosquitto.conf").write_text("\n".join(configuration), "utf-8")

    def start(self) -> None:
        command = [program("mosquitto"), "-c", str(self._folder / "mosquitto.conf")]
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline_s = time.monotonic() + START_S
        while not _accepts(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                pytest.fail((self._folder / "mosquitto.log").read_text("utf-8"))
            time.sleep(0.02)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(5)
            self._process = None

    def pause(self, *, paused: bool) -> None:
        """Freeze it: its port takes connections, and nobody answers; or let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if paused else signal.SIGCONT)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


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


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def program(name: str) -> str:
    """Find one of mosquitto's; Debian keeps the broker out of an ordinary user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found
