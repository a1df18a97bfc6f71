"""A folder in which tills leave files; each is taken once, and moved out of the way.

A file is taken when its name ends with .json or .csv and it has not changed for STABLE_S.  Whoever
writes slower than that writes under another name, and renames.  It is checked as a whole: with a
mistake in it nothing of it is done, and it goes to failed/ with a file .reason beside it.  Else its
documents are told one by one, and it goes to done/ with a file .result: an answer a line.

A file that was taken halfway when the power went is taken again: its documents have ids, and none
of them is done twice.
"""

import contextlib
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from edge.errors import InputError
from edge.local.files import MAX_FILE, Entry, read_file

STABLE_S = 2.0
MAX_FILES = 100  # in one look
_ENDINGS = (".json", ".csv")

Tell = Callable[[Entry], bytes]


@dataclass(frozen=True, slots=True)
class _Sight:
    size: int
    changed_ns: int
    since_s: float


class DropFolder:
    """look() again and again; `tell` gives the answer to a document, or raises GatewayError.

    What is the file's own fault (InputError) fails the file; with any other error it stays, and is
    taken at a later look.  look() raises that error, or OSError where the folder cannot be used.
    """

    def __init__(
        self, folder: Path, tell: Tell, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder, self._tell, self._now_s = folder, tell, now_s
        self._sights: dict[str, _Sight] = {}

    def look(self) -> list[Path]:
        """Take what is ready; give where the files are now."""
        for folder in (self._folder, self._folder / "done", self._folder / "failed"):
            folder.mkdir(exist_ok=True)
        taken = []
        for path in self._ready()[:MAX_FILES]:
            with contextlib.suppress(FileNotFoundError):  # somebody has taken it back
                taken.append(self._take(path))
        return taken

    def _ready(self) -> list[Path]:
        """Give the files that are whole, the oldest first."""
        now_s = self._now_s()
        sights = {}
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.lower().endswith(_ENDINGS):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    sights[entry.name] = _Sight(status.st_size, status.st_mtime_ns, now_s)
        known, self._sights = self._sights, {}
        for name, seen in sights.items():
            before = known.get(name)
            is_same = before and (before.size, before.changed_ns) == (seen.size, seen.changed_ns)
            self._sights[name] = before if before and is_same else seen
        ready = [n for n, seen in self._sights.items() if now_s - seen.since_s >= STABLE_S]
        ready.sort(key=lambda name: (self._sights[name].changed_ns, name))
        return [self._folder / name for name in ready]

    def _take(self, path: Path) -> Path:
        try:
            entries = read_file(path.name, _content(path))
            answers, refused = self._tell_all(entries)
        except InputError as error:
            return self._move(path, "failed", ".reason", f"{error}\n".encode())
        if refused:
            return self._move(path, "failed", ".reason", b"\n".join([*refused, *answers, b""]))
        return self._move(path, "done", ".result", b"\n".join([*answers, b""]))

    def _tell_all(self, entries: list[Entry]) -> tuple[list[bytes], list[bytes]]:
        """Give the answers, and which documents were refused."""
        answers, refused = [], []
        for entry in entries:
            try:
                answers.append(self._tell(entry))
            except InputError as error:
                refused.append(f"{entry.kind} {entry.document.id}: {error}".encode())
        return answers, refused

    def _move(self, path: Path, to: str, ending: str, text: bytes) -> Path:
        """Put a file beside what is said of it; that is written first."""
        place = _free(self._folder / to / path.name)
        said = place.with_name(f"{place.name}{ending}")
        said.write_bytes(text)
        path.rename(place)
        self._sights.pop(path.name, None)
        return place


def _content(path: Path) -> bytes:
    """Read a plain file, as far as it may be long; raise InputError for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InputError("no plain file")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_FILE + 1)
    finally:
        os.close(descriptor)


def _free(place: Path) -> Path:
    """Give a name that no file has; a result without its file is of a life that ended between."""
    others = (place.with_stem(f"{place.stem}-{number}") for number in count(2))
    return next(name for name in chain([place], others) if not name.exists())
