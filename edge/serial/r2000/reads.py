"""From A0's frames to reads ("UHF RFID Reader Serial Interface Protocol" V3.7).

| answer          | data                                                                           |
| --------------- | ------------------------------------------------------------------------------ |
| 89, 8A, 8B      | FreqAnt, PC 2, EPC, RSSI [, phase 2]                                           |
| 81              | count 2, length, PC 2, EPC, tag CRC 2, words read, their length, FreqAnt, hits |
| 90, 91          | count 2, length, PC 2, EPC, tag CRC 2, RSSI, FreqAnt, hits                     |

FreqAnt has the index of the frequency in its upper six bits and two bits of the antenna below; the
third bit of the antenna is the highest of the RSSI, in 81 the highest of the hits.  The RSSI of
V3.7 is dBm + 129; tables of older versions differ by 1 in places.  The answers 89, 8A and 8B are
tags unless their data is as long as a status (1), an antenna's fault (2) or a round's end (7): a
tag's is of even length, and of the length that its PC tells.
"""

from edge.serial.checks import crc_gen2
from edge.serial.faults import Fault, FaultCause
from edge.serial.r2000.codes import CommandCode, frequency_khz
from edge.serial.r2000.frames import Frame
from edge.serial.reads import SerialRead

INVENTORIES = frozenset(
    {CommandCode.INVENTORY, CommandCode.FAST_SWITCH, CommandCode.SESSION_INVENTORY}
)
_BUFFERS = frozenset({CommandCode.GET_BUFFER, CommandCode.TAKE_BUFFER})
_END_LENGTH = 7  # of the data of a round's end
_HIGH_BIT = 0x80


def read_tags(frame: Frame, faults: list[Fault]) -> list[SerialRead]:
    """Give the tag of an answer; add what could not be read to `faults`.

    Answers that have no tag give none, and no fault.
    """
    data = frame.data
    if frame.command in INVENTORIES:
        if len(data) <= 2 or len(data) == _END_LENGTH:
            return []
        return _inventoried(frame, faults)
    if frame.command == CommandCode.READ and len(data) > 1:
        return _with_crc(data, faults, is_read=True)
    if frame.command in _BUFFERS and len(data) > 1:
        return _with_crc(data, faults, is_read=False)
    return []


def _inventoried(frame: Frame, faults: list[Fault]) -> list[SerialRead]:
    data = frame.data
    size = (data[1] >> 3) * 2  # the PC's highest five bits count words
    more = len(data) - size - 4
    if more and (more != 2 or frame.command == CommandCode.INVENTORY):  # 89 has no phase
        detail = f"EPC of {size} bytes in {len(data)} bytes of data"
        faults.append(Fault(FaultCause.BAD_RECORD, data, detail=detail))
        return []
    place, rssi = data[0], data[3 + size]
    return [
        SerialRead(
            data[3 : 3 + size],
            _port(place, rssi),
            _dbm(rssi),
            rssi,
            pc=data[1] << 8 | data[2],
            frequency_khz=frequency_khz(place >> 2),
            phase=int.from_bytes(data[-2:]) if more else None,
        )
    ]


def _with_crc(data: bytes, faults: list[Fault], *, is_read: bool) -> list[SerialRead]:
    """Read a tag with its own CRC: `is_read` with words read, otherwise with RSSI."""
    end = 3 + data[2] if len(data) > 2 else 0
    block, tail = data[3:end], data[end:]
    if len(tail) != 3 or (is_read and tail[0] > len(block)):
        detail = f"{data[2:3].hex()} bytes are said in {len(data)} bytes of data"
        faults.append(Fault(FaultCause.BAD_RECORD, data, detail=detail))
        return []
    if is_read:
        block = block[: len(block) - tail[0]]
    size = (block[0] >> 3) * 2 if block else 0
    if len(block) != size + 4:
        detail = f"EPC of {size} bytes in {len(block)} bytes of PC, EPC and CRC"
        faults.append(Fault(FaultCause.BAD_RECORD, data, detail=detail))
        return []
    epc, pc = block[2:-2], block[0] << 8 | block[1]
    if crc_gen2(block[:-2]) != int.from_bytes(block[-2:]):
        faults.append(Fault(FaultCause.BAD_TAG_CRC, data, detail=f"EPC {epc.hex()}"))
        return []
    place, hits = tail[1], tail[2]
    rssi = None if is_read else tail[0]
    return [
        SerialRead(
            epc,
            _port(place, hits if rssi is None else rssi),
            None if rssi is None else _dbm(rssi),
            rssi,
            (hits & 0x7F if rssi is None else hits) or 1,
            pc,
            is_crc_right=True,
            frequency_khz=frequency_khz(place >> 2),
        )
    ]


def _port(place: int, high: int) -> int:
    return 1 + (place & 0b11) + (4 if high & _HIGH_BIT else 0)


def _dbm(rssi: int) -> float:
    return float((rssi & 0x7F) - 129)
