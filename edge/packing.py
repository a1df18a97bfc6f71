"""Messages made small for the way: zstd (RFC 8878) where it pays, known by its magic number.

A peer that packs nothing is understood as well: JSON begins with none of the magic's bytes.
"""

import zstandard

from edge.errors import ProtocolError

MAGIC = b"\x28\xb5\x2f\xfd"  # RFC 8878 §3.1.1
PACK_ABOVE = 400  # bytes; below it the frame's own bytes eat up what is won
MAX_UNPACKED = 4 << 20  # ours: what a few bytes may claim to become
_LEVEL = 3  # 400 rows take about 0.1 ms, and shrink to a seventh


def pack(plain: bytes) -> bytes:
    if len(plain) <= PACK_ABOVE:
        return plain
    return zstandard.compress(plain, _LEVEL)


def unpack(payload: bytes) -> bytes:
    """Give what was packed; raise ProtocolError for a damaged frame, or one that unfolds too far.

    The size must stand in the frame's header, as it does for whatever was packed in one piece.
    """
    if not payload.startswith(MAGIC):
        return payload
    try:
        size = zstandard.frame_content_size(payload)
        if not 0 <= size <= MAX_UNPACKED:
            told = "an unknown number of" if size < 0 else str(size)
            raise ProtocolError(f"message unfolds to {told} bytes, allowed are {MAX_UNPACKED}")
        return zstandard.ZstdDecompressor().decompress(payload, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise ProtocolError(f"message cannot be unpacked: {error}") from error
