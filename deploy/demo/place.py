"""Where the documents of a demo live: never in a real project.

In this order: the emulator that FIRESTORE_EMULATOR_HOST names; the official emulator when it is on
this machine; else the embedded SQLite database.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deploy.demo.emulator import Emulator, find_emulator
from deploy.demo.processes import free_port

PROJECT = "demo-tagtally"  # emulators take any name; `demo-…` names no real project by convention


class Stoppable(Protocol):
    def stop(self) -> object: ...


@dataclass(frozen=True, slots=True)
class Place:
    description: str
    hint: str  # how to get the next better place; empty for the best
    configuration: str  # the [documents] table of cloud.toml
    environment: Mapping[str, str] = field(default_factory=dict)
    server: Stoppable | None = None


def choose_place(folder: Path) -> Place:
    """Choose, and start what must be started; the caller stops `server`."""
    host = os.environ.get("FIRESTORE_EMULATOR_HOST")
    if host:
        return _firestore(host, f"Firestore emulator at {host} (FIRESTORE_EMULATOR_HOST)")
    jar = find_emulator()
    if jar is not None and shutil.which("java"):
        emulator = Emulator(jar, folder, port=free_port())
        emulator.start()
        return _firestore(
            emulator.host, f"the official Firestore emulator, {emulator.host}", emulator
        )
    lacking = "Java" if jar is not None else "the Google Cloud SDK's Firestore emulator and Java"
    path = folder / "documents.db"
    return Place(
        description="the embedded SQLite database",
        hint=f"for Firestore's own emulator install {lacking}, or set FIRESTORE_EMULATOR_HOST",
        configuration=f'[documents]\nkind = "embedded"\npath = "{path}"\n',
    )


def _firestore(host: str, description: str, server: Stoppable | None = None) -> Place:
    return Place(
        description=description,
        hint="",
        configuration=f'[documents]\nkind = "firestore"\nproject = "{PROJECT}"\n',
        environment={"FIRESTORE_EMULATOR_HOST": host},
        server=server,
    )
