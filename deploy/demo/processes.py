"""Programs run beside this one: started with their output in a file, and always ended.

Each child stands in a session of its own, so that Ctrl-C reaches the parent alone and the children
are ended in order.  Should the parent be killed, the kernel ends them.
"""

import contextlib
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from edge.errors import GatewayError

STOP_S = 10.0
_PORTS = range(20_000, 32_000)  # below those that connections get (ip_local_port_range)


class ProgramFailed(GatewayError):
    """A program did not start, or ended by itself; the text has the end of its output."""


class Program:
    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.log = name, log
        guard = shutil.which("setpriv")
        prefix = [guard, "--pdeathsig", "SIGKILL"] if guard else []
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own commands
                [*prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=environment,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """Give the exit code, or None while the program runs."""
        return self._process.poll()

    def wait(self, timeout_s: float) -> int:
        return self._process.wait(timeout_s)

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, text: str, timeout_s: float) -> str:
        """Wait until the program has printed a line with `text`; give the line."""
        deadline = time.monotonic() + timeout_s
        while True:
            for line in self.output().splitlines():
                if text in line:
                    return line
            self.check()
            if time.monotonic() > deadline:
                raise ProgramFailed(self._report(f"said no {text!r} within {timeout_s:g} s"))
            time.sleep(0.02)

    def wait_for_port(self, port: int, timeout_s: float) -> None:
        """Wait until something accepts connections on this loopback port."""
        deadline = time.monotonic() + timeout_s
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
                return
            self.check()
            if time.monotonic() > deadline:
                raise ProgramFailed(self._report(f"did not listen on {port} in {timeout_s:g} s"))
            time.sleep(0.02)

    def check(self) -> None:
        """Raise ProgramFailed if the program has ended."""
        code = self.exit_code()
        if code is not None:
            raise ProgramFailed(self._report(f"ended with exit code {code}"))

    def send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL, and wait until it is gone."""
        self.send(signal.SIGKILL)
        self._process.wait(STOP_S)

    def stop(self) -> int:
        """Ask it to end (SIGTERM), insist after 10 s; give the exit code."""
        if self.exit_code() is None:
            self.send(signal.SIGTERM)
            try:
                return self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.kill()
        return self._process.returncode

    def _report(self, what: str) -> str:
        tail = "\n".join(f"  {line}" for line in self.output().splitlines()[-12:])
        return f"{self.name} {what}; its last lines:\n{tail}"


def free_port(preferred: int = 0) -> int:
    """Give the preferred loopback port, or one that is free when it is taken (or 0).

    Nobody is given it by the kernel, for a connection somewhere, before a program listens there.
    """
    drawn = secrets.SystemRandom().sample(_PORTS, 50)
    for port in (preferred, *drawn) if preferred else drawn:
        with socket.socket() as probe:
            # As servers do: a port in TIME_WAIT from an earlier run counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise GatewayError("this machine has no free port on 127.0.0.1")
