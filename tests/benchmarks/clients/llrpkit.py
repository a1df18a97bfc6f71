"""llrpkit 0.3.0 (MIT, a peer)."""

import asyncio

from llrpkit import Reader
from llrpkit.protocol import decode_message
from llrpkit.protocol.messages import RO_ACCESS_REPORT

from tests.benchmarks.clients import cut

DONE_S = 120.0


def decode(stream: bytes) -> int:
    tags = 0
    for message in map(decode_message, cut(stream)):
        assert isinstance(message, RO_ACCESS_REPORT)
        tags += len(message.tag_report_datas)
    return tags


def read(port: int, reads: int) -> int:
    return asyncio.run(_read(port, reads))


async def _read(port: int, reads: int) -> int:
    tags = 0
    async with Reader("127.0.0.1", port=port) as reader:
        async for _ in reader.inventory(duration=DONE_S, antennas=[1, 2, 3, 4]):
            tags += 1
            if tags == reads:
                break
    return tags
