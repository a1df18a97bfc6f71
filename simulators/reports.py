"""Reads to TagReportData as a ROSpec wants them (LLRP 1.0.1 §13.2.1, §16.2.7.3), and to messages.

This is the hot path: a layout is made once for each ROSpec and length of EPC, and packs a read in
one go.  Fields stand in the standard's order; those without type and value here are constant.

| 240 | length | EPC | ROSpecID | SpecIndex | … | AntennaID | PeakRSSI | … | AccessSpecID | … |
"""

import binascii
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from edge.llrp import encode_parameter
from edge.llrp.parameters_c1g2 import C1G2EPCMemorySelector
from edge.llrp.parameters_report import OpSpecResult
from edge.llrp.parameters_rospec import TagReportContentSelector
from edge.model import TagRead

MOST_TAGS = 500  # of one message; a reader sends a long report in parts
_HOP_US = 200_000
_EPC_96_BYTES = 12
_TLV_HEADER = struct.Struct(">HH")
_TAG_REPORT_DATA, _EPC_DATA = 240, 241
_ACCESS_SPEC_ID = 0x90

Value = Callable[[TagRead], int]
Tail = Callable[[TagRead], bytes]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a report can say of where its reads come from."""

    rospec_id: int
    spec_index: int
    inventory_parameter_spec_id: int


@dataclass(frozen=True, slots=True)
class Style:
    """How a reader fills the fields; `lead` and `tail` are parameters that it adds to each tag."""

    channels: int = 4
    shift_us: int = 0  # from when it was to what the reader's clock said
    has_utc: bool = True
    omits_unchanged: bool = False
    lead: bytes = b""
    tail: Tail | None = None


@dataclass(frozen=True, slots=True)
class TagReport:
    """The body of one RO_ACCESS_REPORT, and how many reads it reports.

    One that is not told stands for reads that the client did not ask for.
    """

    body: bytes
    reads: int
    is_told: bool = True


_PLAIN = Style()
_Field = tuple[int, str, int | Value]  # TV type, form, value


class TagLayout:
    def __init__(
        self, selector: TagReportContentSelector, origin: Origin, style: Style = _PLAIN
    ) -> None:
        self._fields = _fields(selector, origin, style)
        self._style = style
        self._packers: dict[int, Callable[[TagRead], bytes]] = {}  # by bytes of EPC, 62 at most
        self._last: dict[int, int] = {}  # values that were told last, by TV type

    def encode(self, read: TagRead) -> bytes:
        """Give one TagReportData."""
        if self._style.omits_unchanged:
            data = self._changed(read)
        else:
            packer = self._packers.get(len(read.epc))
            if packer is None:
                packer = self._packers[len(read.epc)] = self._packer(len(read.epc), self._fields)
            data = packer(read)
        if self._style.tail is None and not self._style.lead:
            return data
        tail = self._style.tail(read) if self._style.tail is not None else b""
        return _extended(data, tail, self._style.lead)

    def encode_access(
        self, read: TagRead, access_spec_id: int, results: Iterable[OpSpecResult]
    ) -> bytes:
        """Give one TagReportData with what came of the AccessSpec that was carried out."""
        fields = [
            (number, form, access_spec_id if number == _ACCESS_SPEC_ID else value)
            for number, form, value in self._fields
        ]
        data = self._packer(len(read.epc), fields)(read)
        tail = self._style.tail(read) if self._style.tail is not None else b""
        return _extended(data, b"".join(map(encode_parameter, results)) + tail, self._style.lead)

    def _changed(self, read: TagRead) -> bytes:
        """Leave out what is as it was with the tag before (1.0.1 §14.2.3)."""
        told: list[_Field] = []
        for number, form, value in self._fields:
            now = value(read) if callable(value) else value
            if self._last.get(number) != now:
                told.append((number, form, now))
            self._last[number] = now
        return self._packer(len(read.epc), told)(read)

    def _packer(self, size: int, fields: Sequence[_Field]) -> Callable[[TagRead], bytes]:
        head = b"\x8d" if size == _EPC_96_BYTES else _TLV_HEADER.pack(_EPC_DATA, size + 6)
        head += b"" if size == _EPC_96_BYTES else (8 * size).to_bytes(2)
        form = "".join(f"B{kind}" for _, kind, _ in fields)
        layout = struct.Struct(f">{len(head) + 4}s{size}s{form}")
        head = _TLV_HEADER.pack(_TAG_REPORT_DATA, layout.size) + head
        values = [part for number, _, value in fields for part in (number, value)]

        def pack(read: TagRead) -> bytes:
            given = [part(read) if callable(part) else part for part in values]
            return layout.pack(head, read.epc, *given)

        return pack


class ReportBuffer:
    """Holds what was read until its ROReportSpec, or the client, wants it reported."""

    def __init__(self) -> None:
        self._tags: list[bytes] = []
        self._skipped: Counter[int] = Counter()  # reads that go with a tag, by its index
        self._lone_skipped = 0

    def __len__(self) -> int:
        return len(self._tags)

    def add(self, reads: Iterable[TagRead], layout: TagLayout) -> None:
        self._tags += map(layout.encode, reads)

    def add_tag(self, tag: bytes) -> None:
        """Add one TagReportData that is encoded already."""
        self._tags.append(tag)

    def add_survey(self, survey: bytes) -> None:
        """Add one RFSurveyReportData, which stands for no read."""
        self._skipped[len(self._tags)] -= 1
        self._tags.append(survey)

    def skip(self, reads: int) -> None:
        """Note reads that are not to be told, so that they count as delivered in their turn."""
        if self._tags:
            self._skipped[len(self._tags) - 1] += reads
        else:
            self._lone_skipped += reads

    def take_full(self, size: int) -> list[TagReport]:
        """Take out as many reports of exactly `size` tags as there are."""
        return self._take(size, len(self._tags) - len(self._tags) % size)

    def take_all(self) -> list[TagReport]:
        return self._take(MOST_TAGS, len(self._tags))

    def drop_oldest(self, count: int) -> None:
        self._take(MOST_TAGS, count)

    def clear(self) -> None:
        self._tags.clear()
        self._skipped.clear()
        self._lone_skipped = 0

    def _take(self, size: int, count: int) -> list[TagReport]:
        """Cut the first `count` tags into reports of `size`, or of what one message holds."""
        size = min(size, MOST_TAGS)
        taken, self._tags = self._tags[:count], self._tags[count:]
        skipped, self._skipped = self._skipped, Counter()
        lone, self._lone_skipped = self._lone_skipped, 0
        reports = [TagReport(b"", lone, is_told=False)] if lone else []
        for start in range(0, count, size):
            part = taken[start : start + size]
            reads = len(part)
            if skipped:
                reads += sum(skipped.pop(start + index, 0) for index in range(len(part)))
            reports.append(TagReport(b"".join(part), reads))
        self._skipped.update({index - count: reads for index, reads in skipped.items()})
        return reports


def _extended(data: bytes, tail: bytes, lead: bytes = b"") -> bytes:
    """Add whole parameters to a TagReportData, behind the others or before them."""
    length = len(data) + len(lead) + len(tail)
    return _TLV_HEADER.pack(_TAG_REPORT_DATA, length) + lead + data[4:] + tail


def _fields(selector: TagReportContentSelector, origin: Origin, style: Style) -> Sequence[_Field]:
    """Give TV type with its first bit set, form and value of each field after the EPC."""
    memory = next(iter(selector.epc_memory_selectors), C1G2EPCMemorySelector())
    shift_us, channels = style.shift_us, style.channels
    uptime = 0 if style.has_utc else 1  # added to the types of stamps
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
        (
            selector.enable_channel_index,
            7,
            "H",
            lambda read: read.at_us // _HOP_US % channels + 1,
        ),
        (selector.enable_first_seen_timestamp, 2 + uptime, "Q", lambda read: read.at_us + shift_us),
        (selector.enable_last_seen_timestamp, 4 + uptime, "Q", lambda read: read.at_us + shift_us),
        (selector.enable_tag_seen_count, 8, "H", lambda read: read.hits),
        (memory.enable_pc_bits, 12, "H", _protocol_control),
        (memory.enable_crc, 11, "H", _crc),
        (selector.enable_access_spec_id, 16, "I", 0),  # read without any access operation
    ]
    return [(0x80 | number, form, value) for on, number, form, value in table if on]


def _protocol_control(read: TagRead) -> int:
    """Give the PC word that a tag with this EPC backscatters: its length in words, no more."""
    return (len(read.epc) + 1) // 2 << 11


def _crc(read: TagRead) -> int:
    stored = _protocol_control(read).to_bytes(2) + read.epc
    return binascii.crc_hqx(stored, 0xFFFF) ^ 0xFFFF
