"""A conversation with a Mercury module that streams, and what such a module says."""

from edge.serial.checks import crc_gen2
from edge.serial.mercury.codes import Opcode
from edge.serial.mercury.frames import Frame
from edge.serial.mercury.session import MercurySession
from edge.serial.settings import Region, SerialSettings
from tests.support.serial_readers import Line, MercuryModule

EPC = bytes.fromhex("303425f8c40c5e4000000001")
EU = SerialSettings(Region.EU)


def tag_frame(epc: bytes = EPC, ms: int = 0, port: int = 1) -> bytes:
    """Make a streamed tag with the metadata that the session asks for."""
    block = b"\x30\x00" + epc
    block += crc_gen2(block).to_bytes(2)
    record = b"\x01\xc4" + bytes((port << 4 | port,)) + ms.to_bytes(4)
    data = b"\x10\x00\x1b\x00\x17\x01" + record + (8 * len(block)).to_bytes(2) + block
    return Frame(Opcode.READ_MULTIPLE, data, 0).encode()


def status_frame(status: int, data: bytes = b"") -> bytes:
    return Frame(Opcode.READ_MULTIPLE, data, status).encode()


def streaming(module: MercuryModule, settings: SerialSettings = EU) -> Line:
    line = Line(MercurySession(settings), module)
    line.play(3)
    assert module.is_streaming
    return line
