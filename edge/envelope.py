"""What can be told of a message that cannot be read."""

import msgspec

from edge.errors import ProtocolError
from edge.packing import unpack
from edge.wire import check_version
from edge.wire_types import Boot, StoreId, Term, Ver


class Envelope(msgspec.Struct, frozen=True):
    """Enough to refuse a message by name."""

    type: str
    store: StoreId
    term: Term
    boot: Boot
    number: Ver
    gtins: list[msgspec.Raw] = []


_decoder = msgspec.json.Decoder(Envelope)


def envelope(payload: bytes) -> Envelope | None:
    """Give whom to answer that a message cannot be read; None if not even that can be told.

    None also for another version: its sender will be understood by the next program here.
    """
    try:
        plain = unpack(payload)
        check_version(plain)
        return _decoder.decode(plain)
    except (ProtocolError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
