"""What a serial reader tells of one tag, with the marks of what it does not tell."""

import msgspec

from edge.model import TagRead

# Of a read without dBm: a usual level.  The engine weighs antennas by the power that they hear, and
# a reader that tells none would count for nothing beside what another hears through a wall.
UNKNOWN_DBM = -60.0
UNKNOWN_PORT = 0  # of a reader that tells no antenna; ports count from 1


class SerialRead(msgspec.Struct, frozen=True, gc=False):
    """One report of one tag.

    `rssi_dbm` is None where the protocol gives `rssi_raw` no unit.  `reader_ms` is the reader's
    time since its read command began, None where it tells no time and the host's has to do.
    `is_crc_right` is about the tag's own CRC, None where the frame has none or has no PC to check
    it with.
    """

    epc: bytes
    antenna_port: int
    rssi_dbm: float | None
    rssi_raw: int | None
    hits: int = 1
    pc: int | None = None
    is_crc_right: bool | None = None
    reader_ms: int | None = None
    frequency_khz: int | None = None
    phase: int | None = None  # as the protocol counts it

    def tag_read(self, at_us: int, pressed_at_us: int = 0) -> TagRead:
        dbm = UNKNOWN_DBM if self.rssi_dbm is None else self.rssi_dbm
        return TagRead(self.epc, self.antenna_port, dbm, at_us, self.hits, pressed_at_us, self.pc)
