"""A damaged file is set aside under a name that says when, and counting begins in a new one.

Nothing is ever deleted: people may still read most of it.  What was noticed while the agent ran is
marked, so that the next start sets the file aside even if a check of it then finds nothing.
"""

from datetime import UTC, datetime
from pathlib import Path

from edge.errors import FileDamaged, StorageError
from edge.storage.database import Database, open_database

_PARTS = ("-wal", "-shm", "")  # the file itself last: alone it is at worst an old copy


def open_or_replace(path: Path, now_us: int) -> Database:
    """Open the file to write; one that is damaged is set aside, and a new one made."""
    mark = _mark(path)
    if mark.exists():
        set_aside(path, now_us)
        mark.unlink(missing_ok=True)
    try:
        return open_database(path)
    except FileDamaged:
        set_aside(path, now_us)
        return open_database(path)


def set_aside(path: Path, now_us: int) -> None:
    """Give the file, with its log, another name; raise StorageError if that cannot be done."""
    stamp = datetime.fromtimestamp(now_us // 1_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")
    place, count = path.with_name(f"{path.name}.damaged-{stamp}"), 1
    while place.exists():
        count += 1
        place = path.with_name(f"{path.name}.damaged-{stamp}-{count}")
    try:
        for part in _PARTS:
            old = path.with_name(f"{path.name}{part}")
            if old.exists():
                old.rename(f"{place}{part}")
    except OSError as error:
        raise StorageError(f"{path}: damaged, and cannot be set aside: {error}") from error


def mark_damaged(path: Path) -> None:
    """Have the next start set the file aside."""
    try:
        _mark(path).touch()
    except OSError as error:
        raise StorageError(f"{path}: damaged, and cannot be marked: {error}") from error


def set_aside_before(path: Path) -> list[Path]:
    """Give the files that were set aside and are still there, oldest first."""
    found = path.parent.glob(f"{path.name}.damaged-*")
    return sorted(each for each in found if not each.name.endswith(("-wal", "-shm")))


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.is-damaged")
