"""Wireshark's dissector as a judge of LLRP: bytes to a capture file, and what tshark says of it."""

import os
import re
import shutil
import struct
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

READER_PORT, CLIENT_PORT = 5084, 40_000
_MOST_BYTES = 16 << 10  # of one segment
_TIMEOUT_S = 60
_RAW_IP = 101  # link type: the packets begin with the IP header
_IP = struct.Struct(">BBHHHBBH4s4s")
_TCP = struct.Struct(">HHIIBBHHH")
_READER, _CLIENT = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])  # RFC 5737: for examples

# What tshark 4.0 says of messages that are right (shown by other codecs and by the standard):
_FALSE_COMPLAINTS = (
    re.compile(r"13 bytes decoded, but 15 bytes claimed"),  # Identification with a MAC address
    re.compile(r"10 bytes decoded, but 11 bytes available"),  # SET_PROTOCOL_VERSION (1.1 §17.1)
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that went over a connection at once, one way or the other."""

    from_reader: bool
    data: bytes


def write_pcap(path: Path, pieces: Iterable[Piece]) -> None:
    """Write a conversation, in the order in which it was held, as a capture of TCP segments."""
    sent = {True: 1, False: 1}  # sequence numbers, by who speaks
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, _RAW_IP))
        for number, (from_reader, data) in enumerate(_segments(pieces)):
            packet = _packet(
                data, sent[from_reader], sent[not from_reader], from_reader=from_reader
            )
            file.write(struct.pack("<IIII", 1_700_000_000, number, len(packet), len(packet)))
            file.write(packet)
            sent[from_reader] += len(data)


def dissect(path: Path, *fields: str) -> list[list[str]]:
    """Give the fields of every frame that has LLRP in it; several values of one are joined by ,."""
    columns = [part for field in fields for part in ("-e", field)]
    output = _tshark(path, "-Y", "llrp", "-T", "fields", "-E", "separator=|", *columns)
    return [line.split("|") for line in output.splitlines()]


def complaints(path: Path) -> list[str]:
    """Give what tshark finds wrong, but for what it is known to be wrong about."""
    judged = "_ws.malformed || _ws.expert.severity >= 6291456"  # warnings and errors
    output = _tshark(path, "-Y", judged, "-T", "fields", "-e", "_ws.expert.message")
    return [line for line in output.splitlines() if not _is_false(line)]


def _is_false(line: str) -> bool:
    return any(pattern.search(line) for pattern in _FALSE_COMPLAINTS)


def _tshark(path: Path, *arguments: str) -> str:
    program = shutil.which("tshark")
    if program is None:
        reason = "tshark is not installed"
        if os.environ.get("TAGTALLY_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    command = [program, "-r", str(path), "-d", f"tcp.port=={READER_PORT},llrp", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)
    return done.stdout


def _segments(pieces: Iterable[Piece]) -> Iterable[tuple[bool, bytes]]:
    for piece in pieces:
        for start in range(0, len(piece.data), _MOST_BYTES):
            yield piece.from_reader, piece.data[start : start + _MOST_BYTES]


def _packet(data: bytes, sequence: int, acknowledged: int, *, from_reader: bool) -> bytes:
    ports: Sequence[int] = (READER_PORT, CLIENT_PORT) if from_reader else (CLIENT_PORT, READER_PORT)
    hosts = (_READER, _CLIENT) if from_reader else (_CLIENT, _READER)
    push_and_acknowledge = 0x18
    tcp = _TCP.pack(*ports, sequence, acknowledged, 5 << 4, push_and_acknowledge, 65535, 0, 0)
    length = _IP.size + _TCP.size + len(data)
    return _IP.pack(0x45, 0, length, 0, 0x4000, 64, 6, 0, *hosts) + tcp + data
