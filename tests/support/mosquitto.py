"""A real mosquitto on a loopback port of its own, which a test may stop, kill and start again."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

START_S = 10.0


class Mosquitto:
    def __init__(self, folder: Path, *lines: str) -> None:
        """Prepare a broker whose configuration also has the `lines`."""
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        configuration = [f"listener {self.port} 127.0.0.1", "persistence false", *lines]
        if not any(line.startswith("allow_anonymous") for line in lines):
            configuration.append("allow_anonymous true")
        (folder / "mosquitto.conf").write_text("\n".join(configuration), "utf-8")

    def start(self) -> None:
        command = [_program(), "-c", str(self._folder / "mosquitto.conf")]
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


def running(folder: Path, *lines: str) -> Iterator[Mosquitto]:
    """Run a broker for as long as the generator is not closed; the body of a fixture."""
    broker = Mosquitto(folder, *lines)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    yield from running(tmp_path)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _program() -> str:
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("mosquitto is not installed")
    return found
