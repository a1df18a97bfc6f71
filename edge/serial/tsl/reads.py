"""From the lines of a tag to a read (TSL ASCII Protocol 2.5).

| line | says                       |
| ---- | -------------------------- |
| EP   | EPC, hex                   |
| PC   | protocol control word, hex |
| CR   | the tag's own CRC, hex     |
| RI   | RSSI, dBm                  |

The order of the lines behind EP differs, so only their headers count.  With PC and CR on, a tag
is checked end to end; nothing else on this line is.
"""

from edge.serial.checks import crc_gen2
from edge.serial.faults import Fault, FaultCause
from edge.serial.reads import UNKNOWN_PORT, SerialRead
from edge.serial.tsl.frames import Frame

_ORPHANS = (b"RI:", b"PC:", b"CR:", b"TD:", b"IX:")  # what no answer has without an EP
_MOST_WORDS = 31  # of an EPC: a PC cannot say more


def read_tags(
    frame: Frame, faults: list[Fault], antenna_port: int = UNKNOWN_PORT
) -> list[SerialRead]:
    """Give the tag of a frame; add what could not be read to `faults`.

    `antenna_port` is what the site calls the handheld.  Lines without a tag give none, and a fault
    where they are the rest of one.
    """
    if not frame.is_tag():
        if frame.data.startswith(_ORPHANS):
            faults.append(Fault(FaultCause.BAD_RECORD, frame.data, detail="a tag without its EPC"))
        return []
    told = {line.header: line.value for line in frame.lines()}
    try:
        epc, pc = bytes.fromhex(told["EP"]), _word(told.get("PC"))
        crc, rssi = _word(told.get("CR")), _number(told.get("RI"))
    except ValueError as error:
        faults.append(Fault(FaultCause.BAD_RECORD, frame.data, detail=str(error)))
        return []
    if len(epc) % 2 or len(epc) > 2 * _MOST_WORDS or (pc is not None and pc >> 11 != len(epc) // 2):
        detail = f"EPC of {len(epc)} bytes"
        faults.append(Fault(FaultCause.BAD_RECORD, frame.data, detail=detail))
        return []
    is_crc_right = None
    if pc is not None and crc is not None:
        is_crc_right = crc_gen2(pc.to_bytes(2) + epc) == crc
    if is_crc_right is False:
        faults.append(Fault(FaultCause.BAD_TAG_CRC, frame.data, detail=f"EPC {epc.hex()}"))
        return []
    dbm = None if rssi is None else float(rssi)
    return [SerialRead(epc, antenna_port, dbm, rssi, pc=pc, is_crc_right=is_crc_right)]


def _word(text: str | None) -> int | None:
    if text is None:
        return None
    if len(text) != 4:
        raise ValueError(f"{text!r} is no word of four hex digits")
    return int.from_bytes(bytes.fromhex(text))


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or not -128 <= int(text) <= 127:
        raise ValueError(f"{text!r} is no RSSI in dBm")
    return int(text)
