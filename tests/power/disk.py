"""The files of one folder as a power cut may leave them, from a log of `write_recorder.c`.

What a disk promises is little, and nothing more is assumed: written data is there after the file's
next fsync, a name after the next fsync of the folder.  Before, each write may be there or not,
whole or in sectors, in any order; names come and go in the order in which they were changed.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeAlias

BLOCK, SECTOR = 4096, 512
_HEAD = struct.Struct("=BiqI")


@dataclass(frozen=True, slots=True)
class Record:
    """See `write_recorder.c`."""

    kind: str
    fd: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Write:
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    size: int


Change: TypeAlias = Write | Truncate
Choose = Callable[[list[Change], Random], list[Change]]


def read_log(path: Path) -> list[Record]:
    """Read a log to its end; a last record that was cut off did not happen."""
    content, at, records = path.read_bytes(), 0, []
    while at + _HEAD.size <= len(content):
        kind, fd, offset, length = _HEAD.unpack_from(content, at)
        at += _HEAD.size + length
        records.append(Record(chr(kind), fd, offset, content[at - length : at]))
    return records


@dataclass(slots=True)
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list)


class Disk:
    """Take the records one by one with `hear`; `crash` gives a state after the last of them."""

    def __init__(self, *, hears_syncs: bool = True) -> None:
        self._hears_syncs = hears_syncs
        self._names: dict[str, _File] = {}
        self._name_changes: list[dict[str, _File]] = [{}]  # the durable names, then each since
        self._open: dict[int, str | _File] = {}  # folders by their name

    def hear(self, record: Record) -> None:
        match record.kind:
            case "O":
                self._hear_open(record)
            case "U":
                self._hear_unlink(record)
            case "R":
                before, after = record.data.decode().split("\n")
                self._names[after] = self._names.pop(before)
                self._note_names()
            case "S":
                self._hear_sync(record)
            case "W":
                self._file(record).pending.append(Write(record.offset, record.data))
            case "T":
                self._file(record).pending.append(Truncate(record.offset))

    def crash(self, choose: Choose, rng: Random) -> dict[str, bytes]:
        """Give the files by name, with those of the pending changes that `choose` gives."""
        names = rng.choice(self._name_changes)
        return {
            name: _apply(file.durable, choose(file.pending, rng)) for name, file in names.items()
        }

    def files(self) -> dict[str, bytes]:
        """Give the files as programs see them."""
        return {name: _apply(file.durable, file.pending) for name, file in self._names.items()}

    def _hear_open(self, record: Record) -> None:
        name = record.data.decode()
        if Path(name).is_dir():
            self._open[record.fd] = name
            return
        if name not in self._names:
            self._names[name] = _File()
            self._note_names()
        self._open[record.fd] = self._names[name]
        if record.offset:
            self._names[name].pending.append(Truncate(0))

    def _hear_unlink(self, record: Record) -> None:
        """Forget a name; one that was never opened is not a file's (the agent's socket)."""
        if self._names.pop(record.data.decode(), None):
            self._note_names()

    def _hear_sync(self, record: Record) -> None:
        synced = self._open[record.fd]
        if not self._hears_syncs:
            return
        if isinstance(synced, _File):
            synced.durable = bytearray(_apply(synced.durable, synced.pending))
            synced.pending = []
        else:
            del self._name_changes[:-1]

    def _note_names(self) -> None:
        self._name_changes.append(dict(self._names))

    def _file(self, record: Record) -> _File:
        file = self._open[record.fd]
        assert isinstance(file, _File)
        return file


def _apply(content: bytearray, changes: list[Change]) -> bytes:
    content = bytearray(content)
    for change in changes:
        match change:
            case Write(offset, data):
                content.extend(bytes(max(0, offset - len(content))))
                content[offset : offset + len(data)] = data
            case Truncate(size):
                content.extend(bytes(max(0, size - len(content))))
                del content[size:]
    return bytes(content)


# What of the pending changes a power cut has let through.


def _nothing(_pending: list[Change], _rng: Random) -> list[Change]:
    return []


def _all(pending: list[Change], _rng: Random) -> list[Change]:
    return pending


def _first_few(pending: list[Change], rng: Random) -> list[Change]:
    return pending[: rng.randint(0, len(pending))]


def _some_blocks(pending: list[Change], rng: Random) -> list[Change]:
    return [piece for piece in _pieces(pending, BLOCK) if rng.random() < 1 / 2]


def _some_sectors(pending: list[Change], rng: Random) -> list[Change]:
    return [piece for piece in _pieces(pending, SECTOR) if rng.random() < 9 / 10]


def _torn(pending: list[Change], rng: Random) -> list[Change]:
    pieces = list(_pieces(pending, SECTOR))
    return pieces[: rng.randint(0, len(pieces))]


def _pieces(changes: list[Change], size: int) -> Iterator[Change]:
    """Cut writes at the borders of blocks."""
    for change in changes:
        if isinstance(change, Truncate):
            yield change
            continue
        at, end = change.offset, change.offset + len(change.data)
        while at < end:
            until = min(end, (at // size + 1) * size)
            yield Write(at, change.data[at - change.offset : until - change.offset])
            at = until


CHOICES: dict[str, Choose] = {
    "nothing": _nothing,
    "all": _all,
    "the first few": _first_few,
    "some blocks": _some_blocks,
    "some sectors": _some_sectors,
    "torn": _torn,
}
