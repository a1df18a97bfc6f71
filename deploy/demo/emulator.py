"""The official Firestore emulator: found on this machine wherever it was installed, and run.

It keeps everything in memory, verifies no token, and belongs on loopback only.
"""

import contextlib
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from deploy.demo.processes import Program, ProgramFailed, free_port
from edge.errors import ConfigError

START_S = 60.0
RULES = Path(__file__).parents[1] / "firestore" / "firestore.rules"
_IN_SDK = Path("platform/cloud-firestore-emulator/cloud-firestore-emulator.jar")
_MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
_DEBIAN_PACKAGE = "google-cloud-cli-firestore-emulator"
_USUAL_SDKS = (
    "~/google-cloud-sdk",
    "/usr/lib/google-cloud-sdk",
    "/usr/share/google-cloud-sdk",
    "/usr/local/google-cloud-sdk",
    "/opt/google-cloud-sdk",
    "/opt/google-cloud-cli",
    "/snap/google-cloud-cli/current",
    "/opt/homebrew/share/google-cloud-sdk",
)
_ASK_S = 20.0


def find_emulator() -> Path | None:
    """Find the emulator's jar; FIRESTORE_EMULATOR_JAR names one, and must then be right."""
    named = os.environ.get("FIRESTORE_EMULATOR_JAR")
    if named:
        if not Path(named).is_file():
            raise ConfigError(f"FIRESTORE_EMULATOR_JAR: there is no file {named}")
        return Path(named)
    return next((jar for jar in _candidates() if jar.is_file()), None)


def _candidates() -> Iterator[Path]:
    """Give where it may lie, what is quick to ask first."""
    gcloud = shutil.which("gcloud")
    if gcloud:
        yield Path(gcloud).resolve().parents[1] / _IN_SDK
    for folder in filter(None, (os.environ.get("CLOUDSDK_ROOT_DIR"), *_USUAL_SDKS)):
        yield Path(folder).expanduser() / _IN_SDK
    cache = Path("~/.cache/firebase/emulators").expanduser()  # of the Firebase command line
    yield from sorted(cache.glob("cloud-firestore-emulator-v*.jar"), reverse=True)
    yield from (Path(line) for line in _ask("dpkg", "-L", _DEBIAN_PACKAGE) if line.endswith(".jar"))
    for line in _ask("gcloud", "info", "--format=value(installation.sdk_root)"):
        yield Path(line) / _IN_SDK


def _ask(program: str, *arguments: str) -> list[str]:
    """Give the lines that a program prints; none if it is missing, fails or takes too long."""
    found = shutil.which(program)
    if found is None:
        return []
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run(  # noqa: S603 - our own commands
            [found, *arguments], capture_output=True, text=True, timeout=_ASK_S, check=True
        )
        return answer.stdout.splitlines()
    return []


class Emulator:
    """One emulator with a log in `folder`; `stop()` it.

    `start()` again keeps the port, but all documents are gone.
    """

    def __init__(self, jar: Path, folder: Path, port: int = 0) -> None:
        self._jar, self._folder = jar, folder
        self.port = free_port(port)
        self._program: Program | None = None

    @property
    def host(self) -> str:
        """Give what FIRESTORE_EMULATOR_HOST is to say."""
        return f"127.0.0.1:{self.port}"

    @property
    def program(self) -> Program:
        if self._program is None:
            raise RuntimeError("the emulator was not started")
        return self._program

    def start(self) -> None:
        """Return when it answers; raise ProgramFailed if it does not within START_S."""
        java = shutil.which("java")
        if java is None:
            raise ConfigError(
                "java is missing: the Firestore emulator needs it, version 17 or newer"
            )
        # Its errors are only ever in English, whatever the machine's language (its own script).
        command = [java, "-Duser.language=en", "-Xmx1g", "-cp", str(self._jar), _MAIN, "start"]
        options = ["--host=127.0.0.1", f"--port={self.port}", f"--rules={RULES}"]
        log = self._folder / "firestore-emulator.log"
        self._program = Program("firestore-emulator", [*command, *options], log)
        deadline = time.monotonic() + START_S
        while not self._answers():
            self._program.check()
            if time.monotonic() > deadline:
                self._program.kill()
                raise ProgramFailed(f"the Firestore emulator did not answer in {START_S:g} s")
            time.sleep(0.05)

    def stop(self) -> None:
        if self._program is not None:
            self._program.stop()

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            url = f"http://{self.host}/"
            with urllib.request.urlopen(url, timeout=1) as answer:
                return bool(answer.status == 200)
        return False
