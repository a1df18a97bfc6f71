"""The whole line for tests: against the official Firestore emulator, a project of its own each."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from playwright.sync_api import Page

from deploy.demo.line import Line, Store
from deploy.demo.place import firestore as firestore_place
from deploy.demo.processes import Program

DEADLINE_S = 90.0
LOOK_S = 0.25

Stock: TypeAlias = Counter[tuple[str, str]]  # (GTIN, zone) -> present items, no zeros


class MakeLine(Protocol):
    def __call__(self, absence_s: float, zones: Sequence[str] = ("floor", "back")) -> Line: ...


@pytest.fixture
def make_line(
    tmp_path: Path, emulator_host: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeLine]:
    """Give a function that makes lines, in folders of their own, and stop them all afterwards."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator_host)  # for `firestore_client`
    made: list[Line] = []

    def make(absence_s: float, zones: Sequence[str] = ("floor", "back")) -> Line:
        place = firestore_place(emulator_host, project=f"demo-{uuid.uuid4().hex[:20]}")
        own_folder = tmp_path / f"line-{len(made)}"
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
    return firestore.Client(project=line.place.project, credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]  # Google's own


def shown(page: Page) -> Stock:
    """Give what a store's page shows, by GTIN and zone."""
    counts: Stock = Counter()
    for cell in page.get_by_test_id("count").all():
        key = (cell.get_attribute("data-gtin") or "", cell.get_attribute("data-zone") or "")
        counts[key] = int(cell.inner_text())
    return +counts


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
