"""From Mercury's frames to reads (MercuryAPI C 1.35.2.72, serial_reader_l3.c).

A streamed frame, the answer 22 with status 0:

    option  search 2  metadata 2  type  record …
                      if option AND 10

The option may have a byte before it (81, 84, 88).  Type 1 is a tag, 2 a status, 0 the end.  The
answer 29 has `metadata 2  option  count  record …`.  A tag's record has only the fields whose
metadata bit is set, in the order of the bits, and then the EPC block:

    … | length in bits 2 | PC 2 | XPC 2 or 4, if PC AND 0200 | EPC | tag CRC 2
"""

import struct
from functools import lru_cache
from typing import Any

import msgspec

from edge.serial.checks import crc_gen2
from edge.serial.faults import Fault, FaultCause
from edge.serial.mercury.codes import Opcode, TagProtocol
from edge.serial.mercury.frames import Frame
from edge.serial.reads import UNKNOWN_PORT, SerialRead

STREAMING = 0x0008  # search flag
UNTIL_COUNT = 0x0040  # search flag: cycles end after so many tags
METADATA_FOLLOWS = 0x10  # in the option
PREFIXES = (0x81, 0x84, 0x88)  # BAP, read after write, select by several masks
TAG, STATUS, END = 1, 2, 0  # types of streamed frames

_HITS, _RSSI, _PORT, _FREQUENCY, _TIME, _PHASE, _PROTOCOL, _DATA = (1 << bit for bit in range(8))
_HEAD = (  # what stands before the data of an embedded tag operation
    (_HITS, "B"),
    (_RSSI, "b"),
    (_PORT, "B"),
    (_FREQUENCY, "3s"),
    (_TIME, "I"),
    (_PHASE, "H"),
    (_PROTOCOL, "B"),
)
_TAIL = ((0x0100, "B"), (0x0200, "B"), (0x0400, "B"), (0x0800, "B"), (0x1000, "2s"))
_TAG_TYPE = 0x2000
_KNOWN = 0x3FFF
_DATA_IS_ERROR = 0x8000
_HAS_XPC, _HAS_XPC_W2 = 0x0200, 0x8000


class Streamed(msgspec.Struct, frozen=True):
    """What stands before the record of a streamed frame; `at` is where the record begins."""

    search: int
    metadata: int
    type: int
    at: int


class _BrokenRecord(Exception):
    """A tag's record that does not fit; never leaves this module."""


def read_tags(frame: Frame, faults: list[Fault]) -> list[SerialRead]:
    """Give the tags of an answer, streamed or fetched; add what could not be read to `faults`.

    Answers that have no tags give none, and no fault.
    """
    if frame.status != 0:
        return []
    data = frame.data
    if frame.opcode == Opcode.READ_SINGLE and len(data) > 2:
        return [SerialRead(data[:-2], UNKNOWN_PORT, None, None)]
    try:
        if frame.opcode == Opcode.READ_MULTIPLE:
            streamed = streamed_of(frame)
            if streamed is None or streamed.type != TAG:
                return []
            read = _read_to_end(data, streamed)
            return [read] if _is_whole(read, data, faults) else []
        if frame.opcode == Opcode.TAG_BUFFER and len(data) > 4:
            return _fetched(data, faults)
    except _BrokenRecord as broken:
        faults.append(Fault(FaultCause.BAD_RECORD, data, detail=str(broken)))
    return []


def streamed_of(frame: Frame) -> Streamed | None:
    """Tell what a streamed frame is; None for the answer to a search, which has a count only."""
    data = frame.data
    at = 1 if data[:1] and data[0] in PREFIXES else 0
    if len(data) < at + 4:
        return None
    option, search = data[at], data[at + 1] << 8 | data[at + 2]
    at += 3
    if not search & STREAMING or (search & UNTIL_COUNT and len(data) == at + 4):
        return None
    metadata = 0
    if option & METADATA_FOLLOWS:
        if len(data) < at + 3:
            return None
        metadata, at = data[at] << 8 | data[at + 1], at + 2
    return Streamed(search, metadata, data[at], at + 1)


def count_of(frame: Frame) -> int | None:
    """Give how many tags a search has found; None where the answer is not a search's."""
    if streamed_of(frame) is not None:
        return None
    size = {4: 1, 5: 1, 7: 4, 8: 4}.get(len(frame.data), 0)
    return int.from_bytes(frame.data[-size:]) if size else None


def _read_to_end(data: bytes, streamed: Streamed) -> SerialRead:
    read, end = _read(data, streamed.at, _layout(streamed.metadata))
    if end != len(data):
        raise _BrokenRecord(f"{len(data) - end} bytes behind the tag")
    return read


def _fetched(data: bytes, faults: list[Fault]) -> list[SerialRead]:
    layout = _layout(data[0] << 8 | data[1])
    reads: list[SerialRead] = []
    at, records = 4, 0
    while at < len(data):
        try:
            read, at = _read(data, at, layout)
        except _BrokenRecord as broken:
            faults.append(Fault(FaultCause.BAD_RECORD, data, detail=str(broken)))
            return reads
        records += 1
        if _is_whole(read, data, faults):
            reads.append(read)
    if records != data[3]:
        detail = f"{records} tags, {data[3]} were said"
        faults.append(Fault(FaultCause.BAD_COUNT, data, detail=detail))
    return reads


def _is_whole(read: SerialRead, data: bytes, faults: list[Fault]) -> bool:
    if read.is_crc_right is False:
        detail = f"EPC {read.epc.hex()}"
        faults.append(Fault(FaultCause.BAD_TAG_CRC, data, detail=detail))
        return False
    return True


class _Layout(msgspec.Struct, frozen=True):
    """How records of one metadata are cut: the Structs, and where in the head a field is."""

    head: struct.Struct
    tail: struct.Struct
    has_data: bool
    has_tag_type: bool
    places: tuple[int | None, ...]  # in the order of _HEAD


@lru_cache(maxsize=64)
def _layout(metadata: int) -> _Layout:
    if metadata & ~_KNOWN:
        raise _BrokenRecord(f"metadata {metadata:04X} has fields of unknown size")
    places: list[int | None] = []
    codes = ">"
    for bit, code in _HEAD:
        places.append(len(codes.replace("3s", "s")) - 1 if metadata & bit else None)
        codes += code if metadata & bit else ""
    tail = "".join(code for bit, code in _TAIL if metadata & bit)
    has_tag_type = bool(metadata & _TAG_TYPE)
    return _Layout(
        struct.Struct(codes),
        struct.Struct(f">{tail}" if has_tag_type else f">{tail}H"),
        bool(metadata & _DATA),
        has_tag_type,
        tuple(places),
    )


def _read(data: bytes, at: int, layout: _Layout) -> tuple[SerialRead, int]:
    """Read the record at `at`; give also where it ends."""
    try:
        head = layout.head.unpack_from(data, at)
        at += layout.head.size
        if layout.has_data:
            at = _behind_data(data, at)
        tail = layout.tail.unpack_from(data, at)
        at += layout.tail.size
        if layout.has_tag_type:
            at = _behind_ebv(data, at)
            bits, at = int.from_bytes(data[at : at + 2]), at + 2
        else:
            bits = tail[-1]
    except (struct.error, IndexError):
        raise _BrokenRecord(f"the frame of {len(data)} bytes ends within the metadata") from None
    end = at + (bits + 7 >> 3)
    if end > len(data):
        raise _BrokenRecord(f"EPC of {bits} bits, {len(data) - at} bytes are left")
    return _tag(data[at:end], [None if i is None else head[i] for i in layout.places]), end


def _behind_data(data: bytes, at: int) -> int:
    bits = data[at] << 8 | data[at + 1]
    return at + (4 if bits & _DATA_IS_ERROR else 2 + (bits + 7 >> 3))


def _behind_ebv(data: bytes, at: int) -> int:
    while data[at] & 0x80:
        at += 1
    return at + 1


def _tag(block: bytes, head: list[Any]) -> SerialRead:
    """Make the read of an EPC block and the fields of _HEAD, None where they are not there."""
    hits, rssi, port, frequency, reader_ms, phase, protocol = head
    if protocol is None or protocol == TagProtocol.GEN2:
        pc, begin, is_right = _epc(block)
    else:
        pc, begin, is_right = None, 0, None
    return SerialRead(
        block[begin:-2],
        UNKNOWN_PORT if port is None else port >> 4 or 16,
        None if rssi is None else float(rssi),
        rssi,
        hits or 1,
        pc,
        is_right,
        reader_ms,
        frequency and int.from_bytes(frequency),
        phase,
    )


def _epc(block: bytes) -> tuple[int, int, bool]:
    """Give the PC, where the EPC begins, and whether the tag's CRC is right."""
    if len(block) < 4:
        raise _BrokenRecord(f"EPC block of {len(block)} bytes, PC and CRC need 4")
    pc, begin = block[0] << 8 | block[1], 2
    if pc & _HAS_XPC:
        begin = 6 if block[2] << 8 & _HAS_XPC_W2 else 4
    if begin + 2 > len(block):
        raise _BrokenRecord(f"EPC block of {len(block)} bytes, PC {pc:04X} needs {begin + 2}")
    return pc, begin, crc_gen2(block[:-2]) == int.from_bytes(block[-2:])
