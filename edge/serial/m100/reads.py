"""From M100 frames to reads (M100/QM100 manual, sections 2.2, 2.3 and 2.8).

| frame          | data                                                       |
| -------------- | ---------------------------------------------------------- |
| notice 22, 27  | RSSI as signed dBm, PC 2, EPC, tag CRC 2                   |
| answer 39      | length of PC and EPC, PC 2, EPC, words read                |

The module has one antenna and tells no time.
"""

from edge.serial.checks import crc_gen2
from edge.serial.faults import Fault, FaultCause
from edge.serial.m100.codes import CommandCode, FrameType
from edge.serial.m100.frames import Frame
from edge.serial.reads import UNKNOWN_PORT, SerialRead

_POLLS = frozenset({CommandCode.POLL, CommandCode.POLL_MANY})


def read_tags(
    frame: Frame, faults: list[Fault], antenna_port: int = UNKNOWN_PORT
) -> list[SerialRead]:
    """Give the tag of a frame; add what could not be read to `faults`.

    `antenna_port` is what the site calls the module's only antenna.  Frames that have no tag give
    none, and no fault.
    """
    if frame.type == FrameType.NOTICE and frame.command in _POLLS:
        return _noticed(frame.data, faults, antenna_port)
    if frame.type == FrameType.ANSWER and frame.command == CommandCode.READ:
        return _accessed(frame.data, faults, antenna_port)
    return []


def _noticed(data: bytes, faults: list[Fault], antenna_port: int) -> list[SerialRead]:
    size = (data[1] >> 3) * 2 if len(data) > 1 else 0  # the PC's highest five bits count words
    if len(data) != size + 5:
        detail = f"EPC of {size} bytes in {len(data)} bytes of data"
        faults.append(Fault(FaultCause.BAD_RECORD, data, detail=detail))
        return []
    epc, rssi = data[3:-2], data[0]
    if crc_gen2(data[1:-2]) != data[-2] << 8 | data[-1]:
        faults.append(Fault(FaultCause.BAD_TAG_CRC, data, detail=f"EPC {epc.hex()}"))
        return []
    dbm = float(rssi - 256 if rssi > 127 else rssi)
    pc = data[1] << 8 | data[2]
    return [SerialRead(epc, antenna_port, dbm, rssi, pc=pc, is_crc_right=True)]


def _accessed(data: bytes, faults: list[Fault], antenna_port: int) -> list[SerialRead]:
    said = data[0] if data else 0
    size = (data[1] >> 3) * 2 if len(data) > 2 else 0
    if said != size + 2 or len(data) <= said:
        detail = f"EPC of {size} bytes, {said} said, in {len(data)} bytes of data"
        faults.append(Fault(FaultCause.BAD_RECORD, data, detail=detail))
        return []
    pc = data[1] << 8 | data[2]
    return [SerialRead(data[3 : 1 + said], antenna_port, None, None, pc=pc)]
