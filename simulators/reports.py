"""Reads to TagReportData as a ROSpec wants them (LLRP 1.0.1 §13.2.1, §16.2.7.3), and to messages.

This is the hot path: a layout is made once for each ROSpec and length of EPC, and packs a read in
one go.  Fields stand in the standard's order; those without type and value here are constant.

| 240 | length | EPC | ROSpecID | SpecIndex | … | AntennaID | PeakRSSI | … | AccessSpecID |
"""

import binascii
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from edge.llrp.parameters_c1g2 import C1G2EPCMemorySelector
from edge.llrp.parameters_rospec import TagReportContentSelector
from edge.model import TagRead
from simulators.profile import CHANNELS_KHZ

MOST_TAGS = 500  # of one message; a reader sends a long report in parts
_HOP_US = 200_000
_EPC_96_BYTES = 12
_TLV_HEADER = struct.Struct(">HH")
_TAG_REPORT_DATA, _EPC_DATA = 240, 241

Value = Callable[[TagRead], int]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a report can say of where its reads come from."""

    rospec_id: int
    spec_index: int
    inventory_parameter_spec_id: int


@dataclass(frozen=True, slots=True)
class TagReport:
    """The body of one RO_ACCESS_REPORT, and how many reads it reports."""

    body: bytes
    reads: int


class TagLayout:
    def __init__(self, selector: TagReportContentSelector, origin: Origin) -> None:
        self._fields = _fields(selector, origin)
        self._packers: dict[int, Callable[[TagRead], bytes]] = {}  # by bytes of EPC, 62 at most

    def encode(self, read: TagRead) -> bytes:
        packer = self._packers.get(len(read.epc))
        if packer is None:
            packer = self._packers[len(read.epc)] = self._packer(len(read.epc))
        return packer(read)

    def _packer(self, size: int) -> Callable[[TagRead], bytes]:
        head = b"\x8d" if size == _EPC_96_BYTES else _TLV_HEADER.pack(_EPC_DATA, size + 6)
        head += b"" if size == _EPC_96_BYTES else (8 * size).to_bytes(2)
        form = "".join(f"B{kind}" for _, kind, _ in self._fields)
        layout = struct.Struct(f">{len(head) + 4}s{size}s{form}")
        head = _TLV_HEADER.pack(_TAG_REPORT_DATA, layout.size) + head
        values = [part for number, _, value in self._fields for part in (number, value)]

        def pack(read: TagRead) -> bytes:
            fields = [part(read) if callable(part) else part for part in values]
            return layout.pack(head, read.epc, *fields)

        return pack


class ReportBuffer:
    """Holds what was read until its ROReportSpec, or the client, wants it reported."""

    def __init__(self) -> None:
        self._tags: list[bytes] = []

    def __len__(self) -> int:
        return len(self._tags)

    def add(self, reads: Iterable[TagRead], layout: TagLayout) -> None:
        self._tags += map(layout.encode, reads)

    def take_full(self, size: int) -> list[TagReport]:
        """Take out as many reports of exactly `size` tags as there are."""
        return self._take(size, len(self._tags) - len(self._tags) % size)

    def take_all(self) -> list[TagReport]:
        return self._take(MOST_TAGS, len(self._tags))

    def clear(self) -> None:
        self._tags.clear()

    def _take(self, size: int, count: int) -> list[TagReport]:
        """Cut the first `count` tags into reports of `size`, or of what one message holds."""
        size = min(size, MOST_TAGS)
        taken, self._tags = self._tags[:count], self._tags[count:]
        parts = [taken[start : start + size] for start in range(0, count, size)]
        return [TagReport(b"".join(part), len(part)) for part in parts]


def _fields(
    selector: TagReportContentSelector, origin: Origin
) -> Sequence[tuple[int, str, int | Value]]:
    """Give TV type with its first bit set, form and value of each field after the EPC."""
    memory = next(iter(selector.epc_memory_selectors), C1G2EPCMemorySelector())
    table: list[tuple[bool, int, str, int | Value]] = [
        (selector.enable_rospec_id, 9, "I", origin.rospec_id),
        (selector.enable_spec_index, 14, "H", origin.spec_index),
        (
            selector.enable_inventory_parameter_spec_id,
            10,
            "H",
            origin.inventory_parameter_spec_id,
        ),
        (selector.enable_antenna_id, 1, "H", lambda read: read.antenna_port),
        (selector.enable_peak_rssi, 6, "b", lambda read: int(read.rssi_dbm)),
        (selector.enable_channel_index, 7, "H", _channel_index),
        (selector.enable_first_seen_timestamp, 2, "Q", lambda read: read.at_us),
        (selector.enable_last_seen_timestamp, 4, "Q", lambda read: read.at_us),
        (selector.enable_tag_seen_count, 8, "H", lambda read: read.hits),
        (memory.enable_pc_bits, 12, "H", _protocol_control),
        (memory.enable_crc, 11, "H", _crc),
        (selector.enable_access_spec_id, 16, "I", 0),  # read without any access operation
    ]
    return [(0x80 | number, form, value) for on, number, form, value in table if on]


def _channel_index(read: TagRead) -> int:
    return read.at_us // _HOP_US % len(CHANNELS_KHZ) + 1


def _protocol_control(read: TagRead) -> int:
    """Give the PC word that a tag with this EPC backscatters: its length in words, no more."""
    return (len(read.epc) + 1) // 2 << 11


def _crc(read: TagRead) -> int:
    stored = _protocol_control(read).to_bytes(2) + read.epc
    return binascii.crc_hqx(stored, 0xFFFF) ^ 0xFFFF
