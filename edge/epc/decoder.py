"""EPC to item or stray.  Strict: what the standard does not allow is never taken for an item."""

from collections.abc import Collection

from edge.epc.plus import decode_plus
from edge.epc.sgtin import decode_sgtin96, decode_sgtin198
from edge.epc.stray import Stray, StrayReason
from edge.epc.tables import HEADERS, TID_CLASS, UNPROGRAMMED, Names
from edge.model import Sgtin

_READERS = {0x30: decode_sgtin96, 0x36: decode_sgtin198}
_STRAYS = {reason: Stray(reason) for reason in StrayReason}
_WITHOUT_SCHEME = {UNPROGRAMMED: StrayReason.UNPROGRAMMED, TID_CLASS: StrayReason.TID}
_PC_IS_ISO = 0x0100  # bit 17h of the EPC bank: the rest of the PC is an AFI (Gen2 §6.3.2.1.2)
_PC_LENGTH_SHIFT = 11  # bits 10h to 14h: the words that follow


def decode(epc: bytes, pc: int | None = None) -> Sgtin | Stray:
    """Read an EPC; where the reader tells the tag's protocol control word, its length counts."""
    decoded = _decode(epc) if pc is None else _decode_with_pc(epc, pc)
    return _STRAYS[decoded] if isinstance(decoded, StrayReason) else decoded


def scheme_name(epc: bytes) -> str | None:
    """Give the name of the scheme in which an EPC claims to be written; None if it is not GS1's."""
    scheme = HEADERS.get(epc[0]) if epc else None
    return scheme.name if scheme else None


def _decode_with_pc(epc: bytes, pc: int) -> Sgtin | StrayReason:
    if pc & _PC_IS_ISO:
        return StrayReason.ISO
    length = (pc >> _PC_LENGTH_SHIFT) * 2
    return _decode(epc[:length]) if length <= len(epc) else StrayReason.WRONG_LENGTH


def _decode(epc: bytes) -> Sgtin | StrayReason:
    if not epc:
        return StrayReason.WRONG_LENGTH
    scheme = HEADERS.get(epc[0])
    if scheme is None:
        return _WITHOUT_SCHEME.get(epc[0], StrayReason.UNKNOWN_HEADER)
    if not scheme.allows(len(epc)):
        return StrayReason.WRONG_LENGTH
    if scheme.names is Names.OTHER:
        return StrayReason.NOT_AN_ITEM
    return _READERS.get(epc[0], decode_plus)(epc)


class EpcDecoder:
    """decode() with a memory, since a store reads the same tags again and again.

    Bounded: when `limit` EPCs are known, the one that was decoded longest ago is forgotten.  Items
    whose GTIN does not begin with one of `company_prefixes` (the indicator digit left out) are
    strays; without any, all are at home.
    """

    def __init__(self, limit: int = 200_000, company_prefixes: Collection[str] = ()) -> None:
        self._limit = limit
        self._known: dict[bytes | tuple[bytes, int], Sgtin | Stray] = {}
        self._prefixes = tuple(company_prefixes)

    def __call__(self, epc: bytes, pc: int | None = None) -> Sgtin | Stray:
        key = epc if pc is None else (epc, pc)
        known = self._known.get(key)
        if known is not None:
            return known
        if len(self._known) >= self._limit:
            del self._known[next(iter(self._known))]
        return self._known.setdefault(key, self._decode(epc, pc))

    def _decode(self, epc: bytes, pc: int | None) -> Sgtin | Stray:
        decoded = decode(epc, pc)
        if isinstance(decoded, Stray) or not self._prefixes:
            return decoded
        is_ours = decoded.gtin[1:].startswith(self._prefixes)
        return decoded if is_ours else _STRAYS[StrayReason.FOREIGN]
