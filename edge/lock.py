"""One agent for one database file: a second one would count the same tags into the same rows.

The lock is the kernel's and ends with its process, however that ends; the pid in the file is for
people.  The file stays, as removing it would let two agents hold two files of one name.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from edge.errors import StorageError


@contextlib.contextmanager
def exclusive(database: Path) -> Iterator[None]:
    """Hold the lock of a database file; raise StorageError that names the holder."""
    path = database.with_name(f"{database.name}.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise StorageError(f"{path}: cannot be opened: {error.strerror}") from error
    try:
        _take(descriptor, database)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, database: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
        raise StorageError(f"{database}: in use by another agent, pid {holder}") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
