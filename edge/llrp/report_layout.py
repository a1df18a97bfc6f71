"""Where in a TagReportData the fields of a read are, found by walking and kept as a layout.

| field of a read | parameter (LLRP 1.0.1 §16.2.7.3)                                              |
| --------------- | ----------------------------------------------------------------------------- |
| `epc`           | EPC-96 or EPCData; bits that fill up the last byte are 0                       |
| `antenna_port`  | AntennaID                                                                     |
| `rssi_dbm`      | Impinj's PeakRSSI (hundredths of dBm) where there is one, otherwise PeakRSSI   |
| `at_us`         | LastSeenTimestamp, otherwise FirstSeenTimestamp; an offset is added to either  |
| `hits`          | TagSeenCount                                                                  |
| `pc`            | C1G2-PC; a tag's own, so that of another read says nothing                     |

Another field that is not there has the value of the read before.  Everything else in a record,
vendors' parameters and results of access operations, is stepped over; so are phase and serialized
TID, by which nothing here counts (`tagtally-edge llrp record` keeps them).  A TV parameter has no
length, so a record is read up to one of an unknown type, if EPC and AntennaID stand before it.
"""

import struct
from enum import IntEnum
from operator import itemgetter
from typing import Any

import msgspec

from edge.llrp.layout import BrokenElement, FaultCause
from edge.model import TagRead

_HEAD = 4  # octets of type and length
_EPC_DATA = 241
_EPC_HEAD = 6  # with the count of bits
_CUSTOM = 1023
_IMPINJ_PEAK_RSSI = (25882).to_bytes(4) + (57).to_bytes(4)

# Where a walk notes the offset of a value; 0 says that it is not there.
_EPC, _PORT, _RSSI, _FINE_RSSI, _LAST, _FIRST, _LAST_UP, _FIRST_UP, _HITS, _PC, _OTHER = range(11)

# First octet of a TV parameter: the size of its value, and where its offset is noted.
_TV = {
    0x80 | number: (size, place)
    for number, size, place in (
        (1, 2, _PORT),
        (2, 8, _FIRST),
        (3, 8, _FIRST_UP),
        (4, 8, _LAST),
        (5, 8, _LAST_UP),
        (6, 1, _RSSI),
        (7, 2, _OTHER),  # ChannelIndex
        (8, 2, _HITS),
        (9, 4, _OTHER),  # ROSpecID
        (10, 2, _OTHER),  # InventoryParameterSpecID
        (11, 2, _OTHER),  # C1G2-CRC
        (12, 2, _PC),
        (13, 12, _EPC),  # EPC-96
        (14, 2, _OTHER),  # SpecIndex
        (15, 2, _OTHER),  # ClientRequestOpSpecResult
        (16, 4, _OTHER),  # AccessSpecID
        (17, 2, _OTHER),  # OpSpecID
        (18, 4, _OTHER),  # C1G2SingulationDetails
        (19, 2, _OTHER),  # C1G2-XPCW1
        (20, 2, _OTHER),  # C1G2-XPCW2
    )
}


class Stamp(IntEnum):
    """What a record's time counts from."""

    NONE = 0  # it has none
    UTC = 1
    UPTIME = 2


class Walked(msgspec.Struct, gc=False):
    """What a walk through one record has found: offsets from its beginning, 0 for nothing."""

    epc_at: int
    epc_bits: int
    port_at: int
    rssi_at: int
    is_fine: bool  # hundredths of dBm
    time_at: int
    is_uptime: bool
    hits_at: int
    pc_at: int
    cut_by: int = 0  # type of the TV parameter after which nothing can be found

    @property
    def stamp(self) -> "Stamp":
        if not self.time_at:
            return Stamp.NONE
        return Stamp.UPTIME if self.is_uptime else Stamp.UTC

    def read(self, record: bytes, held: TagRead, offset_us: int) -> TagRead:
        """Give the read; `held` is the one before it, the offset is added to a stamp."""
        port, dbm, at_us, hits = held.antenna_port, held.rssi_dbm, held.at_us, held.hits
        if self.port_at:
            port = int.from_bytes(record[self.port_at : self.port_at + 2])
        if self.is_fine:
            dbm = int.from_bytes(record[self.rssi_at : self.rssi_at + 2], signed=True) / 100
        elif self.rssi_at:
            dbm = ((record[self.rssi_at] ^ 0x80) - 0x80) / 1
        if self.time_at:
            at_us = int.from_bytes(record[self.time_at : self.time_at + 8]) + offset_us
        if self.hits_at:
            hits = int.from_bytes(record[self.hits_at : self.hits_at + 2])
        pc = int.from_bytes(record[self.pc_at : self.pc_at + 2]) if self.pc_at else None
        return TagRead(self._epc(record), port, dbm, at_us, hits, 0, pc)

    def _epc(self, record: bytes) -> bytes:
        whole, over = divmod(self.epc_bits, 8)
        epc = record[self.epc_at : self.epc_at + whole]
        if over:
            epc += (record[self.epc_at + whole] & 0xFF00 >> over & 0xFF).to_bytes(1)
        return epc


def walk(record: bytes, shape: list[tuple[int, int]]) -> Walked:
    """Find what a TagReportData (with its header) holds.

    `shape` is given the begins and ends of the octets that say what is where.  Raises BrokenElement
    where the record cannot be followed, or has no EPC.
    """
    found = [0] * 11
    epc_bits, at, end = 96, _HEAD, len(record)
    shape.append((0, _HEAD))
    while at < end:
        tv = _TV.get(record[at])
        if tv is not None:
            shape.append((at, at + 1))
            found[tv[1]] = at + 1
            at += 1 + tv[0]
            continue
        if record[at] & 0x80 and found[_EPC] and found[_PORT]:
            return _walked(found, epc_bits, cut_by=record[at] & 0x7F)
        known, number, length = _tlv(record, at)
        shape.append((at, at + known))
        if number == _EPC_DATA:
            epc_bits = int.from_bytes(record[at + 4 : at + 6])
            found[_EPC] = at + 6
            if 6 + (epc_bits + 7) // 8 > length:
                raise BrokenElement(FaultCause.TRUNCATED, f"EPC of {epc_bits} bits")
        elif known == 12 and record[at + 4 : at + 12] == _IMPINJ_PEAK_RSSI and length >= 14:
            found[_FINE_RSSI] = at + 12
        at += length
    if at > end:
        raise BrokenElement(FaultCause.TRUNCATED, f"TagReportData of {end} bytes")
    if not found[_EPC]:
        raise BrokenElement(FaultCause.MISSING_PARAMETER, "EPCData or EPC96")
    return _walked(found, epc_bits)


def _tlv(record: bytes, at: int) -> tuple[int, int, int]:
    """Give how many octets of a TLV parameter say what it is, its number and its length."""
    if record[at] & 0x80:
        raise BrokenElement(FaultCause.UNKNOWN_PARAMETER, f"TV type {record[at] & 0x7F}")
    head = record[at : at + _HEAD]
    number, length = int.from_bytes(head[:2]), int.from_bytes(head[2:])
    least = _EPC_HEAD if number == _EPC_DATA else _HEAD
    if not least <= length <= len(record) - at:
        detail = f"parameter {number} of {length} bytes at offset {at} of a TagReportData"
        raise BrokenElement(FaultCause.BAD_LENGTH, detail)
    return (12 if number == _CUSTOM and length >= 12 else least), number, length


def _walked(found: list[int], epc_bits: int, cut_by: int = 0) -> Walked:
    utc = found[_LAST] or found[_FIRST]
    fine = found[_FINE_RSSI]
    return Walked(
        found[_EPC],
        epc_bits,
        found[_PORT],
        fine or found[_RSSI],
        fine != 0,
        utc or found[_LAST_UP] or found[_FIRST_UP],
        not utc,
        found[_HITS],
        found[_PC],
        cut_by,
    )


class ReportLayout:
    """How records of one shape are proved and read; `length` is that of a whole record."""

    def __init__(self, record: bytes, walked: Walked, shape: list[tuple[int, int]]) -> None:
        self.length = len(record)
        mask = bytearray(self.length)
        for begin, end in shape:
            mask[begin:end] = b"\xff" * (end - begin)
        self._mask = bytes(mask)
        self.mask = int.from_bytes(mask)
        self.wanted = int.from_bytes(record) & self.mask
        self.stamp = walked.stamp
        self._unit = 100 if walked.is_fine else 1
        self._has_pc = walked.pc_at > 0
        cut, self._pick = _cut(walked, self.length)
        self._unpack, self._iter_unpack = cut.unpack, cut.iter_unpack

    def proof(self, count: int) -> tuple[int, int]:
        """Give mask and result for so many records in a row: `records & mask == result`."""
        wanted = self.wanted.to_bytes(self.length)
        return int.from_bytes(self._mask * count), int.from_bytes(wanted * count)

    def reads(self, records: bytes, held: TagRead, offset_us: int) -> list[TagRead]:
        """Read records that were all proved; `held` is the read before them.

        The offset is added to their stamps; it is 0 where they have none.
        """
        past = (held.antenna_port, held.rssi_dbm, held.at_us, held.hits, None)
        cut = self._iter_unpack(records)
        rows = map(self._pick, (row + past for row in cut)) if self._pick else cut
        unit, add = self._unit, offset_us
        if self._has_pc:
            return [
                TagRead(epc, port, dbm / unit, at + add, n, 0, pc)
                for epc, port, dbm, at, n, pc in rows
            ]
        if add:
            return [TagRead(epc, port, dbm / unit, at + add, n) for epc, port, dbm, at, n in rows]
        return [TagRead(epc, port, dbm / unit, at, n) for epc, port, dbm, at, n in rows]

    def read(self, record: bytes, held: TagRead, offset_us: int) -> TagRead:
        """Read one record that was proved, as reads() does."""
        row = self._unpack(record)
        if self._pick:
            past = (held.antenna_port, held.rssi_dbm, held.at_us, held.hits, None)
            row = self._pick(row + past)
        if self._has_pc:
            epc, port, dbm, at_us, hits, pc = row
            return TagRead(epc, port, dbm / self._unit, at_us + offset_us, hits, 0, pc)
        epc, port, dbm, at_us, hits = row
        return TagRead(epc, port, dbm / self._unit, at_us + offset_us, hits)


def _cut(walked: Walked, length: int) -> tuple[struct.Struct, "itemgetter[Any] | None"]:
    """Make the Struct that cuts the fields out, and what puts them into a TagRead's order.

    The latter gets a row with the values of the read before behind it, for those not there; without
    a PC in the record there is none in the row.
    """
    fields = (
        (walked.epc_at, f"{walked.epc_bits // 8}s"),
        (walked.port_at, "H"),
        (walked.rssi_at, "h" if walked.is_fine else "b"),
        (walked.time_at, "Q"),
        (walked.hits_at, "H"),
        *([(walked.pc_at, "H")] if walked.pc_at else []),
    )
    there = sorted(field for field in fields if field[0])
    layout, end = ">", 0
    for at, code in there:
        layout += f"{at - end}x{code}"
        end = at + struct.calcsize(f">{code}")
    order = [
        there.index(field) if field[0] else len(there) + index - 1
        for index, field in enumerate(fields)
    ]
    pick = None if order == sorted(order) and len(there) == len(fields) else itemgetter(*order)
    return struct.Struct(f"{layout}{length - end}x"), pick
