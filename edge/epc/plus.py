"""SGTIN+, DSGTIN+ and their ++ kin: the schemes without partitions (TDS 2.3 §14.6).

| 8 header | 1 more data | 3 filter | 20 date (DSGTIN) | 14 digits of 4 bits | serial | …
serial: | 3 encoding | 5 length | characters |

What follows the serial, a host name (++) or more data, is no part of the item's key; without either
only zeros may follow, as far as the last word goes.
"""

from collections.abc import Callable

from edge.epc.sgtin import IN_URI, check_digit
from edge.epc.stray import StrayReason
from edge.model import Sgtin

_DATED = (0xFB, 0xFC)
_HOSTED = (0xFC, 0xFD)
_DATE_BITS = 20
_GTIN_BITS = 56
_MAX_SERIAL = 20  # characters, GS1 General Specifications §3.5.2
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CODE40 = " ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789"  # three in 16 bits (TDS 2.3 §14.5.6.6)


class _Bits:
    """The bits of an EPC, taken from the left; raises ValueError where they end."""

    def __init__(self, epc: bytes) -> None:
        self._value = int.from_bytes(epc, "big")
        self.left = len(epc) * 8

    def take(self, bits: int) -> int:
        if bits > self.left:
            raise ValueError("the bits end early")
        self.left -= bits
        return self._value >> self.left & (1 << bits) - 1


def decode_plus(epc: bytes) -> Sgtin | StrayReason:
    """Read an EPC that begins with a header of SGTIN+, DSGTIN+, SGTIN++ or DSGTIN++."""
    bits = _Bits(epc)
    try:
        header = bits.take(8)
        has_more = bits.take(1) == 1 or header in _HOSTED
        bits.take(3)  # filter
        if header in _DATED:
            bits.take(_DATE_BITS)
        gtin = f"{bits.take(_GTIN_BITS):014x}"
        serial = _serial(bits)
    except ValueError:
        return StrayReason.WRONG_LENGTH
    if not gtin.isdecimal() or gtin[-1] != check_digit(gtin[:-1]):
        return StrayReason.OUT_OF_RANGE
    if serial is None:
        return StrayReason.SERIAL
    if not has_more and (bits.left >= 16 or bits.take(bits.left)):
        return StrayReason.WRONG_LENGTH
    try:
        escaped = "".join(IN_URI[ord(character)] for character in serial)
    except KeyError:
        return StrayReason.SERIAL
    return Sgtin(gtin, escaped)


def _serial(bits: _Bits) -> str | None:
    """Take the serial; None for an encoding or a length that is not defined."""
    encoding, length = bits.take(3), bits.take(5)
    if not 1 <= length <= _MAX_SERIAL:
        return None
    read = _ENCODINGS.get(encoding)
    return read(bits, length) if read else None


def _integer(bits: _Bits, length: int) -> str | None:
    value = bits.take((10**length - 1).bit_length())  # as many as so many digits need
    return f"{value:0{length}}" if value < 10**length else None


def _characters(alphabet: str, width: int) -> Callable[[_Bits, int], str]:
    return lambda bits, length: "".join(alphabet[bits.take(width)] for _ in range(length))


def _code40(bits: _Bits, length: int) -> str:
    text = ""
    while len(text) < length:
        value = bits.take(16) - 1
        for divisor in (1600, 40, 1):
            text += _CODE40[value // divisor % 40]
    return text[:length]


_ENCODINGS: dict[int, Callable[[_Bits, int], str | None]] = {
    0: _integer,
    1: _characters("0123456789ABCDEF", 4),
    2: _characters("0123456789abcdef", 4),
    3: _characters(_BASE64, 6),
    4: _characters("".join(map(chr, range(128))), 7),
    5: _code40,
}
