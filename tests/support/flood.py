"""LLRP readers that report as fast as they are listened to: `python -m tests.support.flood`.

    flood READERS TAGS READS

Listens on READERS free ports and prints them.  Who starts a ROSpec there gets READS reads of the
reader's share of TAGS tags (4 reads a tag and epoch of 2 s, by 4 antenna ports in turn), 50 a
message and 54 bytes each, encoded before, and then a closed connection.  The first byte of all is
announced: `began MONOTONIC_S`.
"""

import socket
import sys
import threading
import time
from collections.abc import Collection, Sequence

from edge.epc import check_digit, encode_sgtin96
from edge.llrp import Frame, FrameDecoder, decode_message
from edge.llrp.constants import MessageType, ROSpecStartTriggerType
from edge.llrp.messages import AddROSpec, EnableROSpec, StartROSpec
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


def record(code: bytes, antenna_port: int, at_us: int, extra: bytes = b"") -> bytes:
    """Encode one TagReportData of 54 bytes (LLRP 1.0.1 §16.2.7.3.1) and what is added to it."""
    fields = (
        b"\x8d" + code  # EPC-96
        + b"\x89\x00\x00\x00\x7b"  # ROSpecID
        + b"\x8a\x00\x01"  # InventoryParameterSpecID
        + b"\x81" + antenna_port.to_bytes(2)  # AntennaID
        + b"\x86" + (-40 - at_us % 30).to_bytes(1, signed=True)  # PeakRSSI
        + b"\x87" + (1 + at_us % 50).to_bytes(2)  # ChannelIndex
        + b"\x82" + (at_us - 200_000).to_bytes(8)  # FirstSeenTimestampUTC
        + b"\x84" + at_us.to_bytes(8)  # LastSeenTimestampUTC
        + b"\x88" + (1 + at_us % 9).to_bytes(2)  # TagSeenCount
        + extra
    )  # fmt: skip
    return b"\x00\xf0" + (len(fields) + 4).to_bytes(2) + fields


def bodies_of(records: Sequence[bytes], a_message: int = TAGS_A_MESSAGE) -> list[bytes]:
    """Give the bodies of RO_ACCESS_REPORTs that hold the records, so many each."""
    return [b"".join(records[i : i + a_message]) for i in range(0, len(records), a_message)]


def stream_of(bodies: Sequence[bytes]) -> bytes:
    frames = (Frame(1, MessageType.RO_ACCESS_REPORT, n, body) for n, body in enumerate(bodies))
    return b"".join(frame.encode() for frame in frames)


def encoded(first_tag: int, tags: int, reads: int) -> bytes:
    """Encode the reads of one reader."""
    step_us = EPOCH_US / (tags * READS_AN_EPOCH)
    codes = [epc(first_tag + number) for number in range(tags)]
    return stream_of(
        bodies_of(
            [
                record(codes[n % tags], 1 + n // tags % PORTS, START_US + int(n * step_us))
                for n in range(reads)
            ]
        )
    )


def serve(listener: socket.socket, reports: bytes) -> None:
    """Lead one client to its first START_ROSPEC, then flood it."""
    client, _ = listener.accept()
    listener.close()
    reader, orders = LlrpReader(Profile(antennas=PORTS), SilentAir()), Orders()
    _send(client, reader.connect(_now()))
    has_started = False
    while not has_started:
        data = client.recv(65536)
        if not data:
            return
        has_started = orders.start(data)
        _send(client, reader.receive(data, _now()))
    _announce(f"began {time.monotonic():.6f}")
    client.sendall(reports)
    client.shutdown(socket.SHUT_WR)
    while client.recv(65536):  # until the client has taken all, and closed
        pass
    client.close()


class Orders:
    """What a client has said, as far as it tells when its ROSpec becomes active."""

    def __init__(self) -> None:
        self._decoder = FrameDecoder()
        self._is_immediate = False

    def start(self, data: bytes) -> bool:
        """Say whether what has come starts a ROSpec: an order, or its own immediate trigger."""
        self._decoder.feed(data)
        starts = [self._starts(frame) for frame in iter(self._decoder.next_frame, None)]
        return any(starts)

    def _starts(self, frame: Frame) -> bool:
        match decode_message(frame).message:
            case AddROSpec(rospec=rospec):
                kind = rospec.ro_boundary_spec.start_trigger.rospec_start_trigger_type
                self._is_immediate = kind == ROSpecStartTriggerType.IMMEDIATE
            case EnableROSpec():
                return self._is_immediate
            case StartROSpec():
                return True
        return False


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
