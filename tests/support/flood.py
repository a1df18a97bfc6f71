"""LLRP readers that report as fast as they are listened to: `python -m tests.support.flood`.

    flood READERS TAGS READS

Listens on READERS free ports and prints them.  Who starts a ROSpec there gets READS reads of the
reader's share of TAGS tags (4 reads a tag and epoch of 2 s, by 4 antenna ports in turn), encoded
before, and then a closed connection.  The first byte of all is announced: `began MONOTONIC_S`.
"""

import socket
import sys
import threading
import time
from collections.abc import Collection, Sequence

from edge.epc import check_digit, encode_sgtin96
from edge.llrp import Frame, FrameDecoder
from edge.llrp.constants import MessageType
from edge.model import Now, TagRead
from simulators.llrp_reader import LlrpReader, Outgoing
from simulators.profile import Profile

TAGS_A_MESSAGE = 50
READS_AN_EPOCH = 4
PORTS = 4
EPOCH_US = 2_000_000
START_US = 1_700_000_000_000_000


class SilentAir:
    """The reader hears nothing; what it reports is made elsewhere."""

    def hear(
        self, antenna_ports: Collection[int], from_us: int, until_us: int, limit: int
    ) -> Sequence[TagRead]:
        del antenna_ports, from_us, until_us, limit
        return ()

    def delivered(self, reads: int) -> None:
        pass

    def lost(self) -> None:
        pass


def epc(number: int) -> bytes:
    """Give the tag of that number: 20 items a GTIN."""
    digits = f"0{9506000 + number // 2_000_000:07}{number // 20 % 100_000:05}"
    return encode_sgtin96(digits + check_digit(digits), number % 20, 7)


def encoded(first_tag: int, tags: int, reads: int) -> bytes:
    """Encode the reads of one reader as RO_ACCESS_REPORTs (LLRP 1.0.1 §14.1.1, TV-encoded)."""
    records = []
    step_us = EPOCH_US / (tags * READS_AN_EPOCH)
    codes = [epc(first_tag + number) for number in range(tags)]
    for n in range(reads):
        fields = (
            b"\x8d" + codes[n % tags]
            + b"\x81" + (1 + n // tags % PORTS).to_bytes(2)
            + b"\x86" + (-60).to_bytes(1, signed=True)
            + b"\x84" + (START_US + int(n * step_us)).to_bytes(8)
        )  # fmt: skip
        records.append(b"\x00\xf0" + (len(fields) + 4).to_bytes(2) + fields)
    bodies = (b"".join(records[i : i + TAGS_A_MESSAGE]) for i in range(0, reads, TAGS_A_MESSAGE))
    frames = (Frame(1, MessageType.RO_ACCESS_REPORT, n, body) for n, body in enumerate(bodies))
    return b"".join(frame.encode() for frame in frames)


def serve(listener: socket.socket, reports: bytes) -> None:
    """Lead one client to its first START_ROSPEC, then flood it."""
    client, _ = listener.accept()
    listener.close()
    reader, requests = LlrpReader(Profile(antennas=PORTS), SilentAir()), FrameDecoder()
    _send(client, reader.connect(_now()))
    while not _has_started(requests):
        data = client.recv(65536)
        if not data:
            return
        requests.feed(data)
        _send(client, reader.receive(data, _now()))
    _announce(f"began {time.monotonic():.6f}")
    client.sendall(reports)
    client.shutdown(socket.SHUT_WR)
    while client.recv(65536):  # until the client has taken all, and closed
        pass
    client.close()


def _has_started(requests: FrameDecoder) -> bool:
    frames = iter(requests.next_frame, None)
    return any(frame.message_type == MessageType.START_ROSPEC for frame in frames)


def _send(client: socket.socket, messages: Sequence[Outgoing]) -> None:
    for message in messages:
        client.sendall(message.data)


def _now() -> Now:
    return Now(time.monotonic(), time.time_ns() // 1000)


def _announce(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(readers: int, tags: int, reads: int) -> None:
    share = tags // readers
    reports = [encoded(number * share, share, reads) for number in range(readers)]
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(readers)]
    threads = [
        threading.Thread(target=serve, args=pair, daemon=True)
        for pair in zip(listeners, reports, strict=True)
    ]
    for thread in threads:
        thread.start()
    _announce("ports " + " ".join(str(one.getsockname()[1]) for one in listeners))
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
