"""The official Firestore emulator for tests: one for a session, a project of its own for a test.

FIRESTORE_EMULATOR_HOST names one that runs already.  Where there is none the tests skip, or fail
where nothing may be skipped (TAGTALLY_REQUIRE_ALL=1, see conftest).
"""

import os
import shutil
import uuid
from collections.abc import Iterator

import pytest

from deploy.demo.emulator import Emulator, find_emulator


@pytest.fixture(scope="session")
def emulator_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give host:port of a running emulator."""
    host = os.environ.get("FIRESTORE_EMULATOR_HOST")
    if host:
        yield host
        return
    jar = find_emulator()
    if jar is None or shutil.which("java") is None:
        lacking = "Java" if jar else "the Firestore emulator of the Google Cloud SDK"
        pytest.skip(f"{lacking} is not on this machine, and FIRESTORE_EMULATOR_HOST is not set")
    emulator = Emulator(jar, tmp_path_factory.mktemp("emulator"))
    emulator.start()
    try:
        yield emulator.host
    finally:
        emulator.stop()


@pytest.fixture
def emulator_project(emulator_host: str) -> tuple[str, str]:
    """Give host:port, and a project that is no other test's: it is made when first asked for."""
    return emulator_host, f"demo-{uuid.uuid4().hex[:20]}"
