"""Bytes of a serial line in a person's words: the pure part of `serial decode`."""

import string
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

import msgspec

from edge.errors import ConfigError
from edge.serial.faults import Fault
from edge.serial.framing import Direction
from edge.serial.protocol import SerialProtocol
from edge.serial.reads import SerialRead

_CHUNK = 1 << 16


class Decoded(msgspec.Struct, frozen=True):
    """A frame, or with `name` None bytes that are none; `offset` counts from the stream's begin."""

    offset: int
    name: str | None
    fields: dict[str, Any]
    reads: tuple[SerialRead, ...]
    faults: tuple[Fault, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give what JSON can carry: bytes as hex, what a read does not tell left out."""
        told: dict[str, Any] = {"offset": self.offset}
        if self.name is not None:
            told |= {"frame": self.name, "fields": _plain(self.fields)}
        if self.reads:
            told["reads"] = [_plain(_told(read)) for read in self.reads]
        if self.faults:
            told["faults"] = [
                {"cause": fault.cause.value, "data": fault.data.hex(), "detail": fault.detail}
                for fault in self.faults
            ]
        return told

    def as_text(self) -> str:
        """Give a line for the frame and one for each of its reads and faults."""
        lines = []
        if self.name is not None:
            shown = " ".join(f"{key}={_text(value)}" for key, value in self.fields.items())
            lines.append(f"{self.offset:08x}  {self.name}  {shown}".rstrip())
        for read in self.reads:
            shown = " ".join(f"{key}={_text(value)}" for key, value in _told(read).items())
            lines.append(f"{'':8}  read  {shown}")
        for fault in self.faults:
            detail = f": {fault.detail}" if fault.detail else ""
            lines.append(f"{fault.offset:08x}  FAULT {fault.cause}{detail}  {fault.data.hex()}")
        return "\n".join(lines)


def decode(
    protocol: SerialProtocol, data: bytes, direction: Direction = Direction.EITHER
) -> Iterator[Decoded]:
    """Give all that is in the bytes, in their order; nothing is left out and nothing raised."""
    decoder = protocol.decoder(direction)
    for at in range(0, len(data) + 1, _CHUNK):
        decoder.feed(data[at : at + _CHUNK])
        if at + _CHUNK >= len(data):
            decoder.flush()
        while (item := decoder.next_frame()) is not None:
            if isinstance(item, Fault):
                yield Decoded(item.offset, None, {}, (), (item,))
                continue
            said = protocol.describe(item, direction)
            faults = tuple(
                msgspec.structs.replace(fault, offset=decoder.offset) for fault in said.faults
            )
            yield Decoded(decoder.offset, said.name, said.fields, said.reads, faults)


def parse_hex(text: str, where: str) -> bytes:
    """Read bytes written as hex digits, in lines with spaces; `#` begins a remark.

    Raises ConfigError with the line that is no hex.
    """
    data = bytearray()
    for number, line in enumerate(text.splitlines(), 1):
        digits = "".join(line.partition("#")[0].split())
        if len(digits) % 2 or not set(digits) <= set(string.hexdigits):
            raise ConfigError(f"{where}: line {number}: expected pairs of hex digits, got {line!r}")
        data += bytes.fromhex(digits)
    return bytes(data)


def _told(read: SerialRead) -> dict[str, Any]:
    fields = msgspec.structs.asdict(read)
    return {key: value for key, value in fields.items() if value is not None}


def _plain(value: Any) -> Any:  # noqa: ANN401  # the rim: JSON
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, msgspec.Struct):
        return _plain(msgspec.structs.asdict(value))
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.asdict(value)
        return f"({' '.join(f'{key}={_text(one)}' for key, one in fields.items())})"
    if isinstance(value, IntEnum):
        return value.name.lower()
    return value.hex() if isinstance(value, bytes) else str(value)
