"""The official Firestore emulator for tests: one for a session, a project of its own for a test.

FIRESTORE_EMULATOR_HOST names one that runs already.  Where there is none the tests skip, or fail
where nothing may be skipped (TAGTALLY_REQUIRE_ALL=1, see conftest).
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.emulator import Emulator, find_emulator


def running_emulator(folder: Path) -> Iterator[str]:
    """Give the host:port of an emulator while the generator is open."""
    host = os.environ.get("FIRESTORE_EMULATOR_HOST")
    if host:
        yield host
        return
    jar = find_emulator()
    if jar is None or shutil.which("java") is None:
        lacking = "Java" if jar else "the Firestore emulator of the Google Cloud SDK"
        pytest.skip(f"{lacking} is not on this machine, and FIRESTORE_EMULATOR_HOST is not set")
    emulator = Emulator(jar, folder)
    emulator.start()
    try:
        yield emulator.host
    finally:
        emulator.stop()


def fresh_project() -> str:
    """Name a project that no other test uses: the emulator makes it when it is first asked."""
    return f"demo-{uuid.uuid4().hex[:20]}"
