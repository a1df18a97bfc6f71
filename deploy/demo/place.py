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
    project: str = PROJECT


def choose_place(folder: Path) -> Place:
    """Choose, and start what must be started; the caller stops `server`."""
    host = os.environ.get("FIRESTORE_EMULATOR_HOST")
    if host:
        return firestore(host, f"Firestore emulator at {host} (FIRESTORE_EMULATOR_HOST)")
    jar = find_emulator()
    if jar is not None and shutil.which("java"):
        emulator = Emulator(jar, folder, port=free_port())
        emulator.start()
        return firestore(
            emulator.host, f"the official Firestore emulator, {emulator.host}", emulator
        )
    lacking = "Java" if jar is not None else "the Google Cloud SDK's Firestore emulator and Java"
    hint = f"for Firestore's own emulator install {lacking}, or set FIRESTORE_EMULATOR_HOST"
    return embedded(folder, hint)


def embedded(folder: Path, hint: str = "") -> Place:
    return Place(
        description="the embedded SQLite database",
        hint=hint,
        configuration=f'[documents]\nkind = "embedded"\npath = "{folder / "documents.db"}"\n',
    )


def firestore(
    host: str,
    description: str = "a Firestore emulator",
    server: Stoppable | None = None,
    project: str = PROJECT,
) -> Place:
    return Place(
        description=description,
        hint="",
        configuration=f'[documents]\nkind = "firestore"\nproject = "{project}"\n',
        environment={"FIRESTORE_EMULATOR_HOST": host},
        server=server,
        project=project,
    )
