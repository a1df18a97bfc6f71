"""The check values against their catalogues' own examples, and against their definition."""

import pytest

from edge.serial.checks import crc_gen2, crc_mcrf4xx, crc_mercury

DIGITS = b"123456789"


def test_the_catalogues_check_values() -> None:
    assert crc_mercury(DIGITS) == 0xA69D
    assert crc_mcrf4xx(DIGITS) == 0x6F91
    assert crc_gen2(DIGITS) == 0xD64E


# Message and CRC as makers print them; that of the region is printed wrong in one data sheet.
MERCURY = {"0003": 0x1D0C, "0004": 0x1D0B, "019702": 0x4BBF, "02920bb8": 0x4AE1}


@pytest.mark.parametrize(("message", "crc"), MERCURY.items())
def test_mercurys_crc(message: str, crc: int) -> None:
    assert crc_mercury(bytes.fromhex(message)) == crc


@pytest.mark.parametrize(("message", "crc"), [("04ff21", 0x9519), ("050001fb", 0x3DF2)])
def test_mcrf4xx(message: str, crc: int) -> None:
    assert crc_mcrf4xx(bytes.fromhex(message)) == crc


def test_mercurys_crc_by_nibbles_is_the_same() -> None:
    for size in range(2, 40):
        message = bytes(range(size, 2 * size))
        crc = 0xFFFF
        for nibble in (half for byte in message for half in (byte >> 4, byte & 0xF)):
            crc = (crc << 4 & 0xFFFF | nibble) ^ _carryless(crc >> 12)
        assert crc_mercury(message) == crc


def _carryless(index: int) -> int:
    product = 0
    for bit in range(4):
        product ^= (0x1021 << bit) * (index >> bit & 1)
    return product & 0xFFFF
