"""The whole line for tests: against the official Firestore emulator, a project of its own each."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from deploy.demo.line import Line, Store
from deploy.demo.place import Place
from deploy.demo.processes import Program

DEADLINE_S = 90.0
LOOK_S = 0.25


class MakeLine(Protocol):
    def __call__(self, absence_s: float, zones: Sequence[str] = ("floor", "back")) -> Line: ...


def lines(folder: Path, emulator: str) -> Iterator[MakeLine]:
    """Give a function that makes lines, in folders of their own, and stop them all afterwards."""
    made: list[Line] = []

    def make(absence_s: float, zones: Sequence[str] = ("floor", "back")) -> Line:
        project = f"demo-{uuid.uuid4().hex[:20]}"
        place = Place(
            description="the official Firestore emulator",
            hint="",
            configuration=f'[documents]\nkind = "firestore"\nproject = "{project}"\n',
            environment={"FIRESTORE_EMULATOR_HOST": emulator, "TEST_PROJECT": project},
        )
        own_folder = folder / f"line-{len(made)}"
        own_folder.mkdir()
        made.append(Line(own_folder, place, Store("test-01", "Test store", zones, absence_s)))
        return made[-1]

    yield make
    for line in made:
        line.stop()


def firestore_client(line: Line) -> firestore.Client:
    """Open Firestore's own client on the line's project: it shares no code with the product.

    It finds the emulator by FIRESTORE_EMULATOR_HOST in this process's environment.
    """
    project = line.place.environment["TEST_PROJECT"]
    return firestore.Client(project=project, credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]  # Google's own


def eventually(is_so: Callable[[], bool], line: Line, but: Program | None = None) -> None:
    """Wait until it is so, while every program of the line, `but` one, goes on running."""
    deadline = time.monotonic() + DEADLINE_S
    while not is_so():
        for program in line.programs():
            if program is not but:
                program.check()
        if time.monotonic() > deadline:
            logs = "\n".join(f"--- {one.name}\n{one.output()[-3000:]}" for one in line.programs())
            raise AssertionError(f"did not come about in {DEADLINE_S:g} s\n{logs}")
        time.sleep(LOOK_S)
