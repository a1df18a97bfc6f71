"""How a Mercury module writes a tag that it has read (MercuryAPI C 1.35.2.72).

A field is there only if its metadata bit is set, in the order of the bits; then comes the EPC:

    | length in bits 2 | PC 2 | EPC | tag CRC 2
"""

from binascii import crc_hqx
from collections.abc import Callable

from edge.model import TagRead

_FREQUENCY_KHZ = 866_300
_GEN2 = 5

# Each field from the read and the milliseconds since the read command began.
_FIELDS: tuple[tuple[int, Callable[[TagRead, int], bytes]], ...] = (
    (0x0001, lambda read, _: bytes((min(read.hits, 255),))),
    (0x0002, lambda read, _: round(read.rssi_dbm).to_bytes(1, signed=True)),
    (0x0004, lambda read, _: bytes((antenna_byte(read.antenna_port),))),
    (0x0008, lambda *_: _FREQUENCY_KHZ.to_bytes(3)),
    (0x0010, lambda _, reader_ms: (reader_ms & 0xFFFF_FFFF).to_bytes(4)),
    (0x0020, lambda read, _: (crc_hqx(read.epc, 0) % 181).to_bytes(2)),  # degrees, of this tag
    (0x0040, lambda *_: bytes((_GEN2,))),
    (0x0080, lambda *_: bytes(2)),  # no embedded operation has read data
    (0x0100, lambda *_: b"\x0f"),  # outputs low, inputs high
    (0x0200, lambda *_: b"\x04"),  # Q
    (0x0400, lambda *_: b"\x00"),  # 250 kHz
    (0x0800, lambda *_: b"\x00"),  # target A
    (0x1000, lambda *_: bytes(2)),  # brand
    (0x2000, lambda *_: b"\x00"),  # tag type
)


def tag_record(read: TagRead, metadata: int, reader_ms: int) -> bytes:
    fields = b"".join(write(read, reader_ms) for bit, write in _FIELDS if metadata & bit)
    block = epc_block(read.epc)
    return fields + (8 * len(block)).to_bytes(2) + block


def broken_record(metadata: int) -> bytes:
    """Write what a real module has sent once: XPC announced, in a block that is too short."""
    read = TagRead(b"", 1, -60, 0)
    fields = b"".join(write(read, 0) for bit, write in _FIELDS if metadata & bit)
    return fields + (20).to_bytes(2) + bytes.fromhex("021800")


def epc_block(epc: bytes) -> bytes:
    """Write PC, EPC and the tag's own CRC as they stand in its memory."""
    coded = (len(epc) // 2 << 11).to_bytes(2) + epc
    return coded + (crc_hqx(coded, 0xFFFF) ^ 0xFFFF).to_bytes(2)


def antenna_byte(port: int) -> int:
    """Write a port as the nibbles of transmitter and receiver; 16 is 0."""
    return (port & 0xF) << 4 | port & 0xF
