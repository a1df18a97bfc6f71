"""The numbers of GS1's EPC Tag Data Standard that say what the bits of an EPC are.

Headers: TDS 2.3, Table 14-1.  Partitions of a SGTIN: TDS 1.13, §14.5.1; 2.x kept them.
"""

from dataclasses import dataclass
from enum import Enum, auto


class Names(Enum):
    """What a scheme gives a name to, as far as a stock of items is concerned."""

    ITEM = auto()  # one trade item, and this program reads it
    OTHER = auto()  # cartons, places, assets, documents, coupons, parts


@dataclass(frozen=True, slots=True)
class Scheme:
    """One header's scheme; `bits` is 0 where the length depends on the content."""

    name: str
    bits: int
    names: Names = Names.OTHER

    def allows(self, length: int) -> bool:
        """Tell whether an EPC of this many bytes can be whole: filled up to a byte or a word."""
        if not self.bits:
            return True
        return length in (-(-self.bits // 8), -(-self.bits // 16) * 2)


HEADERS: dict[int, Scheme] = {
    0x2C: Scheme("GDTI-96", 96),
    0x2D: Scheme("GSRN-96", 96),
    0x2E: Scheme("GSRNP-96", 96),
    0x2F: Scheme("USDOD-96", 96),
    0x30: Scheme("SGTIN-96", 96, Names.ITEM),
    0x31: Scheme("SSCC-96", 96),
    0x32: Scheme("SGLN-96", 96),
    0x33: Scheme("GRAI-96", 96),
    0x34: Scheme("GIAI-96", 96),
    0x35: Scheme("GID-96", 96),
    0x36: Scheme("SGTIN-198", 198, Names.ITEM),
    0x37: Scheme("GRAI-170", 170),
    0x38: Scheme("GIAI-202", 202),
    0x39: Scheme("SGLN-195", 195),
    0x3A: Scheme("GDTI-113", 113),
    0x3B: Scheme("ADI-var", 0),
    0x3C: Scheme("CPI-96", 96),
    0x3D: Scheme("CPI-var", 0),
    0x3E: Scheme("GDTI-174", 174),
    0x3F: Scheme("SGCN-96", 96),
    0x40: Scheme("ITIP-110", 110),
    0x41: Scheme("ITIP-212", 212),
    0xE6: Scheme("CPI++", 0),
    0xE7: Scheme("GSRN++", 0),
    0xE8: Scheme("GSRNP++", 0),
    0xE9: Scheme("SGLN++", 0),
    0xEA: Scheme("GDTI++", 0),
    0xEB: Scheme("GRAI++", 0),
    0xEC: Scheme("SGCN++", 0),
    0xED: Scheme("ITIP++", 0),
    0xEE: Scheme("GIAI++", 0),
    0xEF: Scheme("SSCC++", 0),
    0xF0: Scheme("CPI+", 0),
    0xF1: Scheme("GRAI+", 0),
    0xF2: Scheme("SGLN+", 0),
    0xF3: Scheme("ITIP+", 0),
    0xF4: Scheme("GSRN+", 0),
    0xF5: Scheme("GSRNP+", 0),
    0xF6: Scheme("GDTI+", 0),
    0xF7: Scheme("SGTIN+", 0, Names.ITEM),
    0xF8: Scheme("SGCN+", 0),
    0xF9: Scheme("SSCC+", 0),
    0xFA: Scheme("GIAI+", 0),
    0xFB: Scheme("DSGTIN+", 0, Names.ITEM),
    0xFC: Scheme("DSGTIN++", 0, Names.ITEM),
    0xFD: Scheme("SGTIN++", 0, Names.ITEM),
}
UNPROGRAMMED = 0x00  # the whole header, whatever follows
TID_CLASS = 0xE2  # an EPC never begins so; tags from the factory often carry their TID there


@dataclass(frozen=True, slots=True)
class Partition:
    """How 44 bits and 13 digits are shared by company prefix and item (with its indicator)."""

    company_bits: int
    company_digits: int
    item_bits: int
    item_digits: int


# By partition value; 7 is not defined.
SGTIN_PARTITIONS = (
    Partition(40, 12, 4, 1),
    Partition(37, 11, 7, 2),
    Partition(34, 10, 10, 3),
    Partition(30, 9, 14, 4),
    Partition(27, 8, 17, 5),
    Partition(24, 7, 20, 6),
    Partition(20, 6, 24, 7),
)
