"""EPC to item or stray.  Strict: what the standard does not allow is never taken for an item."""

from edge.epc.sgtin import decode_sgtin96, decode_sgtin198
from edge.epc.stray import Stray, StrayReason
from edge.epc.tables import HEADERS, TID_CLASS, UNPROGRAMMED, Names
from edge.model import Sgtin

_HEADER_SGTIN_96 = 0x30
_STRAYS = {reason: Stray(reason) for reason in StrayReason}
_WITHOUT_SCHEME = {UNPROGRAMMED: StrayReason.UNPROGRAMMED, TID_CLASS: StrayReason.TID}


def decode(epc: bytes) -> Sgtin | Stray:
    decoded = _decode(epc)
    return _STRAYS[decoded] if isinstance(decoded, StrayReason) else decoded


def _decode(epc: bytes) -> Sgtin | StrayReason:
    if not epc:
        return StrayReason.WRONG_LENGTH
    scheme = HEADERS.get(epc[0])
    if scheme is None:
        return _WITHOUT_SCHEME.get(epc[0], StrayReason.UNKNOWN_HEADER)
    if not scheme.allows(len(epc)):
        return StrayReason.WRONG_LENGTH
    match scheme.names:
        case Names.OTHER:
            return StrayReason.NOT_AN_ITEM
        case Names.ITEM_UNREAD:
            return StrayReason.UNREAD_SCHEME
        case Names.ITEM:
            return decode_sgtin96(epc) if epc[0] == _HEADER_SGTIN_96 else decode_sgtin198(epc)


class EpcDecoder:
    """decode() with a memory, since a store reads the same tags again and again.

    Bounded: when `limit` EPCs are known, the one that was decoded longest ago is forgotten.
    """

    def __init__(self, limit: int = 200_000) -> None:
        self._limit = limit
        self._known: dict[bytes, Sgtin | Stray] = {}

    def __call__(self, epc: bytes) -> Sgtin | Stray:
        known = self._known.get(epc)
        if known is not None:
            return known
        if len(self._known) >= self._limit:
            del self._known[next(iter(self._known))]
        return self._known.setdefault(epc, decode(epc))
