"""The tag buffer of an A0 reader: each tag once, as it was read last (V3.7, 80, 90 to 93).

count of tags 2 | length | PC 2 | EPC | tag CRC 2 | RSSI | frequency and antenna | reads
"""

from dataclasses import dataclass

from edge.model import TagRead
from simulators.serial.mercury_records import epc_block

_ETSI_CHANNEL = 2  # of the protocol's table: 866.0 MHz
_MOST_TAGS = 0xFFFF  # as many as the count can say
_MOST_READS = 0xFF


@dataclass(slots=True)
class _Kept:
    latest: TagRead
    reads: int


class Buffer:
    """Lost with the power.  A full one keeps the tags that it has."""

    def __init__(self) -> None:
        self._kept: dict[bytes, _Kept] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, read: TagRead) -> None:
        if kept := self._kept.get(read.epc):
            kept.latest, kept.reads = read, min(_MOST_READS, kept.reads + 1)
        elif len(self._kept) < _MOST_TAGS:
            self._kept[read.epc] = _Kept(read, 1)

    def clear(self) -> None:
        self._kept.clear()

    def frames(self) -> list[bytes]:
        """Give the data of a frame for each tag."""
        count = len(self._kept).to_bytes(2)
        return [count + _record(kept) for kept in self._kept.values()]


def place_of(read: TagRead) -> tuple[int, int]:
    """Give the bytes that have the frequency with the antenna, and RSSI with its third bit."""
    antenna = read.antenna_port - 1
    rssi = max(0, min(127, round(read.rssi_dbm) + 129)) | (0x80 if antenna & 4 else 0)
    return _ETSI_CHANNEL << 2 | antenna & 3, rssi


def _record(kept: _Kept) -> bytes:
    block = epc_block(kept.latest.epc)
    place, rssi = place_of(kept.latest)
    return bytes((len(block),)) + block + bytes((rssi, place, kept.reads))
