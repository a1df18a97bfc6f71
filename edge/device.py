"""The machine's own name for itself: made once, kept beside the database.

It is in a file of its own, so that a copy of the database on another machine is seen to be one, and
a database made anew on this machine is not taken for another's.
"""

import os
import secrets
from pathlib import Path

from edge.errors import StorageError

_LENGTH = 16


def device_id(database: Path) -> str:
    """Give the name, made if there is none; raise StorageError if it cannot be kept."""
    path = _file(database)
    try:
        found = path.read_text("ascii").strip()
    except FileNotFoundError:
        return new_device_id(database)
    except (OSError, ValueError) as error:
        raise StorageError(f"{path}: cannot be read: {error}") from error
    return found if _is_id(found) else new_device_id(database)


def new_device_id(database: Path) -> str:
    """Take another name, on the disk before this returns."""
    path, made = _file(database), secrets.token_hex(_LENGTH // 2)
    draft = path.with_name(f"{path.name}.new")
    try:
        with draft.open("w", encoding="ascii") as file:
            file.write(f"{made}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error}") from error
    return made


def _is_id(text: str) -> bool:
    return len(text) == _LENGTH and all(letter in "0123456789abcdef" for letter in text)


def _file(database: Path) -> Path:
    return database.with_name(f"{database.name}.device")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
