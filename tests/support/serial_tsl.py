"""A TSL handheld at the other end of a line without time."""

from edge.serial.checks import crc_gen2
from edge.serial.faults import Fault
from edge.serial.tsl.commands import Command, decode_command
from edge.serial.tsl.frames import FrameDecoder
from tests.support.serial import waiting_in

VERSION = ("MF: TSL UK Ltd.", "US: 1119-01-003002", "PV: 2.1.0", "UF: 3.3.0", "RF: 2.6.0")


def answer(*lines: str, end: str = "OK:") -> bytes:
    return "".join(f"{line}\r\n" for line in (*lines, end, "")).encode()


def tag_lines(epc: bytes, rssi: int = -61) -> tuple[str, ...]:
    """Give the lines of a tag as `.iv -r on -e on -c on` asks for them."""
    pc = (len(epc) << 10).to_bytes(2)
    crc = crc_gen2(pc + epc)
    return (f"EP: {epc.hex().upper()}", f"PC: {pc.hex().upper()}", f"CR: {crc:04X}", f"RI: {rssi}")


def pressed(*epcs: bytes, rssi: int = -61) -> bytes:
    """Give what a handheld says when its trigger is pressed among these tags."""
    lines = [line for epc in epcs for line in tag_lines(epc, rssi)]
    return answer("CS: .iv", *lines, end="OK:" if epcs else "ER: 005")


class TslHandheld:
    """`answers` replaces the answer to a command by its name, None is silence."""

    def __init__(self) -> None:
        self.baud = 115_200
        self.battery = "87%"
        self.charge = "Off"
        self.answers: dict[str, bytes | None] = {}
        self.told: list[Command] = []
        self._decoder = FrameDecoder()

    def hear(self, data: bytes) -> bytes:
        self._decoder.feed(data)
        said = b""
        for frame in waiting_in(self._decoder):
            assert not isinstance(frame, Fault)
            line = frame.lines()[0].value
            command = decode_command(line)
            if command:
                self.told.append(command)
                said += self._answer(command, line)
        return said

    def names(self) -> list[str]:
        return [command.name for command in self.told]

    def _answer(self, command: Command, line: str) -> bytes:
        if command.name in self.answers:
            told = self.answers[command.name]
            return b"" if told is None else f"CS: {line}\r\n".encode() + told
        lines = {"vr": VERSION, "bl": (f"BP: {self.battery}", f"CH: {self.charge}")}
        return answer(f"CS: {line}", *lines.get(command.name, ()))
