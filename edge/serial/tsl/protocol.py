"""The TSL ASCII Protocol for those who know protocols by name."""

from typing import Any

from edge.serial.faults import Fault
from edge.serial.framing import Direction
from edge.serial.protocol import Description, SerialProtocol
from edge.serial.tsl.codes import HEADERS, error_text
from edge.serial.tsl.commands import Command, decode_command
from edge.serial.tsl.frames import Frame, FrameDecoder, Line
from edge.serial.tsl.reads import read_tags
from edge.serial.tsl.session import BAUDS, TslSession

_NAMES = {"CS": "Began", "OK": "Done", "ER": "Failed"}


def describe(frame: Frame, _: Direction = Direction.EITHER) -> Description:
    faults = list[Fault]()
    reads = read_tags(frame, faults)
    lines = frame.lines()
    header, value = lines[0]
    if frame.is_tag():
        fields: dict[str, Any] = {
            HEADERS.get(line.header, line.header): line.value for line in lines
        }
        return Description("Tag", fields, tuple(reads), tuple(faults))
    if not header:
        return Description("Command", _command(value)) if value else Description("Empty", {})
    name = _NAMES.get(header, "Told")
    return Description(name, _fields(lines[0]), (), tuple(faults))


def identity(frame: Frame) -> str | None:
    """Name the handheld from the one line of its version that does."""
    header, value = frame.lines()[0]
    return f"TSL handheld {value}" if header == "US" else None


def _fields(line: Line) -> dict[str, Any]:
    if line.header == "ER":
        number = int(line.value) if line.value.isascii() and line.value.isdigit() else -1
        return {"error": error_text(number)}
    if line.header == "OK":
        return {}
    return {HEADERS.get(line.header, line.header): line.value}


def _command(text: str) -> dict[str, Any]:
    command = decode_command(text)
    if command is None:
        return {"line": text}
    return {"name": command.name} | {f"-{name}": value for name, value in command.parameters}


TSL = SerialProtocol(
    name="tsl",
    title="TSL ASCII 2.x",
    bauds=BAUDS,
    identify=Command("vr").encode(),
    identity=identity,
    decoder=FrameDecoder,
    describe=describe,
    session=TslSession,
)
