"""A sum over rows, by which file and documents are compared without being sent.

Each row is hashed by itself and the hashes are added up (mod 2**64), so the order does not matter.
Rows fall into SHARDS by their GTIN alone: what differs is found in a 64th of the stock, and only
that is sent again.
"""

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from edge.model import StockRow

SHARDS = 64
_MODULUS = 1 << 64


@dataclass(frozen=True, slots=True)
class ShardSum:
    rows: int
    sum: str  # 16 hexadecimal digits


def shard_of(gtin: str) -> int:
    return zlib.crc32(gtin.encode()) % SHARDS


def sum_of(rows: Iterable[StockRow]) -> ShardSum:
    count = total = 0
    for row in rows:
        count += 1
        total += _hash(row)
    return ShardSum(count, f"{total % _MODULUS:016x}")


def _hash(row: StockRow) -> int:
    """Hash what the documents must hold of a row: GTIN, ver, missing, and all zones, zeros too."""
    zones = "\x1f".join(f"{zone}\x1e{count}" for zone, count in sorted(row.zones.items()))
    text = f"{row.gtin}\x1f{row.ver}\x1f{row.missing}\x1f{zones}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
