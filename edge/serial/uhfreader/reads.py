"""From frames of the UHFReader family to reads (User's Manual V2.20, sections 8.2 and 8.4).

| answer           | UHFReader18                | UHFReader288                                    |
| ---------------- | -------------------------- | ----------------------------------------------- |
| 01, 0F           | count, (length, EPC)*      | antenna, count, (length, EPC, RSSI [, phase])*  |
| 72               | -                          | count, (antenna, length, EPC, RSSI, hits)*      |
| EE, unasked      | EPC                        | antenna, length, EPC, RSSI                      |

All behind the status.  In the lengths of a 288, bit 7 says that the EPC has 12 bytes of TID behind
it, and bit 6 that phase (twice 2) and frequency (3, kHz) are behind the RSSI.  An antenna is a bit
of a mask, and on readers with sixteen a number from 0.  The RSSI has no unit in any document.

An EPC is of whole words, which tells the layouts apart where the reader's dialect is not known.
Records that do not end where their frame does are no reads: the layout is another.
"""

from typing import NamedTuple

from edge.serial.faults import Fault, FaultCause
from edge.serial.reads import UNKNOWN_PORT, SerialRead
from edge.serial.uhfreader.codes import CommandCode, Dialect, Status
from edge.serial.uhfreader.frames import Frame

INVENTORIES = frozenset({CommandCode.INVENTORY, CommandCode.SINGLE_INVENTORY})
ROUND_STATUSES = frozenset(
    {Status.FINISHED, Status.SCAN_TIME_OVER, Status.MORE, Status.MEMORY_FULL}
)
_SIZE = 0x3F
_HAS_TID = 0x80
_HAS_PHASE = 0x40
_TID = 12
_PHASE = 7  # phase at begin and end, and frequency


class _Found(NamedTuple):
    said: int  # how many there are, by the frame's own count
    reads: list[SerialRead]

    def fault(self, data: bytes) -> list[Fault]:
        if self.said == len(self.reads):
            return []
        detail = f"{self.said} tags said, {len(self.reads)} there"
        return [Fault(FaultCause.BAD_COUNT, data, detail=detail)]


def read_tags(
    frame: Frame,
    faults: list[Fault],
    dialect: Dialect | None = None,
    asked_port: int | None = None,
) -> list[SerialRead]:
    """Give the tags of an answer; add what could not be read to `faults`.

    `asked_port` is the antenna port of the round, counted from 1: what a reader without antennas
    in its answers is taken to have read at, and what tells a mask from a number.  Answers that
    have no tag give none, and no fault.
    """
    status, data = (frame.data[0], frame.data[1:]) if frame.data else (-1, b"")
    if frame.command == CommandCode.PUSHED and status == Status.OK:
        return _pushed(data, faults, dialect, asked_port)
    if not data or status not in ROUND_STATUSES:
        return []
    if frame.command in INVENTORIES:
        return _kept(data, _inventoried(data, dialect, asked_port), faults)
    if frame.command == CommandCode.GET_BUFFER:
        return _kept(data, _buffered(data), faults)
    return []


def _kept(data: bytes, found: _Found | None, faults: list[Fault]) -> list[SerialRead]:
    if found is None:
        detail = "tags that do not end with their frame"
        faults.append(Fault(FaultCause.BAD_RECORD, data, detail=detail))
        return []
    faults += found.fault(data)
    return found.reads


def _pushed(
    data: bytes, faults: list[Fault], dialect: Dialect | None, asked_port: int | None
) -> list[SerialRead]:
    # An EPC alone is never taken for a whole record: it would have to be of half a word.
    is_record = len(data) > 3 and len(data) % 2 == 1 and data[1] == len(data) - 3
    if is_record and dialect is not Dialect.READER18:
        return [SerialRead(data[2:-1], _port(data[0], asked_port), None, data[-1])]
    if dialect is Dialect.READER288 or not data or len(data) % 2:
        detail = f"{len(data)} bytes are no pushed tag"
        faults.append(Fault(FaultCause.BAD_RECORD, data, detail=detail))
        return []
    return [SerialRead(data, asked_port or UNKNOWN_PORT, None, None)]


def _inventoried(data: bytes, dialect: Dialect | None, asked_port: int | None) -> _Found | None:
    """Read by the dialect; without one by the layout that fits, best with its count."""
    if dialect is Dialect.READER18:
        return _of_18(data, asked_port)
    of_288 = _of_288(data, asked_port)
    if dialect is Dialect.READER288 or (of_288 and of_288.said == len(of_288.reads)):
        return of_288
    of_18 = _of_18(data, asked_port)
    if of_18 and (of_18.said == len(of_18.reads) or not of_288):
        return of_18
    return of_288


def _of_18(data: bytes, asked_port: int | None) -> _Found | None:
    port, reads, at = asked_port or UNKNOWN_PORT, list[SerialRead](), 1
    while at < len(data):
        begin, at = at + 1, at + 1 + data[at]
        if at > len(data) or data[begin - 1] % 2:
            return None
        reads.append(SerialRead(data[begin:at], port, None, None))
    return _Found(data[0], reads)


def _of_288(data: bytes, asked_port: int | None) -> _Found | None:
    if len(data) < 2:
        return None
    port, reads, at = _port(data[0], asked_port), list[SerialRead](), 2
    while at < len(data):
        head = data[at]
        begin, end = at + 1, at + 1 + (head & _SIZE)
        at = end + (1 + _PHASE if head & _HAS_PHASE else 1)
        epc = data[begin : end - _TID if head & _HAS_TID else end]
        if at > len(data) or head % 2 or (head & _HAS_TID and end - begin < _TID):
            return None
        if head & _HAS_PHASE:
            phase, khz = int.from_bytes(data[end + 1 : end + 3]), data[end + 5 : at]
            frequency_khz = int.from_bytes(khz)
            read = SerialRead(epc, port, None, data[end], frequency_khz=frequency_khz, phase=phase)
        else:
            read = SerialRead(epc, port, None, data[end])
        reads.append(read)
    return _Found(data[1], reads)


def _buffered(data: bytes) -> _Found | None:
    reads, at = list[SerialRead](), 1
    while at < len(data):
        size = data[at + 1] if at + 1 < len(data) else 1
        begin, end = at + 2, at + 2 + size
        if end + 2 > len(data) or size % 2:
            return None
        hits = data[end + 1] or 1
        reads.append(SerialRead(data[begin:end], _port(data[at], None), None, data[end], hits))
        at = end + 2
    return _Found(data[0], reads)


def _port(antenna: int, asked_port: int | None) -> int:
    """Take an antenna for a bit or a number: for the one that means the port asked for."""
    if asked_port is not None and antenna in {asked_port - 1, 1 << asked_port - 1}:
        return asked_port
    is_mask = antenna & antenna - 1 == 0 and antenna > 0
    return antenna.bit_length() if is_mask else 1 + antenna
