"""Check values of the serial protocols and of tags, all at the speed of `binascii`."""

import binascii

_MIRRORED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def crc_mercury(message: bytes) -> int:
    """Give Mercury's CRC of a message of two bytes or more (LEN to the last of the data).

    Its data enters the register at the low end, so it is not CCITT-FALSE: it equals the usual CRC
    of all but the last two bytes from another preset, and then those two bytes.
    """
    return binascii.crc_hqx(message[:-2], 0x1D0F) ^ int.from_bytes(message[-2:])


def crc_mcrf4xx(message: bytes) -> int:
    """Give CRC-16/MCRF4XX (8408 reflected, preset FFFF) of UHFReader18, UHFReader288 and CF."""
    crc = binascii.crc_hqx(message.translate(_MIRRORED), 0xFFFF)
    return _MIRRORED[crc & 0xFF] << 8 | _MIRRORED[crc >> 8]


def crc_gen2(message: bytes) -> int:
    """Give the CRC-16 that a tag sends behind PC and EPC (EPC Gen2, annex F)."""
    return binascii.crc_hqx(message, 0xFFFF) ^ 0xFFFF
