"""Just enough of MQTT 5 to read what a client publishes from the bytes that it sends.

MQTT 5.0: §2.1 fixed header, §1.5.5 variable byte integers, §3.3 PUBLISH.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_CONNECT, _PUBLISH = 1, 3


@dataclass(frozen=True, slots=True)
class Publication:
    topic: str
    payload: bytes


class PacketReader:
    """One connection's bytes, in order; what is no MQTT gives nothing."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._is_mqtt: bool | None = None

    def feed(self, data: bytes) -> Iterator[Publication]:
        self._buffer += data
        if self._is_mqtt is None:
            self._is_mqtt = self._buffer[0] >> 4 == _CONNECT and b"MQTT" in self._buffer[:10]
        while self._is_mqtt and (packet := self._next_packet()):
            if packet[0] >> 4 == _PUBLISH:
                yield _publication(packet)

    def _next_packet(self) -> bytes | None:
        if len(self._buffer) < 2:
            return None
        length, begin = _variable(self._buffer, 1)
        if len(self._buffer) < begin + length:
            return None
        packet = self._buffer[:1] + self._buffer[begin : begin + length]
        del self._buffer[: begin + length]
        return bytes(packet)


def _publication(packet: bytes) -> Publication:
    """Take apart a packet without its length field."""
    end = 3 + int.from_bytes(packet[1:3])
    topic = packet[3:end].decode()
    has_id = packet[0] >> 1 & 0b11 > 0  # §3.3.2.2: with QoS above 0
    length, begin = _variable(packet, end + 2 * has_id)
    return Publication(topic, packet[begin + length :])


def _variable(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """Read a variable byte integer; give it and where it ends."""
    value = shift = 0
    while True:
        byte = data[at] if at < len(data) else 0
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
