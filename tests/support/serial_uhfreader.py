"""A reader of the UHFReader family at the other end of a line without time."""

from edge.serial.faults import Fault
from edge.serial.uhfreader.codes import CommandCode as C
from edge.serial.uhfreader.frames import BROADCAST, Frame, FrameDecoder
from tests.support.serial import waiting_in

NO_TAG_18 = b"\xfb"
NO_TAG_288 = b"\x01\x01\x00"


def tag_18(epc: bytes) -> bytes:
    return bytes((1, len(epc))) + epc


def tag_288(epc: bytes, antenna: int = 1, rssi: int = 0x6B) -> bytes:
    return bytes((antenna, 1, len(epc))) + epc + bytes((rssi,))


class UhfReader:
    """`rounds` are the answers' data to inventories, the last again and again.

    With a `type` of 0C it is a 288 with four antennas, with 09 a UHFReader18.
    """

    def __init__(self, type_: int = 0x0C) -> None:
        self.baud = 57_600
        self.address = 0
        self.type = type_
        self.is_long = type_ != 0x09
        self.region = b"\x4e\x00"
        self.power = 30
        self.scan_time = 10
        self.read_mode = 0
        self.rounds: list[list[bytes]] = [[NO_TAG_288 if self.is_long else NO_TAG_18]]
        self.answers: dict[int, bytes | None] = {}
        self.told: list[tuple[int, bytes]] = []
        self._decoder = FrameDecoder()

    def hear(self, data: bytes) -> bytes:
        self._decoder.feed(data)
        said = b""
        for frame in waiting_in(self._decoder):
            assert isinstance(frame, Frame)
            assert not isinstance(frame, Fault)
            assert frame.address in {self.address, BROADCAST}
            self.told.append((frame.command, frame.data))
            for answer in self._answers(frame):
                code = C.UNKNOWN if answer == b"\xfe" else frame.command
                said += Frame(self.address, code, answer).encode()
        return said

    def commands(self) -> list[int]:
        return [command for command, _ in self.told]

    def rounds_told(self) -> list[bytes]:
        return [data for command, data in self.told if command == C.INVENTORY]

    def _answers(self, frame: Frame) -> list[bytes]:
        if frame.command in self.answers:
            answer = self.answers[frame.command]
            return [] if answer is None else [answer]
        match frame.command:
            case C.INVENTORY if self.is_long and self.read_mode:
                return []  # it would push tags, and there are none
            case C.INVENTORY:
                return self.rounds.pop(0) if len(self.rounds) > 1 else self.rounds[0]
            case C.SET_REGION:
                self.region = frame.data
            case C.SET_POWER:
                self.power = frame.data[0] & 0x7F
            case C.SET_MODE_18 | C.SET_MODE_288:
                self.read_mode = frame.data[0]
        mode = b"\x00\x1e\x0a\x0f" + bytes((self.read_mode,)) + b"\x02\x04\x02\x06\x00\x00\x00"
        told = {C.INFO: self._info(), C.GET_MODE_18: mode, C.TEMPERATURE: b"\x01\x20"}
        return [b"\x00" + told.get(C(frame.command), b"")]

    def _info(self) -> bytes:
        head = bytes((3, 13, self.type, 3)) + self.region + bytes((self.power, self.scan_time))
        return head + (b"\x01\x00\x00\x01" if self.is_long else b"")
