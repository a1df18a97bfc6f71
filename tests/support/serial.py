"""What the tests of serial protocols share: published frames, and a decoder emptied at once."""

from dataclasses import dataclass
from typing import TypeVar

from edge.serial.faults import Fault
from edge.serial.framing import Direction, StreamDecoder
from tests.support.shared import SHARED_DATA, shared_data

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Vector:
    """A frame that others have published; `verdict` is ok, badcrc, badsum or trunc."""

    number: int
    verdict: str
    direction: Direction
    data: bytes
    meaning: str


def vectors(file: str) -> dict[int, Vector]:
    """Give the rows of a file by their numbers; none where the data is absent."""
    if not SHARED_DATA.is_dir():
        return {}
    rows = {}
    for line in shared_data(f"serial/{file}").read_text().splitlines():
        if not line.startswith("#"):
            name, verdict, way, digits, _, meaning = line.split("\t")
            number = int(name.rpartition("-")[2])
            direction = Direction.TO_READER if way == "h2r" else Direction.FROM_READER
            rows[number] = Vector(number, verdict, direction, bytes.fromhex(digits), meaning)
    return rows


def all_of(decoder: StreamDecoder[F], data: bytes, piece: int = 1 << 20) -> list[F | Fault]:
    """Give all frames and faults of a stream that comes in pieces and then ends."""
    found: list[F | Fault] = []
    for start in range(0, len(data), piece):
        decoder.feed(data[start : start + piece])
        waiting = waiting_in(decoder)
        found += waiting
    decoder.flush()
    waiting = waiting_in(decoder)
    return found + waiting


def waiting_in(decoder: StreamDecoder[F]) -> list[F | Fault]:
    found: list[F | Fault] = []
    while (item := decoder.next_frame()) is not None:
        found.append(item)
    return found


def frames_of(decoder: StreamDecoder[F], data: bytes) -> list[F]:
    return [item for item in all_of(decoder, data) if not isinstance(item, Fault)]


def faults_of(decoder: StreamDecoder[F], data: bytes) -> list[Fault]:
    return [item for item in all_of(decoder, data) if isinstance(item, Fault)]
