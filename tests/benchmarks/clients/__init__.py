"""LLRP clients to be measured: `decode(stream)` and `read(port, reads)` give how many tags came.

Each is imported only in the process that measures it (`tests.benchmarks.clients.measure`).
"""

from collections.abc import Iterator


def cut(stream: bytes) -> Iterator[bytes]:
    """Cut a stream into whole LLRP messages, for those who cannot."""
    at = 0
    while at < len(stream):
        length = int.from_bytes(stream[at + 2 : at + 6])
        yield stream[at : at + length]
        at += length
