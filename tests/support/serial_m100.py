"""An M100 module at the other end of a line without time."""

from edge.serial.checks import crc_gen2
from edge.serial.faults import Fault
from edge.serial.m100.codes import CommandCode as C
from edge.serial.m100.codes import FrameType
from edge.serial.m100.frames import Frame, FrameDecoder
from tests.support.serial import waiting_in

NO_TAG = Frame(FrameType.ANSWER, C.ERROR, b"\x15").encode()


def tag_frame(epc: bytes, rssi: int = 0xC4, command: int = C.POLL) -> Frame:
    block = (len(epc) << 10).to_bytes(2) + epc
    data = bytes((rssi,)) + block + crc_gen2(block).to_bytes(2)
    return Frame(FrameType.NOTICE, command, data)


class M100Module:
    """`round` is said for each poll that has begun; `answers` replaces data, None is silence."""

    def __init__(self) -> None:
        self.baud = 115_200
        self.region = 1
        self.power = 2600
        self.query = 0x1020
        self.is_polling = False
        self.is_asleep = False
        self.round = NO_TAG
        self.answers: dict[int, Frame | None] = {}
        self.told: list[tuple[int, bytes]] = []
        self._decoder = FrameDecoder()

    def hear(self, data: bytes) -> bytes:
        if self.is_asleep:
            self.is_asleep = False
            data = data[1:]
        self._decoder.feed(data)
        said = b""
        for frame in waiting_in(self._decoder):
            if isinstance(frame, Fault):
                continue
            assert frame.type == FrameType.COMMAND
            self.told.append((frame.command, frame.data))
            if frame.command in self.answers:
                answer = self.answers[frame.command]
                said += answer.encode() if answer else b""
            elif not self.is_polling or frame.command == C.STOP:
                said += self._answer(frame)
        return said

    def commands(self) -> list[int]:
        return [command for command, _ in self.told]

    def _answer(self, frame: Frame) -> bytes:
        told = {
            C.INFO: b"\x00M100 26dBm V1.0",
            C.GET_REGION: bytes((self.region,)),
            C.GET_POWER: self.power.to_bytes(2),
            C.GET_QUERY: self.query.to_bytes(2),
        }
        match frame.command:
            case C.POLL_MANY:
                self.is_polling = True
                return self.round
            case C.STOP:
                self.is_polling = False
            case C.SET_REGION:
                self.region = frame.data[0]
            case C.SET_POWER:
                self.power = int.from_bytes(frame.data)
            case C.SET_QUERY:
                self.query = int.from_bytes(frame.data)
        answer = told.get(C(frame.command), b"\x00")
        return Frame(FrameType.ANSWER, frame.command, answer).encode()
