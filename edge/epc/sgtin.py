"""SGTIN-96 and SGTIN-198: bits to GTIN-14 and serial, and the way back.

| 8 header | 3 filter | 3 partition | 44 company prefix and item | 38 or 140 serial |

The serial of a SGTIN-96 is a number, that of a SGTIN-198 twenty characters of 7 bits, filled up
with zeros (TDS 1.13 §14.5.1).  An item has one key under both, since its key is that of the EPC
URI; `007` and `7` are different serials there, and so they are here.  The filter is no part of it.
"""

from edge.epc.stray import StrayReason
from edge.epc.tables import SGTIN_PARTITIONS
from edge.model import Sgtin

_SERIAL_BITS = 38
_LONG_SERIAL_BITS = 140
_CHARACTER_BITS = 7
_ITEM_BITS = 44
_PARTITION_BITS = 3
_HEADER_SGTIN_96 = 0x30

# What GS1 allows in a serial (TDS 1.13 annex A); some characters are escaped in the URI.
_ESCAPED = {c: f"%{ord(c):02X}" for c in '"%&/<>?'}
_PLAIN = "!'()*+,-.0123456789:;=_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
IN_URI = {ord(c): c for c in _PLAIN} | {ord(c): escape for c, escape in _ESCAPED.items()}


def check_digit(digits: str) -> str:
    """Give the last digit of a GTIN, weights 3 and 1 from the right (GS1 GenSpecs §7.9)."""
    total = sum(int(d) * (1 if i % 2 else 3) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def decode_sgtin96(epc: bytes) -> Sgtin | StrayReason:
    """Read 12 bytes that begin with the header of a SGTIN-96."""
    value = int.from_bytes(epc, "big")
    gtin = _gtin(value >> _SERIAL_BITS)
    if isinstance(gtin, StrayReason):
        return gtin
    return Sgtin(gtin, str(value & (1 << _SERIAL_BITS) - 1))


def decode_sgtin198(epc: bytes) -> Sgtin | StrayReason:
    """Read 25 or 26 bytes that begin with the header of a SGTIN-198."""
    filling = len(epc) * 8 - 198
    value = int.from_bytes(epc, "big")
    if value & (1 << filling) - 1:
        return StrayReason.WRONG_LENGTH  # what should fill up the last word says something
    value >>= filling
    gtin = _gtin(value >> _LONG_SERIAL_BITS)
    if isinstance(gtin, StrayReason):
        return gtin
    serial = _text(value & (1 << _LONG_SERIAL_BITS) - 1)
    return StrayReason.SERIAL if serial is None else Sgtin(gtin, serial)


def encode_sgtin96(
    gtin: str, serial: int, company_prefix_digits: int, filter_value: int = 1
) -> bytes:
    """Write an item's EPC, 12 bytes; `company_prefix_digits` is 6 to 12.

    Raises ValueError for what a SGTIN-96 cannot hold.
    """
    _check_encodable(gtin, serial, company_prefix_digits, filter_value)
    number = 12 - company_prefix_digits
    partition = SGTIN_PARTITIONS[number]
    company = int(gtin[1 : 1 + company_prefix_digits])
    item = int(gtin[0] + gtin[1 + company_prefix_digits : 13])
    value = _HEADER_SGTIN_96 << 3 | filter_value
    value = value << _PARTITION_BITS | number
    value = value << partition.company_bits | company
    value = value << partition.item_bits | item
    return (value << _SERIAL_BITS | serial).to_bytes(12, "big")


def _gtin(head: int) -> str | StrayReason:
    """Read the GTIN-14 from everything before the serial."""
    number = head >> _ITEM_BITS & 0b111
    if number >= len(SGTIN_PARTITIONS):
        return StrayReason.PARTITION
    partition = SGTIN_PARTITIONS[number]
    company = head >> partition.item_bits & (1 << partition.company_bits) - 1
    item = head & (1 << partition.item_bits) - 1
    if company >= 10**partition.company_digits or item >= 10**partition.item_digits:
        return StrayReason.OUT_OF_RANGE
    item_text = f"{item:0{partition.item_digits}}"
    digits = f"{item_text[0]}{company:0{partition.company_digits}}{item_text[1:]}"
    return digits + check_digit(digits)


def _text(bits: int) -> str | None:
    """Read a serial as the EPC URI writes it; None if it is empty or holds what GS1 forbids."""
    codes = [
        bits >> shift & 0x7F
        for shift in range(_LONG_SERIAL_BITS - _CHARACTER_BITS, -1, -_CHARACTER_BITS)
    ]
    while codes and not codes[-1]:
        codes.pop()
    try:
        return "".join(IN_URI[code] for code in codes) or None
    except KeyError:
        return None


def _check_encodable(gtin: str, serial: int, company_prefix_digits: int, filter_value: int) -> None:
    if not (len(gtin) == 14 and gtin.isascii() and gtin.isdigit()):
        raise ValueError(f"GTIN {gtin!r} is not 14 digits")
    if gtin[-1] != check_digit(gtin[:-1]):
        raise ValueError(f"GTIN {gtin} should end with {check_digit(gtin[:-1])}")
    limits = {
        "serial": (serial, 0, (1 << _SERIAL_BITS) - 1),
        "company_prefix_digits": (company_prefix_digits, 6, 12),
        "filter_value": (filter_value, 0, 7),
    }
    for name, (value, lowest, highest) in limits.items():
        if not lowest <= value <= highest:
            raise ValueError(f"{name} {value} is not {lowest} to {highest}")
