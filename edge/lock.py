"""One agent for one database file: a second one would count the same tags into the same rows.

The lock is the kernel's and ends with its process, however that ends; the pid in the file is for
people.  The file stays, as removing it would let two agents hold two files of one name.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from edge.errors import StorageError

PATIENCE_S = 0.5  # whoever asks for the holder has the lock for a moment


@contextlib.contextmanager
def exclusive(database: Path) -> Iterator[None]:
    """Hold the lock of a database file; raise StorageError that names the holder."""
    path = _lock_file(database)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise StorageError(f"{path}: cannot be opened: {error.strerror}") from error
    try:
        _take(descriptor, database)
        yield
    finally:
        os.close(descriptor)


def holder(database: Path) -> str | None:
    """Give the pid of the agent that counts into this file; None if there is none."""
    try:
        descriptor = os.open(_lock_file(database), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid(descriptor)
    finally:
        os.close(descriptor)
    return None


def _lock_file(database: Path) -> Path:
    return database.with_name(f"{database.name}.lock")


def _take(descriptor: int, database: Path) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline_s:
                pid = _pid(descriptor)
                raise StorageError(f"{database}: in use by another agent, pid {pid}") from error
            time.sleep(PATIENCE_S / 10)
        else:
            break
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


def _pid(descriptor: int) -> str:
    return os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
