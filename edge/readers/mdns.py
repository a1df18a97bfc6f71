"""Readers that tell of themselves on the local network: one question by multicast DNS.

The question is for `_llrp._tcp.local` (RFC 6762, RFC 6763), asked from a port of our own, so that
answers come to us alone; whatever is not understood in an answer is passed over.
"""

import contextlib
import ipaddress
import socket
import struct
import time
from collections.abc import Iterator

import msgspec

from edge.errors import ReaderError

GROUP = ("224.0.0.251", 5353)
SERVICE = "_llrp._tcp.local"
_A, _PTR, _TXT, _AAAA, _SRV = 1, 12, 16, 28, 33
_INTERNET, _UNICAST_ANSWER = 1, 0x8000
_HEADER = struct.Struct(">6H")
_RECORD = struct.Struct(">HHIH")
_MOST_JUMPS = 32  # of a compressed name; a packet may point in a circle
_LARGEST = 9000  # of a packet (RFC 6762 §17)


class FoundReader(msgspec.Struct, frozen=True):
    """`host` is the name that it gives itself, without the addresses where it gave none."""

    name: str
    host: str
    port: int
    addresses: tuple[str, ...] = ()
    text: tuple[str, ...] = ()


class Record(msgspec.Struct, frozen=True):
    """One answer; `data` is as it came, at `at` of the packet."""

    name: str
    kind: int
    data: bytes
    at: int


def discover(timeout_s: float, group: tuple[str, int] = GROUP) -> list[FoundReader]:
    """Ask once, and gather what comes within the time; raise ReaderError without a network."""
    found: dict[str, FoundReader] = {}
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
            ours.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
            ours.sendto(question(), group)
            deadline_s = time.monotonic() + timeout_s
            while (left_s := deadline_s - time.monotonic()) > 0:
                ours.settimeout(left_s)
                with contextlib.suppress(TimeoutError):
                    found |= {one.name: one for one in readers_in(ours.recv(_LARGEST))}
    except OSError as error:
        cause = error.strerror or str(error)
        raise ReaderError(f"the network cannot be asked for readers: {cause}") from error
    return sorted(found.values(), key=lambda one: one.name)


def question() -> bytes:
    labels = b"".join(
        len(label).to_bytes(1) + label.encode("ascii") for label in SERVICE.split(".")
    )
    asked = struct.pack(">HH", _PTR, _INTERNET | _UNICAST_ANSWER)
    return _HEADER.pack(0, 0, 1, 0, 0, 0) + labels + b"\0" + asked


def readers_in(packet: bytes) -> list[FoundReader]:
    """Give the readers of one answer; none where it cannot be understood."""
    try:
        records = [*_records(packet)]
        return [*_readers(packet, records)]
    except (IndexError, struct.error, ValueError):
        return []


def _readers(packet: bytes, records: list[Record]) -> Iterator[FoundReader]:
    texts = {record.name: _texts(record.data) for record in records if record.kind == _TXT}
    addresses: dict[str, list[str]] = {}
    for record in records:
        if record.kind in {_A, _AAAA}:
            address = str(ipaddress.ip_address(record.data))
            addresses.setdefault(record.name, []).append(address)
    for record in records:
        suffix = f".{SERVICE}"
        if record.kind == _SRV and record.name.lower().endswith(suffix):
            _, _, port = struct.unpack_from(">HHH", record.data)
            host, _ = _name(packet, record.at + 6)
            there = tuple(dict.fromkeys(addresses.get(host, ())))
            name = record.name[: -len(suffix)]
            yield FoundReader(name, host, port, there, texts.get(record.name, ()))


def _records(packet: bytes) -> Iterator[Record]:
    _, _, questions, *counts = _HEADER.unpack_from(packet)
    at = _HEADER.size
    for _ in range(questions):
        _, at = _name(packet, at)
        at += 4
    for _ in range(sum(counts)):
        name, at = _name(packet, at)
        kind, _, _, length = _RECORD.unpack_from(packet, at)
        at += _RECORD.size
        if at + length > len(packet):
            raise ValueError("a record goes on after the packet's end")
        yield Record(name, kind, packet[at : at + length], at)
        at += length


def _name(packet: bytes, at: int) -> tuple[str, int]:
    """Read a name, compressed or not (RFC 1035 §4.1.4); give it and where it ends."""
    labels: list[str] = []
    end = 0
    for _ in range(_MOST_JUMPS + 128):
        length = packet[at]
        if length >= 0xC0:
            end = end or at + 2
            at = (length & 0x3F) << 8 | packet[at + 1]
            continue
        at += 1 + length
        if not length:
            return ".".join(labels), end or at
        labels.append(packet[at - length : at].decode("utf-8", "replace"))
    raise ValueError("a name that has no end")


def _texts(data: bytes) -> tuple[str, ...]:
    texts, at = [], 0
    while at < len(data):
        length = data[at]
        if length:
            texts.append(data[at + 1 : at + 1 + length].decode("utf-8", "replace"))
        at += 1 + length
    return tuple(texts)
